"""Which detections are believed, and how far. Read by smoothing.

Two questions. Do a region's points step as the plate does, into this frame or out of it? A mesh that a passing hand
drags about does neither. And is it near to where the smoothed track has it? A single wild answer is not.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.consensus import over_region
from ff_vfx.track.regions import firm_points, soft_groups

_GATE = 3.0  # robust deviations beyond which a detection counts less. Source: Huber 1964
_FLOOR = 0.0025  # of the outer-eye distance; ordinary noise is never gated
_STEP_OFF = 0.007  # outer-eye distances by which detector and plate may step apart
_WILD = 0.05  # outer-eye distances beyond which a point's step is its own alone
_TIMES_SPREAD = 1.5  # steps apart that the flow's own doubt explains
_USUAL, _TIMES_USUAL = 0.25, 2.0  # quantile of a take; how far beyond it is unusual


def steps_along(rest: np.ndarray, spread: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """How far the detections move with the plate, into a frame or out of it.

    Args:
        rest: (n, 478, 2) detection minus travelled motion, px, nan where missing. unit: outer-eye distance, px.
        spread: (n, 478) px the motion may be off, which is no fault of the detection.

    Returns:
        Weights in (0, 1]: (n, 478) of each region, and (n, 1) of the face as a whole, which no blink changes.
    """
    step = np.linalg.norm(np.diff(rest, axis=0), axis=2)[:, firm_points()]
    step = np.minimum(step, _WILD * unit)
    nothing = np.full((1, step.shape[1]), np.inf)
    step = np.concatenate([nothing, np.where(np.isnan(step), np.inf, step), nothing])
    region = np.stack([over_region(row) for row in step])
    may = over_region(spread[:, firm_points()])
    may = np.concatenate([may, may[-1:]]) * _TIMES_SPREAD
    off = np.minimum(region[:-1], region[1:])
    off[np.isinf(off)] = 0.0  # nothing to compare it with
    whole = np.median(off[:, firm_points()], 1, keepdims=True)
    there = np.isfinite(rest[:, 0, 0])
    return _believed(off, there, unit), _believed(whole, there, unit)


def _believed(off: np.ndarray, there: np.ndarray, unit: float) -> np.ndarray:
    usual = np.quantile(off[there], _USUAL, axis=0)
    limit = np.maximum(_STEP_OFF * unit, _TIMES_USUAL * usual)
    return np.asarray(np.minimum(1.0, (limit / np.maximum(off, 1e-9)) ** 2))


def near_track(miss: np.ndarray, there: np.ndarray, unit: float) -> np.ndarray:
    """(n, 478) weights in (0, 1]: a frame whose firm points are all off counts less; so does a single firm point.

    Lids and lips are never gated alone here: what looks like an outlier there is a blink.

    Args:
        miss: (n, 478, 2) px, detection minus smoothed. there: (n,) bool. unit: outer-eye distance, px.
    """
    firm = firm_points()
    length = np.linalg.norm(miss, axis=2)
    length[~there] = 0.0
    typical = 1.4826 * np.median(length[there][:, firm]) + _FLOOR * unit
    frame = np.median(length[:, firm], 1)
    weight = np.repeat(_huber(frame / typical)[:, None], miss.shape[1], 1)
    weight[:, firm] = np.minimum(weight[:, firm], _huber(length[:, firm] / (2.0 * typical)))
    return weight


def in_group(rest: np.ndarray, unit: float) -> np.ndarray:
    """(n, 478) weights in (0, 1]: least for a point of a lid or lip that jumps out of its own group and back.

    Args:
        rest: (n, 478, 2) detection minus travelled motion, px, nan where missing. unit: outer-eye distance, px.
    """
    step = np.diff(rest, axis=0)
    kept = np.ones(step.shape[:2])
    for group in soft_groups():
        apart = np.linalg.norm(step[:, group] - np.median(step[:, group], 1, keepdims=True), axis=2)
        kept[:, group] = np.minimum(1.0, (_WILD * unit / np.maximum(np.nan_to_num(apart), 1e-9)) ** 4)
    return np.maximum(np.concatenate([kept[:1], kept]), np.concatenate([kept, kept[-1:]]))


def _huber(off: np.ndarray) -> np.ndarray:
    return np.minimum(1.0, (_GATE / np.maximum(off, 1e-9)) ** 2)
