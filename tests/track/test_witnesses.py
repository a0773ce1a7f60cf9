"""Detections and the plate's motion, one of them wrong for a while: the other one carries the face over."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.truth.made_shots import made_shot
from benchmarks.truth.solve_of import solve_of
from ff_vfx.track.jumps import lasting_jumps
from ff_vfx.track.regions import firm_points
from ff_vfx.track.shared import shared_by_all
from ff_vfx.track.smooth import smooth_take
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.settings import TrackSettings

FRAMES = 30
WRONG = slice(13, 17)


def _take() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """truth, raw, shift, trust: a face that sways, all of it detected 0.7 px off on each frame and each point 0.3."""
    rng = np.random.default_rng(3)
    t = np.arange(FRAMES)[:, None, None]
    truth = face_mesh().canonical[None] * 140.0 + 300.0 + np.concatenate([9 * np.sin(t / 5.0), 0 * t, 0 * t], 2)
    raw = truth + rng.normal(0, 0.7, (FRAMES, 1, 3)) + rng.normal(0, 0.3, truth.shape)
    shift = np.full((FRAMES, 478, 2), np.nan)
    shift[1:] = np.diff(truth[..., :2], axis=0) + rng.normal(0, 0.1, (FRAMES - 1, 478, 2))
    return truth, raw, shift, np.where(np.isnan(shift[..., 0]), 0.0, 0.9)


def _rms(difference: np.ndarray) -> float:
    return float(np.sqrt((difference[..., :2] ** 2).sum(-1).mean()))


def test_a_hand_that_drags_the_flow_alone_does_not_drag_the_face():
    shot = made_shot("occluder")
    numbers = list(shot.plate.numbers)
    truth = np.stack([shot.landmarks[n] for n in numbers])
    (track,) = solve_of(shot, smoother="zero_phase").tracks
    assert _rms(track.raw - truth) > 1.4
    assert _rms(track.landmarks - truth) < 0.6
    assert max(_rms(row) for row in track.landmarks - truth) < 1.2, "nor on the frames before it comes"


@pytest.mark.parametrize("speed", [8.0, 40.0])
def test_flow_that_is_wrong_for_all_points_leaves_a_jump_that_the_detections_mend(speed):
    truth, raw, shift, trust = _take()
    shift[WRONG, :, 0] += speed
    smooth = smooth_take(raw, shift, trust, TrackSettings())
    assert _rms(smooth - truth) < 1.1 * _rms(raw - truth)
    outside = np.r_[0:10, 20:FRAMES]
    assert _rms((smooth - truth)[outside]) < 0.9


def test_detections_that_are_wrong_for_all_points_come_back_and_are_not_followed():
    truth, raw, shift, trust = _take()
    raw[WRONG, :, 0] += np.array([4.0, 9.0, 11.0, 6.0])[:, None]
    smooth = smooth_take(raw, shift, trust, TrackSettings())
    assert _rms((smooth - truth)[WRONG]) < 1.5


def test_a_jump_is_what_never_comes_back():
    rest = np.zeros((20, 478, 2))
    rest[12:] += (12.0, 5.0)
    assert np.flatnonzero(lasting_jumps(rest, 140.0)).tolist() == [12]
    rest[15:] = 0.0
    assert not lasting_jumps(rest, 140.0).any()


def test_what_a_face_does_together_is_no_blink():
    points = face_mesh().canonical[:, :2] * 140.0 + 300.0
    done = (points - 300.0) @ np.array([[0.01, -0.02], [0.02, 0.01]]) + (3.0, -1.0)
    blinked = done.copy()
    blinked[np.setdiff1d(np.arange(478), firm_points())] += 9.0
    assert np.abs(shared_by_all(points, blinked) - done).max() < 1e-6
