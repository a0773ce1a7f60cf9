"""ff_vfx.fuse.swap.plan and swap_layout: one size for the shot, and whose face."""

import dataclasses

import numpy as np
import pytest

from ff_vfx.errors import BadInput, ModelError
from ff_vfx.fuse.swap.layout import swap_layout
from ff_vfx.fuse.swap.plan import aligned_side, identity_input, swap_plan
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.settings import FuseSettings
from ff_vfx.types.template import TEMPLATES
from tests.synthetic import posed_face, track_of


class Net:
    """Gives back what it is shown. batch: None, or the fixed first axis."""

    def __init__(self, side, template="arcface_128", multiple=1, batch=1, least=0):
        picture = TensorSpec("in", (batch, 3, side, side), role="picture")
        out = dataclasses.replace(picture, name="out")
        self.spec = EngineSpec(
            "net", "swapper", (picture,), (out,), template=TEMPLATES.get(template), multiple=multiple
        )
        self.shown: list[tuple[int, ...]] = []

    def run(self, inputs):
        self.shown.append(inputs["in"].shape)
        return {"out": inputs["in"].copy()}


def sized(px: float):
    """A track whose aligned square is px wide in the plate."""
    unit = aligned_side(track_of({1: posed_face(scale=100.0)}), TEMPLATES["arcface_128"])
    return track_of({n: posed_face(scale=100.0 * px / unit) for n in (1, 2, 3)})


@pytest.mark.parametrize(
    ("px", "boost"), [(40, 1), (128, 1), (150, 1), (160, 2), (250, 2), (260, 3), (400, 3), (900, 3)]
)
def test_a_face_larger_than_the_network_boosts_it_and_a_smaller_one_does_not(px, boost):
    assert swap_plan(Net(128), sized(px), FuseSettings()).boost == boost


def test_the_artists_word_wins():
    assert swap_plan(Net(128), sized(400), FuseSettings(boost=1)).boost == 1
    assert swap_plan(Net(128), sized(40), FuseSettings(boost=6)).boost == 6


@pytest.mark.parametrize(("px", "side"), [(20, 96), (100, 128), (200, 256), (400, 512), (3000, 1024)])
def test_a_network_of_open_size_runs_small_for_small_faces_in_steps_it_takes(px, side):
    assert swap_plan(Net(None, multiple=32), sized(px), FuseSettings()).side == side


def test_one_size_holds_for_the_whole_shot_whatever_one_frame_does():
    track = track_of({n: posed_face(scale=100.0) for n in range(1, 21)} | {7: posed_face(scale=300.0), 9: None})
    alone = track_of({1: posed_face(scale=100.0)})
    plans = [swap_plan(Net(None, multiple=8), one, FuseSettings()) for one in (track, alone)]
    assert plans[0] == plans[1]


def test_a_track_without_a_face_still_has_a_plan():
    assert swap_plan(Net(128), track_of({1: None}), FuseSettings()).boost == 1


def test_a_network_of_one_picture_a_run_is_run_one_by_one_and_not_measured():
    net = Net(128, batch=1)
    plan = swap_plan(net, sized(100), FuseSettings())
    assert (plan.most, plan.pictures) == (1, 1) and net.shown == []


def test_as_many_at_once_as_change_no_bit_are_taken():
    class Careless(Net):
        def run(self, inputs):
            made = super().run(inputs)
            return {"out": made["out"] + (1e-3 if len(inputs["in"]) > 2 else 0.0)}

    assert swap_plan(Net(128, batch=None), sized(100), FuseSettings(batch=4)).most == 4
    assert swap_plan(Careless(128, batch=None), sized(100), FuseSettings(batch=4)).most == 2
    boosted = swap_plan(Net(128, batch=None), sized(100), FuseSettings(batch=4, boost=2))
    assert (boosted.most, boosted.pictures) == (2, 8)


def test_a_slow_network_is_not_run_over_and_over_to_measure_it(monkeypatch):
    monkeypatch.setattr("ff_vfx.fuse.swap.plan._SLOW_S", 0.0)
    net = Net(128, batch=None)
    assert swap_plan(net, sized(100), FuseSettings()).most == 1 and len(net.shown) == 2


def spec_of(*inputs, outputs=None):
    out = TensorSpec("out", (1, 3, 128, 128))
    return EngineSpec("net", "swapper", inputs, outputs or (out,))


PICTURE, SOURCE = TensorSpec("target", (1, 3, 128, 128)), TensorSpec("source", (1, 512), "flat")


def test_without_roles_shapes_tell_a_picture_from_an_identity():
    layout = swap_layout(spec_of(SOURCE, PICTURE))
    assert (layout.picture, layout.identity, layout.side) == (PICTURE, SOURCE, 128)


@pytest.mark.parametrize(
    "spec",
    [
        spec_of(SOURCE),
        spec_of(PICTURE, dataclasses.replace(PICTURE, name="second")),
        spec_of(PICTURE, TensorSpec("age", (1,), "flat")),
        spec_of(TensorSpec("target", (1, 3, 128, 96))),
        spec_of(TensorSpec("target", (1, 1, 128, 128))),
        spec_of(TensorSpec("target", (4, 3, 128, 128))),
        spec_of(PICTURE, outputs=(TensorSpec("out", (1, 512)),)),
    ],
)
def test_what_is_no_swapper_is_refused_with_its_shapes(spec):
    with pytest.raises(ModelError, match=r"model net: .*\[?1?4?,? ?.*manifest"):
        swap_layout(spec)


def latent(embedding, matrix=None, length=512):
    layout = swap_layout(spec_of(PICTURE, TensorSpec("source", (1, length), "flat")))
    return identity_input(layout, embedding, matrix, "net")


def test_an_embedding_is_brought_to_length_1_and_through_the_matrix_and_again():
    rng = np.random.default_rng(0)
    embedding, matrix = rng.standard_normal(512) * 9.0, rng.standard_normal((512, 256))
    plain, through = latent(embedding), latent(embedding, matrix, 256)
    assert plain.shape == (1, 512) and plain.dtype == np.float32
    assert np.allclose(plain[0], embedding / np.linalg.norm(embedding), atol=1e-6)
    wanted = plain[0] @ matrix
    assert np.allclose(through[0], wanted / np.linalg.norm(wanted), atol=1e-6)


def test_without_an_identity_input_nobody_need_say_whose_face():
    assert identity_input(swap_layout(spec_of(PICTURE)), None, None, "net") is None


@pytest.mark.parametrize("shape", [(1, 512), (None, None), (1, 512, 1, 1)])
def test_an_identity_takes_the_shape_its_input_has(shape):
    source = TensorSpec("source", shape, "flat", role="identity")
    made = identity_input(swap_layout(spec_of(PICTURE, source)), np.ones(512), None, "net")
    assert made is not None and made.shape == tuple(n or m for n, m in zip(shape, (1, 512, 1, 1)))


@pytest.mark.parametrize(
    ("embedding", "matrix", "said"),
    [
        (None, None, "name a recogniser"),
        (np.ones(128), None, "takes 512 numbers, the recogniser gives 128"),
        (np.ones(128), np.ones((512, 512)), r"matrix is \(512, 512\), the recogniser gives 128"),
        (np.ones(512), np.ones((512, 256)), "takes 512 numbers, the recogniser gives 256"),
        (np.zeros(512), None, "empty or not finite"),
        (np.full(512, np.nan), None, "empty or not finite"),
    ],
)
def test_an_embedding_that_does_not_fit_is_refused_with_both_lengths(embedding, matrix, said):
    with pytest.raises(BadInput, match=f"swapper net: .*{said}"):
        latent(embedding, matrix)
