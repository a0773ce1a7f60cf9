"""A swapper network through the whole shot: the laws of docs/concepts.md with every layout, boosted and in batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine import IdentityEngine
from ff_vfx.engine.model import open_manifest
from ff_vfx.errors import ModelError
from ff_vfx.fuse.swap.fuser import SwapFuser
from ff_vfx.fuse.swap.layout import swap_layout
from ff_vfx.fuse.swap.plan import swap_plan
from ff_vfx.shot import prepare, render_frame
from ff_vfx.types.settings import settings_from
from tests.contract.swappers import FAMILIES, INSWAPPER, write_swapper
from tests.synthetic import SPACE, SyntheticPlate, solve_of, track_of
from tests.test_shot import FACES, bits, plates, whole


def fuser_of(folder, family, kind, boost=1, batch=4, faces=FACES) -> SwapFuser:
    engine = open_manifest(write_swapper(folder, family, kind))
    fuse = settings_from("post", {"fuse": {"boost": boost, "batch": batch}}).fuse
    latent = np.full((1, family.length), family.length**-0.5, np.float32) if family.length else None
    return SwapFuser(engine, Bridge(SPACE, 1.0), swap_plan(engine, track_of(faces), fuse), latent)


def shot_of(plate, fuser, **changes):
    track = track_of(FACES)
    return prepare(
        plate, solve_of(track, plate.size), track, fuser, settings_from("post", {"fuse": {"crop_px": 192}, **changes})
    )


def hdr_plate(dtype=torch.float16) -> SyntheticPlate:
    frames = plates()
    for n in frames:
        frames[n][:, 100:140, 90:150] *= 30.0
        frames[n][:, 150:160, 90:150] = -0.02
        frames[n][0, 120, 120], frames[n][1, 121, 121], frames[n][2, 125, 118] = float("nan"), float("inf"), -0.0
    return SyntheticPlate(frames, dtype)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_null_law_with_an_identity_network_every_layer_is_as_if_nothing_were_drawn(tmp_path, family):
    plate = hdr_plate(torch.float32)
    layers = render_frame(shot_of(plate, fuser_of(tmp_path, family, "identity")), 4)
    assert layers.coverage.max() == 1.0, "the matte is on: the law says something"
    frame = plate.read(4)
    assert torch.equal(bits(whole(layers)), bits(frame.pixels))
    plain = render_frame(shot_of(hdr_plate(torch.float32), SwapFuser(IdentityEngine(), Bridge(SPACE, 1.0))), 4)
    assert set(plain.planes) == set(layers.planes)
    for name, plane in plain.planes.items():
        assert torch.equal(bits(plane), bits(layers.planes[name])), name


@pytest.mark.parametrize("boost", [2, 3])
def test_null_law_holds_boosted_and_in_half(tmp_path, boost):
    plate = hdr_plate()
    shot = shot_of(plate, fuser_of(tmp_path, INSWAPPER, "identity", boost))
    for number in (1, 4):
        assert torch.equal(bits(whole(render_frame(shot, number))), bits(plate.read(number).pixels))


def test_the_layers_are_those_of_any_other_fuser(tmp_path):
    layers = render_frame(shot_of(SyntheticPlate(plates()), fuser_of(tmp_path, INSWAPPER, "tint")), 4)
    groups = {name.split(".")[0] for name in layers.planes}
    assert groups == {"ffFace", "ffRaw", "ffMatte", "ffAux", "ffSt", "forward", "backward"}
    assert all(torch.isfinite(plane).all() for plane in layers.planes.values())
    rows, columns = layers.window.slices(layers.frame.data_window)
    assert (layers.fused - layers.frame.pixels[:3, rows, columns].float()).abs().max() > 0.02, "there is a new face"


def test_a_frame_alone_is_the_frame_in_any_order_and_any_batch(tmp_path):
    def rendered(order, batch):
        shot = shot_of(SyntheticPlate(plates()), fuser_of(tmp_path, INSWAPPER, "strided", 1, batch))
        return bits(whole([render_frame(shot, number) for number in order][-1]))

    alone = rendered((4,), 1)
    for order in ((4,), (1, 2, 3, 4), (7, 4), (6, 5, 4)):
        assert torch.equal(rendered(order, 4), alone)


def test_frames_of_a_range_are_fused_together_and_read_no_oftener_than_one_by_one(tmp_path):
    def reads(batch):
        fuser = fuser_of(tmp_path, INSWAPPER, "strided", 1, batch)
        plate = SyntheticPlate(plates())
        shot = shot_of(plate, fuser, steady={"window": 0})
        before = len(plate.reads)
        for number in range(1, 8):
            render_frame(shot, number)
        return len(plate.reads) - before

    assert reads(4) <= reads(1) + 7


class AtFrame:
    """Throws, or gives nan, on one frame's picture, known by its mean."""

    def __init__(self, inner, what: str) -> None:
        self.inner, self.spec, self.what = inner, inner.spec, what
        self.marked: np.ndarray | None = None

    def run(self, inputs):
        made = self.inner.run(inputs)
        if self.marked is not None:
            hit = [np.allclose(one, self.marked, atol=1e-7) for one in inputs["target"]]
            if any(hit) and self.what == "throws":
                raise ModelError(f"model {self.spec.name}: out of memory")
            if any(hit):
                made["output"] = np.where(np.array(hit)[:, None, None, None], np.nan, made["output"])
        return made


@pytest.mark.parametrize(("what", "said"), [("throws", "out of memory"), ("nan", "nan or infinity")])
def test_a_network_that_fails_on_one_frame_fails_that_frame_alone(tmp_path, what, said):
    from dataclasses import replace

    from ff_vfx.colour import Transform
    from ff_vfx.fuse.crop import take_crop

    plain = fuser_of(tmp_path, INSWAPPER, "strided")
    engine = AtFrame(plain.engine, what)
    fuser, plate = replace(plain, engine=engine), SyntheticPlate(plates())
    crop = take_crop(plate.read(5), FACES[5], 192, Transform.between(SPACE, SPACE))
    engine.marked = fuser._part(crop, swap_layout(engine.spec)).shown.numpy()
    shot = shot_of(plate, fuser)
    failed = {}
    for number in range(1, 8):
        try:
            assert render_frame(shot, number).coverage.max() > 0.9
        except ModelError as error:
            failed[number] = str(error)
    assert list(failed) == [5]
    assert failed[5].startswith("frame 5: ") and "inswapper_like_strided" in failed[5] and said in failed[5]
    alone = shot_of(SyntheticPlate(plates()), fuser)
    again = shot_of(SyntheticPlate(plates()), fuser)
    [render_frame(again, number) for number in (1, 2, 3)]
    assert torch.equal(whole(render_frame(alone, 4)), whole(render_frame(again, 4))), "its neighbours: in any order"
