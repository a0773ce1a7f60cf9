from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
import torch

from benchmarks.truth.fusers import OFF, Flicker, FlickeringFuser, TruthFuser
from benchmarks.truth.made_shots import made_shot
from benchmarks.truth.solve_of import DetectionNoise, detected, solve_of
from ff_vfx.colour import Transform
from ff_vfx.fuse.crop import take_crop
from ff_vfx.image.sample import sample_affine
from ff_vfx.types.fused import Crop, Fused

SAME = Transform.between("ACEScg", "ACEScg")
SIZE = 128


@cache
def shot():
    return made_shot("small_face", 8)


@cache
def crop(number: int) -> Crop:
    track = solve_of(shot()).tracks[0]
    return take_crop(shot().plate.read(number), track.face(number), SIZE, SAME)


def same(a: Fused, b: Fused, skip: str = "") -> bool:
    pairs = [(getattr(a, f.name), getattr(b, f.name)) for f in fields(Fused) if f.name != skip]
    return all(np.array_equal(np.asarray(x), np.asarray(y)) for x, y in pairs)


def test_the_truth_fuser_gives_the_truth_in_the_crop():
    made = TruthFuser(shot()).fuse(crop(1003))
    assert torch.equal(made.picture, sample_affine(shot().truth[1003], crop(1003).to_plate, SIZE, SIZE))
    assert torch.equal(made.surround, crop(1003).pixels)
    assert float(made.reach.abs().max()) == 0.0
    assert np.abs(made.points - crop(1003).points()).max() == 0.0


@pytest.mark.parametrize("fuser", [TruthFuser, FlickeringFuser])
def test_placing_is_fusing_without_the_picture(fuser):
    placed, fused = fuser(shot()).place(crop(1002)), fuser(shot()).fuse(crop(1002))
    assert same(placed, fused, skip="picture")
    assert torch.equal(placed.picture, placed.surround)


def test_with_every_part_off_it_is_the_truth():
    quiet = FlickeringFuser(shot(), OFF)
    for number in shot().plate.numbers:
        assert torch.equal(quiet.fuse(crop(number)).picture, TruthFuser(shot()).fuse(crop(number)).picture)


@pytest.mark.parametrize(
    "part",
    [{"jitter_px": 0.25}, {"texture": 0.12}, {"drift": 0.05}, {"jump": 0.25}],
)
def test_each_part_alone_changes_the_picture(part):
    fuser = FlickeringFuser(shot(), replace(OFF, **part))
    changed = [
        not torch.equal(fuser.fuse(crop(n)).picture, TruthFuser(shot()).fuse(crop(n)).picture)
        for n in shot().plate.numbers
    ]
    assert sum(changed) == (4 if "jump" in part else len(changed))


def test_a_frame_is_the_same_alone_and_in_any_order():
    numbers = list(shot().plate.numbers)
    one, other = FlickeringFuser(shot()), FlickeringFuser(shot())
    forth = {n: one.fuse(crop(n)) for n in numbers}
    back = {n: other.fuse(crop(n)) for n in reversed(numbers)}
    assert all(same(forth[n], back[n]) for n in numbers)


def test_the_picture_goes_where_the_landmarks_say():
    given = crop(1002)
    shifted = replace(given, face=replace(given.face, landmarks=given.face.landmarks + np.array([2.0, -1.0, 0.0])))
    made = FlickeringFuser(shot(), replace(OFF, aligned=True)).fuse(shifted).picture
    move = given.to_plate.clone()
    move[:2, 2] -= torch.tensor([2.0, -1.0], dtype=torch.float64)
    assert torch.allclose(made, sample_affine(shot().truth[1002], move, SIZE, SIZE), atol=1e-4)


def test_its_errors_have_the_sizes_they_are_given():
    fuser = FlickeringFuser(shot(), replace(OFF, texture=0.12))
    made, truth = fuser.fuse(crop(1002)).picture, TruthFuser(shot()).fuse(crop(1002)).picture
    inside = truth > 0.05
    assert float((made / truth)[inside].log2().std()) == pytest.approx(0.12, rel=0.15)
    assert Flicker() == Flicker(True, 0.25, 0.12, 1.5, 0.05, 0.5, 0.25)


def test_true_points_give_a_true_solve():
    track = solve_of(shot()).tracks[0]
    assert set(track.status) == {"tracked"}
    for row, number in enumerate(track.numbers):
        assert np.abs(track.landmarks[row] - shot().landmarks[int(number)]).max() < 1e-3


def test_unsmoothed_detections_carry_the_noise_they_are_given_and_smoothing_takes_most_of_it():
    raw, smooth = (solve_of(shot(), smoother=s).tracks[0] for s in ("none", "zero_phase"))
    true = np.stack([shot().landmarks[n] for n in shot().plate.numbers])
    assert np.abs(raw.landmarks[1] - detected(true[1], DetectionNoise(), 1002)).max() < 1e-3
    shaken = [np.diff((t.landmarks - true)[..., :2].mean(1), axis=0).std() for t in (raw, smooth)]
    assert 0.7 < shaken[0] < 2.2
    assert shaken[1] < 0.4 * shaken[0]


def test_detections_repeat_and_differ_from_frame_to_frame():
    points = shot().landmarks[1001]
    noise = DetectionNoise()
    assert np.array_equal(detected(points, noise, 1001), detected(points, noise, 1001))
    assert not np.array_equal(detected(points, noise, 1001), detected(points, noise, 1002))
