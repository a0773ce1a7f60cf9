"""Rings as curves, and how few keys they need."""

from dataclasses import replace

import numpy as np
import pytest

from ff_vfx.export.beziers import bezier, key_rows
from ff_vfx.types.face_mesh import face_mesh
from tests.export.made import made_known

OVAL, EYE = face_mesh().loops["oval"], face_mesh().loops["eye_l"]


def drawn(shape: np.ndarray, steps: int = 16) -> np.ndarray:
    """(k * steps, 2) along one frame's closed curve."""
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    start, end = shape[:, 1], np.roll(shape[:, 1], -1, 0)
    out, into = start + shape[:, 2], end + np.roll(shape[:, 0], -1, 0)
    line = (1 - t) ** 3 * start[:, None] + 3 * t * (1 - t) ** 2 * out[:, None]
    return (line + 3 * t**2 * (1 - t) * into[:, None] + t**3 * end[:, None]).reshape(-1, 2)


def test_the_curve_goes_through_every_landmark_of_every_frame():
    known = made_known()
    assert (bezier(known, OVAL)[:, :, 1] == known.points[:, OVAL]).all()


def test_a_circle_of_points_is_drawn_round():
    known = made_known()
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    points = np.zeros_like(known.points)
    points[:, OVAL] = 100.0 + 50.0 * np.stack([np.cos(angle), np.sin(angle)], 1)
    line = drawn(bezier(replace(known, points=points), OVAL)[0])
    assert np.abs(np.linalg.norm(line - 100.0, axis=1) - 50.0).max() < 0.01


def test_tangents_are_smooth_but_at_the_corners_of_an_eye():
    shape = bezier(made_known(), EYE)[0]
    left, right = (shape[:, k] / np.linalg.norm(shape[:, k], axis=1, keepdims=True) for k in (0, 2))
    straight = np.isclose((left * right).sum(1), -1.0)
    assert [int(EYE[k]) for k in np.flatnonzero(~straight)] == [33, 133]


def test_points_that_fall_together_make_no_nan():
    known = made_known()
    points = known.points.copy()
    points[:] = 7.0
    assert (bezier(replace(known, points=points), OVAL)[:, :, [0, 2]] == 0.0).all()


def test_without_a_tolerance_every_frame_is_keyed():
    known = made_known()
    assert key_rows(known, bezier(known, OVAL), 0.0) == list(range(13))


@pytest.mark.parametrize("tolerance", [0.3, 1.0, 5.0])
def test_lines_between_keys_stay_within_the_tolerance_and_cross_no_gap(tolerance):
    known = made_known()
    curve = bezier(known, OVAL)
    rows = key_rows(known, curve, tolerance)
    assert {0, 7, 8, 12} <= set(rows), "the ends of both stretches"
    ends = curve + curve[:, :, 1:2] * np.array([1.0, 0.0, 1.0])[:, None]
    between = np.array([np.interp(known.numbers, known.numbers[rows], v[rows]) for v in ends.reshape(13, -1).T]).T
    assert np.linalg.norm(between.reshape(ends.shape) - ends, axis=-1).max() <= tolerance + 1e-9


def test_a_face_that_goes_straight_needs_two_keys():
    known = made_known(lost=())
    steps = np.arange(16.0)[:, None, None] * (2.0, -1.0)
    still = replace(known, points=known.points[:1] + steps)
    assert key_rows(still, bezier(still, OVAL), 0.001) == [0, 15]
    assert len(key_rows(known, bezier(known, OVAL), 3.0)) < 16


def test_even_where_it_goes_straight_a_gap_has_a_key_on_both_sides():
    known = made_known()
    steps = (known.numbers - 1001.0)[:, None, None] * (2.0, -1.0)
    still = replace(known, points=known.points[:1] + steps)
    assert key_rows(still, bezier(still, OVAL), 0.5) == [0, 7, 8, 12]


def test_a_long_shot_is_thinned_in_little_time_and_stays_within_the_tolerance():
    known = made_known(frames=600, lost=(), held=())
    rows = key_rows(known, bezier(known, EYE), 1.5)
    assert rows[0] == 0 and rows[-1] == 599 and len(rows) < 400
