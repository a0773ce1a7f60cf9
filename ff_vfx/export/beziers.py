"""Rings of landmarks as closed bezier curves, and which of their frames need a key. Read by the roto writers."""

from __future__ import annotations

import numpy as np

from ff_vfx.export.known import Known
from ff_vfx.export.marks import CORNERS

_FARTHEST_KEY = 250  # frames: looking further for a longer straight stretch costs more than it saves


def bezier(known: Known, ring: np.ndarray) -> np.ndarray:
    """(n, k, 3, 2) plate px: for each frame and point its left tangent, the point itself, its right tangent.

    The curve goes through every landmark of the ring. Tangents are relative to their point and lie along the line from
    neighbour to neighbour, a third of the way to each, so that uneven spacing bulges nowhere; corners of eyes and mouth
    are sharp, their tangents lie on the chords.

    Args:
        ring: (k,) landmarks in order around the shape.
    """
    points = known.points[:, ring]
    back, ahead = np.roll(points, 1, 1) - points, np.roll(points, -1, 1) - points
    along = ahead - back
    length = np.linalg.norm(along, axis=2, keepdims=True)
    along = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    left = -along * np.linalg.norm(back, axis=2, keepdims=True) / 3.0
    right = along * np.linalg.norm(ahead, axis=2, keepdims=True) / 3.0
    sharp = np.array([int(k) in CORNERS for k in ring])
    left[:, sharp], right[:, sharp] = back[:, sharp] / 3.0, ahead[:, sharp] / 3.0
    return np.stack([left, points, right], axis=2)


def key_rows(known: Known, curve: np.ndarray, tolerance_px: float) -> list[int]:
    """The rows to key so that straight lines between keys stay within `tolerance_px` of every control point.

    Stretches without a face are never bridged. 0 keys every row.

    Args:
        curve: (n, k, 3, 2) as `bezier` gives it.
    """
    if tolerance_px <= 0.0:
        return list(range(len(curve)))
    places = curve + curve[:, :, 1:2] * np.array([1.0, 0.0, 1.0])[:, None]  # tangents' ends, not their offsets
    rows: list[int] = []
    for run in known.runs():
        at, last = run.start, run.stop - 1
        rows.append(at)
        while at < last:
            at = _farthest(places, at, last, tolerance_px)
            rows.append(at)
    return rows


def _farthest(places: np.ndarray, first: int, last: int, tolerance_px: float) -> int:
    """The last row that a straight line from `first` reaches with every row between within the tolerance."""
    best = first + 1
    for end in range(first + 2, min(last, first + _FARTHEST_KEY) + 1):
        share = (np.arange(first + 1, end) - first) / (end - first)
        line = places[first] + share[:, None, None, None] * (places[end] - places[first])
        if np.linalg.norm(line - places[first + 1 : end], axis=-1).max() > tolerance_px:
            break
        best = end
    return best
