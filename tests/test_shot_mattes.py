"""ff_vfx.shot with networks for the mattes: the laws hold, what is worn or held before the face stays in front."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ff_vfx.composite.sight import MatteNetworks
from ff_vfx.errors import ModelError
from ff_vfx.shot import Shot, prepare, render_frame
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import settings_from
from tests.composite.by_colour import HIGH, ByColour, Failing, grey, marked, occluder_of, parser_of, parser_spec
from tests.synthetic import SyntheticPlate, posed_face, solve_of, track_of
from tests.test_order import Flickering, Placing, same

SIDE, CROP = 160, 64
NUMBERS = tuple(range(1, 8))
FACES = {n: posed_face(centre=(79.0 + 0.5 * n, 72.0), scale=40.0) for n in NUMBERS}
FRINGE = (66, 56, 82, 82)  # green: hair over the brow


def plates(**odd: torch.Tensor) -> dict[int, torch.Tensor]:
    made = {}
    for n in NUMBERS:
        grain = 0.004 * torch.randn(1, SIDE, SIDE, generator=torch.Generator().manual_seed(n)).expand(3, -1, -1)
        x0, y0, x1, y1 = FRINGE
        made[n] = marked(grey(SIDE) + grain, "green", (x0 + n // 2, y0, x1 + n // 2, y1))
    return made | {int(k[1:]): v for k, v in odd.items()}


def networks(**more: object) -> MatteNetworks:
    return replace(parser_of(ByColour(parser_spec())), occluder=occluder_of().occluder)


def shot_of(
    fuser: Placing,
    frames: dict[int, torch.Tensor] | None = None,
    by: MatteNetworks | None = None,
    preset: str = "post",
    cuts: tuple[int, ...] = (),
    **changes: object,
) -> Shot:
    track, plate = track_of(FACES), SyntheticPlate(dict(frames or plates()), torch.float32)
    settings = settings_from(preset, {"fuse": {"crop_px": CROP}, **changes})
    return prepare(plate, solve_of(track, plate.size, cuts), track, fuser, settings, networks=by)


def in_fringe(plane: torch.Tensor, layers: Layers) -> torch.Tensor:
    """The fringe on frame 4, well inside, in the layers' window."""
    x0, y0, x1, y1 = FRINGE
    w = layers.window
    return plane[..., y0 + 5 - w.y0 : y1 - 5 - w.y0, x0 + 7 - w.x0 : x1 - 3 - w.x0]


def test_hair_over_the_face_stays_in_front_and_has_its_layers():
    plain, made = (render_frame(shot_of(Flickering(), by=by), 4) for by in (None, networks()))
    assert in_fringe(plain.coverage, plain).min() > 0.9, "the mesh alone knows of no hair"
    assert in_fringe(made.coverage, made).max() < 0.05
    assert in_fringe(made.planes["ffMatte.blue"], made).min() > 0.9
    assert in_fringe(made.planes["ffMatte.alpha"], made).min() > 0.9
    assert in_fringe(made.planes["ffMatte.green"], made).max() < 0.05
    assert made.coverage.max() == 1.0 and made.coverage.sum() > 0.7 * plain.coverage.sum()


def test_parts_still_add_up_to_the_coverage():
    made = render_frame(shot_of(Flickering(), by=networks(), composite={"occlusion": 0.4}), 4)
    parts = made.cryptomattes[1].coverage
    assert {"hair", "glasses", "ears", "neck", "hat", "cloth"} <= set(parts)
    assert (sum(parts.values()) - made.coverage[0]).abs().max() < 0.05
    assert in_fringe(parts["hair"], made).min() > 0.3


@pytest.mark.parametrize("window", [0, 1, 2])
def test_null_law_holds_with_networks_on(window):
    shot = shot_of(Placing(), by=networks(), composite={"matte_window": window})
    for number in (3, 4):
        layers = render_frame(shot, number)
        rows, columns = layers.window.slices(layers.frame.data_window)
        assert layers.coverage.max() == 1.0 and layers.coverage.min() == 0.0
        assert torch.equal(layers.fused, layers.frame.pixels[:3, rows, columns])


@pytest.mark.parametrize(
    ("steady", "cuts"), [({}, ()), ({"keyframe_interval": 3}, (4,)), ({"window": 0}, ()), ({"merge": "median"}, (5,))]
)
def test_a_frame_alone_in_a_range_and_in_any_order_is_one_frame(steady, cuts):
    def fresh() -> Shot:
        return shot_of(Flickering(), by=networks(), cuts=cuts, steady=steady, composite={"matte_window": 2})

    ranged = fresh()
    whole = {n: render_frame(ranged, n) for n in NUMBERS}
    shuffled = fresh()
    for number in (6, 2, 5, 4):
        assert same(render_frame(shuffled, number), whole[number]), number
    assert same(render_frame(fresh(), 4), whole[4])


def test_live_takes_networks_too_and_changes_no_bit_of_what_is_not_new():
    shot = shot_of(Placing(), by=networks(), preset="live")
    for number in (1, 2, 3):
        layers = render_frame(shot, number)
        rows, columns = layers.window.slices(layers.frame.data_window)
        assert layers.coverage.max() == 1.0 and torch.equal(layers.fused, layers.frame.pixels[:3, rows, columns])


class Blind(ByColour):
    """It takes all for skin where the picture's corner is white."""

    def run(self, inputs):
        made = super().run(inputs)
        picture = inputs[self.spec.inputs[0].name]
        if picture[0, 0, -2, -2] > 0.9 * HIGH[0]:
            made["out"][:, 2:] = made["out"][:, :1] = -30.0
        return made


def test_a_frame_whose_mattes_pop_is_held_by_its_neighbours():
    odd = plates()
    odd[4][:, 140:, 130:] = 4.0
    held, alone = (
        render_frame(shot_of(Flickering(), odd, parser_of(Blind(parser_spec())), composite={"matte_window": w}), 4)
        for w in (1, 0)
    )
    assert in_fringe(alone.coverage, alone).mean() > 0.9, "by itself the frame shows no hair"
    assert in_fringe(held.coverage, held).mean() < 0.3


def test_a_parser_that_answers_nonsense_does_not_delete_the_face_and_is_told():
    def background(logits: np.ndarray) -> np.ndarray:
        made = np.zeros_like(logits)
        made[:, 0] = 40.0
        return made

    plain = render_frame(shot_of(Flickering()), 4)
    made = render_frame(shot_of(Flickering(), by=parser_of(ByColour(parser_spec(), background))), 4)
    assert same(plain, made) or torch.equal(plain.coverage, made.coverage)
    told = made.decisions["mattes"]
    assert (
        isinstance(told, dict)
        and "found 0 % of the face on this frame: the embedded mattes were used" in told["parser"]
    )


def test_a_network_that_throws_on_one_frame_fails_that_frame_alone():
    red = plates()
    red[4] = marked(red[4], "red", (90, 90, 100, 100))
    shot = shot_of(Flickering(), red, parser_of(Failing(parser_spec())))
    for number in (3, 5):
        assert in_fringe(render_frame(shot, number).coverage, render_frame(shot, number)).max() < 0.3
    with pytest.raises(ModelError, match="frame 4: model colours: out of memory"):
        render_frame(shot, 4)


def test_an_artists_matte_wins_over_networks_too():
    mine = torch.zeros(1, SIDE, SIDE)
    mine[:, 50:60, 70:80] = 1.0
    shot = replace(shot_of(Flickering(), by=networks()), matte=lambda number, window: mine)
    layers = render_frame(shot, 4)
    rows, columns = layers.window.slices(layers.frame.data_window)
    assert torch.equal(layers.planes["ffMatte.red"], mine[0, rows, columns])
