"""ff_vfx.composite.occlusion: what crosses the face is found where it is, and nothing where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.clean_face import measure_clean_face
from ff_vfx.composite.occlusion import in_front, occlusion_matte
from ff_vfx.fuse.crop import take_crop
from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import polygon_mask
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Crop, Fused

S, FLOOR = 384, 0.005
NUMBERS = range(1001, 1017)
CROSSING = range(1005, 1014)


@pytest.fixture(scope="module")
def plain(example_shot, example_solve) -> dict[int, Crop]:
    """The example's crops as they are."""
    from ff_vfx.plate import open_plate
    from ff_vfx.track.solve_file import load_solve

    plate = open_plate(str(example_shot / "plate.####.exr"))
    track = load_solve(example_solve).tracks[0]
    to_light = Transform.between(plate.colour_space, plate.colour_space)
    return {n: take_crop(plate.read(n), track.face(n), S, to_light) for n in NUMBERS}


def oval(crop: Crop) -> torch.Tensor:
    return polygon_mask(crop.points()[face_mesh().loops["oval"], :2], S)


def capsule(a: np.ndarray, b: np.ndarray, radius: float) -> torch.Tensor:
    """Soft-edged stroke from a to b, (1, S, S)."""
    y, x = torch.meshgrid(torch.arange(S) + 0.5, torch.arange(S) + 0.5, indexing="ij")
    d = b - a
    along = (((x - a[0]) * d[0] + (y - a[1]) * d[1]) / float(d @ d)).clamp(0.0, 1.0)
    distance = ((x - a[0] - along * d[0]).square() + (y - a[1] - along * d[1]).square()).sqrt()
    return gaussian((radius + 0.5 - distance).clamp(0.0, 1.0)[None], 0.8)


def noise(seed: int, sigma: float) -> torch.Tensor:
    made = gaussian(torch.randn(1, S, S, generator=torch.Generator().manual_seed(seed)), sigma)
    return made / made.std()


def stick(number: int, middle: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    at = middle + np.array([-80.0 + 20.0 * (number - 1005), 0.0])
    matte = torch.maximum(capsule(at, at + np.array([-40.0, 160.0]), 7.0), capsule(at, at + 0.5, 15.0))
    return torch.tensor([0.03, 0.03, 0.035])[:, None, None] * torch.exp(0.2 * noise(3, 0.8)), matte


def fingers(number: int, middle: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Skin a third of a stop darker and a little redder than the actor's."""
    at = middle + np.array([-110.0 + 22.0 * (number - 1005), 10.0])
    tips = [(-30.0, -75.0), (-8.0, -85.0), (14.0, -80.0), (36.0, -60.0)]
    roots = [np.array([0.55 * x, 0.0]) for x, _ in tips]
    parts = [capsule(at + root, at + np.array(tip), 9.0) for root, tip in zip(roots, tips, strict=True)]
    palm = capsule(at + np.array([2.0, 22.0]), at + np.array([4.0, 160.0]), 30.0)
    texture = torch.exp(0.05 * noise(5, 1.0) + 0.07 * noise(6, 4.0))
    return torch.tensor([0.23, 0.135, 0.1])[:, None, None] * texture, torch.stack([*parts, palm]).amax(0)


def crossed(plain: dict[int, Crop], what) -> tuple[dict[int, Crop], dict[int, torch.Tensor]]:
    crops, mattes = dict(plain), {}
    for number in CROSSING:
        crop = plain[number]
        picture, matte = what(number, crop.points()[:468, :2].mean(0))
        crops[number] = replace(crop, pixels=crop.pixels * (1.0 - matte) + picture * matte)
        mattes[number] = matte
    return crops, mattes


def overlap(made: torch.Tensor, true: torch.Tensor, mask: torch.Tensor) -> float:
    made, true = made * mask, true * mask
    return float(torch.minimum(made, true).sum() / torch.maximum(made, true).sum())


def test_where_nothing_is_in_front_the_matte_is_exactly_zero_through_a_blink_and_speech(plain):
    clean = measure_clean_face(list(plain.values()), FLOOR)
    for number, crop in plain.items():
        matte = occlusion_matte(clean, crop)
        assert matte.shape == (1, S, S) and matte.dtype == torch.float32
        assert not matte.any(), number


@pytest.mark.parametrize(("what", "least"), [(stick, 0.9), (fingers, 0.8)])
def test_what_crosses_the_face_is_found_where_it_is(plain, what, least):
    crops, mattes = crossed(plain, what)
    clean = measure_clean_face(list(crops.values()), FLOOR)
    found = {n: occlusion_matte(clean, crop) for n, crop in crops.items()}
    scores = [
        overlap(found[n], mattes[n], oval(crops[n])) for n in CROSSING if (mattes[n] * oval(crops[n])).sum() > 500
    ]
    assert len(scores) >= 6 and np.mean(scores) > least, scores
    assert not any(found[n].any() for n in NUMBERS if n not in CROSSING)
    assert all(m.min() >= 0.0 and m.max() <= 1.0 and torch.isfinite(m).all() for m in found.values())


def test_a_key_that_moves_and_a_stop_of_flicker_are_no_occluder(plain):
    ramp = torch.linspace(-1.0, 1.0, S)[None, None, :]
    lit = {}
    for k, (number, crop) in enumerate(plain.items()):
        stops = 0.08 * (k - 8) * ramp + 0.5 * (k % 2)
        lit[number] = replace(crop, pixels=crop.pixels * torch.exp(stops * 0.6931))
    clean = measure_clean_face(list(lit.values()), FLOOR)
    assert not any(occlusion_matte(clean, crop).any() for crop in lit.values())


def test_the_matte_is_a_pure_function_and_writes_into_nothing(plain):
    crops, _ = crossed(plain, stick)
    before = {n: crop.pixels._version for n, crop in crops.items()}
    clean, again = (measure_clean_face(list(crops.values()), FLOOR) for _ in range(2))
    assert torch.equal(occlusion_matte(clean, crops[1009]), occlusion_matte(again, crops[1009]))
    assert {n: crop.pixels._version for n, crop in crops.items()} == before


def test_highlights_and_negatives_give_numbers(plain):
    crops, _ = crossed(plain, stick)
    clean = measure_clean_face(list(crops.values()), FLOOR)
    hot = crops[1009].pixels.clone()
    hot[:, 150:160, 150:160], hot[:, 200:210, 200:220] = 65504.0, -5.0
    matte = occlusion_matte(clean, replace(crops[1009], pixels=hot))
    assert torch.isfinite(matte).all() and matte.min() >= 0.0 and matte.max() <= 1.0


def test_too_few_frames_tell_nothing_and_the_amount_scales(plain):
    crops, _ = crossed(plain, stick)
    assert measure_clean_face([crops[1009], crops[1010]], FLOOR) is None
    assert not occlusion_matte(None, crops[1009]).any()
    clean, still = measure_clean_face(list(crops.values()), FLOOR), torch.zeros(1, S, S)
    pixels = crops[1009].pixels
    fused = Fused(pixels, pixels, torch.zeros(2, S, S), still, crops[1009].points())
    whole, half, off = (in_front(clean, crops[1009], fused, amount).plate for amount in (1.0, 0.5, 0.0))
    assert whole.max() == 1.0 and torch.equal(half, whole * 0.5) and not off.any()
