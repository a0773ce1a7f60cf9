"""Smoothing that never looks ahead, for `live`. Read by `build_track`.

Two One-Euro filters: one on where the face is (which must not lag), one on its shape within that place (which moves far
less, and can be held far firmer). A fast blink opens its own filter; a fast head opens the first alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ff_vfx.track.pose import fit_pose, placement
from ff_vfx.track.regions import LIDS, soft_groups
from ff_vfx.types.face import LANDMARKS
from ff_vfx.types.settings import TrackSettings

_SPEED_CUTOFF_HZ = 1.0  # of the speed itself. Source: Casiez 2012
_PLACE_FIRMNESS = 0.5  # the place's slowest cutoff is the shape's divided by this: lag shows there
_LID_QUICKNESS = 5.0  # a blink lasts a few frames, and its speed is known late


def one_euro(values: np.ndarray, times_s: np.ndarray, min_cutoff_hz: float, beta: np.ndarray | float) -> np.ndarray:
    """A low-pass whose cutoff rises with the speed: firm at rest, quick in motion.

    Args:
        values: (n, p, c); a point's c coordinates share one speed. A row of nan repeats what was known.
        times_s: (n,) seconds, rising. min_cutoff_hz: at rest.
        beta: Hz gained by one unit of values a second; one number, or (p, 1).

    Returns:
        (n, p, c); row k depends on rows 0 to k alone. The first row must be finite.

    Source: Casiez, Roussel, Vogel 2012, with the speed's length over c in place of each coordinate's own.
    """
    known, speed, last = values[0], np.zeros_like(values[0]), 0
    made = [known]
    for row in range(1, len(values)):
        if np.isfinite(values[row]).all():
            step_s = float(times_s[row] - times_s[last])
            speed = speed + _share(_SPEED_CUTOFF_HZ, step_s) * ((values[row] - known) / step_s - speed)
            cutoff = min_cutoff_hz + beta * np.linalg.norm(speed, axis=1, keepdims=True)
            known, last = known + _share(cutoff, step_s) * (values[row] - known), row
        made.append(known)
    return np.stack(made)


def _share(cutoff_hz: np.ndarray | float, step_s: float) -> np.ndarray | float:
    """Of the new value, after `step_s`: 1 / (1 + tau / step), tau = 1 / (2 pi cutoff)."""
    turn = 2.0 * np.pi * cutoff_hz * step_s
    return turn / (1.0 + turn)


def follow_take(raw: np.ndarray, times_s: np.ndarray, aspect: float, settings: TrackSettings) -> np.ndarray:
    """One person through one take, from the past alone.

    Args:
        raw: (n, 478, 3) detections in plate px, nan where missing; the first row is there. times_s: (n,) seconds.

    Returns:
        (n, 478, 3), every row filled: where nothing was seen, the last face stays.
    """
    there = np.isfinite(raw[:, 0, 0])
    places = np.full((len(raw), 4), np.nan)
    places[there] = [placement(fit_pose(points, aspect), aspect) for points in raw[there]]
    square = np.array([aspect, 1.0, 1.0])
    shapes = np.full_like(raw, np.nan)
    shapes[there] = [_in_place(p * square, place) for p, place in zip(raw[there], places[there], strict=True)]
    shapes = one_euro(shapes, times_s, settings.min_cutoff_hz, settings.beta * _quickness())
    places = follow_places(places, times_s, settings)
    return np.stack([_from_place(s, place) for s, place in zip(shapes, places, strict=True)]) / square


def follow_places(places: np.ndarray, times_s: np.ndarray, settings: TrackSettings) -> np.ndarray:
    """(n, 4) as `placement`, steadied from the past alone; nan where missing, but not in the first row."""
    unit = np.exp(places[0, 2])
    scaled = places / np.array([unit, unit, 1.0, 1.0])
    seen = np.isfinite(places[:, 0])
    scaled[seen, 3] = np.unwrap(scaled[seen, 3])
    cutoff_hz = settings.min_cutoff_hz / _PLACE_FIRMNESS
    parts = [one_euro(scaled[:, None, part], times_s, cutoff_hz, settings.beta)[:, 0] for part in _PARTS]
    return np.concatenate(parts, 1) * np.array([unit, unit, 1.0, 1.0])


_PARTS = (slice(0, 2), slice(2, 3), slice(3, 4))  # centre, size, turn: each has its own speed


@cache
def _quickness() -> np.ndarray:
    """(478, 1): how much more a point's speed counts."""
    quick = np.ones((LANDMARKS, 1))
    for group in LIDS:
        quick[soft_groups()[group]] = _LID_QUICKNESS
    quick.flags.writeable = False
    return quick


def _turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _in_place(square: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(478, 3) in face heights, upright, around the face's own middle."""
    shape = square / np.exp(place[2])
    shape[:, :2] = (square[:, :2] - place[:2]) @ _turn(place[3]) / np.exp(place[2])
    return shape


def _from_place(shape: np.ndarray, place: np.ndarray) -> np.ndarray:
    square = shape * np.exp(place[2])
    square[:, :2] = square[:, :2] @ _turn(place[3]).T + place[:2]
    return square
