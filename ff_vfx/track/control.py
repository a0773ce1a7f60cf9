"""What the plate's motion says about each point, and how far it may be wrong. Read by smoothing.

Flow is weak at the outline (background), on lids and lips (they appear and vanish) and on smooth skin under standing
light. So firm points share their flow with their neighbours, and soft ones hand over to the detector when they jump.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from ff_vfx.track.regions import LIDS, firm_points, soft_groups
from ff_vfx.types.face_mesh import face_mesh

_LEAST_TRUST = 1e-3
_OUTLINE_TRUST = 0.3  # the oval's flow is half background
_SHARED = 0.15  # firm points within about this, outer-eye distances, share their flow
_SHARE_FLOOR = 0.05  # total trust below which the whole face's motion takes over
_SOFT_DOUBT, _FIRM_DOUBT = 3.0, 1.0  # spread added where flow is not trusted, in flow sigmas
_LID_EVENT, _LIP_EVENT = 0.002, 0.006  # outer-eye distances that a group may disagree before it counts as moving
_EVENT_GAIN = 2.0
_FIT_ROUNDS = 3


def control_of(
    raw: np.ndarray, shift: np.ndarray, trust: np.ndarray, sigma_px: float, gap_sigma_px: float
) -> tuple[np.ndarray, np.ndarray]:
    """Motion of every point from the row before, and how far it may be off.

    Args:
        raw: (n, 478, 3), nan where missing. shift: (n, 478, 2), nan where unknown. trust: (n, 478) in [0, 1].
        sigma_px: trust in flow. gap_sigma_px: trust in the straight line over a gap.

    Returns:
        (n, 478, 3) and (n, 478) px; row 0 is 0 and sigma.
    """
    control, spread = np.zeros_like(raw), np.full(raw.shape[:2], sigma_px)
    there = np.flatnonzero(np.isfinite(raw[:, 0, 0]))
    unit = float(np.median(np.linalg.norm(raw[there, 33, :2] - raw[there, 263, :2], axis=1)))
    for before, after in pairwise(there):
        step = (raw[after] - raw[before]) / (after - before)
        if after - before == 1 and np.isfinite(shift[after, 0, 0]):
            control[after, :, :2] = _shared_flow(raw[before, :, :2], shift[after], trust[after])
            spread[after] *= _doubt(trust[after])
            _let_events_through(step[:, :2] - control[after, :, :2], spread[after], unit)
        else:
            control[before + 1 : after + 1] = step
            spread[before + 1 : after + 1] = gap_sigma_px + 0.25 * np.linalg.norm(step[:, :2], axis=1)
    return control, spread


def _shared_flow(points: np.ndarray, shift: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """(478, 2): the face as a whole (an affine fit of what is trusted), plus what neighbours agree on beyond it."""
    firm, near = firm_points(), _neighbours()
    sure = trust.copy()
    sure[face_mesh().loops["oval"]] *= _OUTLINE_TRUST
    rows = np.concatenate([points - points.mean(0), np.ones((len(points), 1))], 1)
    prior = sure[firm] ** 2 + _LEAST_TRUST**2
    weight = prior
    for _ in range(_FIT_ROUNDS):
        root = np.sqrt(weight)[:, None]
        fit = rows @ np.linalg.lstsq(rows[firm] * root, shift[firm] * root, rcond=None)[0]
        miss = np.linalg.norm(shift[firm] - fit[firm], axis=1)
        weight = prior / (1.0 + (miss / (1.5 * np.median(miss) + 0.05)) ** 2)
    beyond = shift - fit
    moved = fit + np.clip(2.0 * sure, 0.0, 1.0)[:, None] * beyond
    agreed = near @ (weight[:, None] * beyond[firm]) / (near @ weight + _SHARE_FLOOR)[:, None]
    moved[firm] = fit[firm] + agreed
    return np.asarray(moved)


@cache
def _neighbours() -> np.ndarray:
    firm = face_mesh().canonical[firm_points()]
    return np.exp(-0.5 * (np.linalg.norm(firm[:, None] - firm[None], axis=2) / _SHARED) ** 2)


def _doubt(trust: np.ndarray) -> np.ndarray:
    doubt = 1.0 + _SOFT_DOUBT * (1.0 - trust)
    firm = firm_points()
    doubt[firm] = 1.0 + _FIRM_DOUBT * (1.0 - trust[firm])
    return np.asarray(doubt)


def _let_events_through(disagreement: np.ndarray, spread: np.ndarray, unit: float) -> None:
    """A lid or lip that jumps as a group, and not with the face, did move: widen its spread (in place, ours)."""
    common = np.median(disagreement[firm_points()], 0)
    for k, group in enumerate(soft_groups()):
        jump = float(np.linalg.norm(np.mean(disagreement[group] - common, 0)))
        quiet = (_LID_EVENT if k in LIDS else _LIP_EVENT) * unit
        spread[group] = np.hypot(spread[group], max(0.0, jump - quiet) * _EVENT_GAIN)
