"""Two laws under every setting of post: no frame knows its order, and what is not new is the plate's own bits."""

from __future__ import annotations

import random

import pytest
import torch

from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.shot import Shot, prepare, render_frame
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.layers import Layers
from ff_vfx.types.settings import settings_from
from tests.synthetic import SyntheticPlate, picture, posed_face, solve_of, track_of

SIDE, CROP = 160, 64
NUMBERS = tuple(range(1, 8))
FACES = {n: posed_face(centre=(79.0 + 0.5 * n, 72.0), scale=40.0) for n in NUMBERS}
VARIANTS: dict[str, dict[str, object]] = {
    "as it is": {},
    "window 2": {"window": 2},
    "window 0": {"window": 0},
    "attention": {"merge": "attention"},
    "median": {"merge": "median"},
    "every third frame": {"keyframe_interval": 3},
    "every third frame, median, trusted": {"keyframe_interval": 3, "merge": "median", "trusted": (3,)},
    "one scale": {"scales": 1},
    "five scales": {"scales": 5},
    "jitter left alone": {"align_px": 0.0},
    "a curve of weights": {"weights": {2: 1.0, 4: 0.0, 6: 0.7}},
    "a trusted frame": {"trusted": (2,), "window": 1},
    "fast flow": {"flow": "fast"},
    "medium flow": {"flow": "medium"},
    "finest flow": {"flow": "finest"},
    "amounts of parts": {"eyes_amount": 0.3, "mouth_amount": 0.0, "amount": 0.8},
}


class Placing:
    """The plate as it is."""

    def place(self, crop: Crop) -> Fused:
        size = crop.pixels.shape[-1]
        grid = pixel_grid(size, size).permute(2, 0, 1)
        return Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, size, size), crop.points())

    def fuse(self, crop: Crop) -> Fused:
        return self.place(crop)


class Flickering(Placing):
    """A new face that shivers, changes its colour and has noise of its own on each frame."""

    def fuse(self, crop: Crop) -> Fused:
        return self._drawn(crop, torch.zeros(()))

    def _drawn(self, crop: Crop, shade: torch.Tensor) -> Fused:
        made = self.place(crop)
        chance = torch.Generator().manual_seed(crop.number)
        shift, gain = torch.randn(2, generator=chance), 1.0 + 0.1 * torch.randn(3, 1, 1, generator=chance)
        grid = pixel_grid(CROP, CROP)
        face = sample(picture(90, CROP, CROP), grid + 0.5 * shift) * gain * torch.exp2(shade)
        face = face * (1.0 + 0.05 * torch.randn(face.shape, generator=chance))
        inside = ((grid - CROP / 2).norm(dim=-1) < 0.4 * CROP)[None]
        return Fused(torch.where(inside, face, made.surround), made.surround, made.source, made.reach, made.points)


class Coded(Flickering):
    """The same with a code of its own, which flickers too."""

    def code(self, crop: Crop) -> torch.Tensor:
        return 0.2 * torch.randn(4, generator=torch.Generator().manual_seed(100 + crop.number))

    def fuse(self, crop: Crop) -> Fused:
        return self.fuse_with(crop, self.code(crop))

    def fuse_with(self, crop: Crop, code: torch.Tensor) -> Fused:
        return self._drawn(crop, code[0])


def pixels(number: int) -> torch.Tensor:
    grain = 0.004 * torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(number))
    return sample(picture(91, SIDE, SIDE), pixel_grid(SIDE, SIDE) - torch.tensor([0.5 * number, 0.0])) + grain


FRAMES = {n: pixels(n) for n in NUMBERS}


def shot_of(fuser: Placing, steady: dict[str, object], cuts: tuple[int, ...] = ()) -> Shot:
    track, plate = track_of(FACES), SyntheticPlate(dict(FRAMES), torch.float32)
    settings = settings_from("post", {"fuse": {"crop_px": CROP}, "steady": steady})
    return prepare(plate, solve_of(track, plate.size, cuts), track, fuser, settings)


def same(one: Layers, other: Layers) -> bool:
    planes = all(torch.equal(one.planes[name], other.planes[name]) for name in one.planes)
    return planes and torch.equal(one.fused, other.fused) and one.planes.keys() == other.planes.keys()


def holds(fuser: type[Placing], steady: dict[str, object], cuts: tuple[int, ...] = ()) -> None:
    ranged = shot_of(fuser(), steady, cuts)
    whole = {n: render_frame(ranged, n) for n in NUMBERS}
    order = list(NUMBERS)
    random.Random(len(str(steady))).shuffle(order)
    shuffled = shot_of(fuser(), steady, cuts)
    for number in order[:3]:
        assert same(render_frame(shuffled, number), whole[number]), (order, number)
    for number in (4, 5):
        assert same(render_frame(shot_of(fuser(), steady, cuts), number), whole[number]), number


@pytest.mark.parametrize("name", VARIANTS)
def test_a_frame_alone_in_a_range_and_in_any_order_is_one_frame(name):
    holds(Flickering, VARIANTS[name])


def test_a_frame_does_not_know_its_order_where_the_fuser_has_a_code():
    holds(Coded, {})


def test_a_frame_does_not_know_its_order_beside_a_cut():
    holds(Flickering, {"keyframe_interval": 3}, cuts=(4,))


@pytest.mark.parametrize("name", VARIANTS)
def test_where_nothing_is_new_every_setting_gives_the_plates_own_bits(name):
    shot = shot_of(Placing(), VARIANTS[name])
    for number in (3, 4):
        layers = render_frame(shot, number)
        rows, columns = layers.window.slices(layers.frame.data_window)
        assert layers.coverage.max() == 1.0, "the matte is on: the law says something"
        assert torch.equal(layers.fused, layers.frame.pixels[:3, rows, columns])


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "window 0"])
def test_every_setting_shows_another_picture_than_no_steadying(name):
    steadied, raw = (render_frame(shot_of(Flickering(), VARIANTS[key]), 4) for key in (name, "window 0"))
    assert not torch.equal(steadied.planes["ffFace.R"], raw.planes["ffFace.R"])
