"""What most of a face's points agree on about one step of the plate, and which of them something else covers.

Read by control. A hand before a face moves by itself: its flow is right, and not the face's. So the step is first the
one that most trusted points share, then a fit to those alone; the rest count as covered. Where the hand has the most
points, detections tell which it is: they may be dragged, and not as far as a hand goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ff_vfx.track.regions import firm_points
from ff_vfx.types.face_mesh import face_mesh

_LEAST_TRUST = 1e-3
_OUTLINE_TRUST = 0.3  # the oval's flow is half background
_SHARED = 0.15  # points within about this, outer-eye distances, share their flow
_SHARE_FLOOR = 0.05  # total trust below which the whole face's motion takes over
_ONE_STEP, _WITH_IT = 0.03, 0.015  # outer-eye distances that points of one face may differ by; of one region
_DRAGGED = 0.1  # outer-eye distances a frame; a detector is not dragged by more, a hand itself moves faster
_TURNS = 0.3  # of the step: a head that turns has parts that move less
_START_ROUNDS, _FIT_ROUNDS = 6, 3
_START_SLOPE = 0.28  # weight that keeps the first fit from turning and stretching


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step of a face, all in px but `cover`.

    whole: (478, 2) an affine motion. slope: (2, 2) its turn and stretch, for one outer-eye distance.
    local: (478, 2) what neighbours agree on beyond it. cover: (478,) in [0, 1], how little of the region moves along.
    """

    whole: np.ndarray
    slope: np.ndarray
    local: np.ndarray
    cover: np.ndarray


def agree(
    faces: np.ndarray, shift: np.ndarray, trust: np.ndarray, unit: float, lead: tuple[np.ndarray, float] | None = None
) -> Step:
    """The step of a face from the flow at its points.

    Args:
        faces: (2, 478, 2) px, detections before and after it. shift: (478, 2) px. trust: (478,) in [0, 1].
        unit: outer-eye distance, px.
        lead: a slope to lean on and how firmly, for a face that is half covered.

    Source: ours; redescending weights as in Geman, McClure 1987, from the mode, so that 60 % of outliers do no harm.
    """
    firm = firm_points()
    sure = trust.copy()
    sure[face_mesh().loops["oval"]] *= _OUTLINE_TRUST
    told = faces[1] - faces[0]
    prior = (sure[firm] ** 2 + _LEAST_TRUST**2) / (1.0 + (_miss(shift, told) / (_DRAGGED * unit)) ** 4)
    rows = np.concatenate([(faces[0] - faces[0].mean(0)) / unit, np.ones((len(shift), 1))], 1)
    whole = _shared_by_most(rows, shift, prior, unit)
    speed = float(np.median(np.linalg.norm(whole[firm], axis=1)))
    prior = prior / (1.0 + (_miss(shift, whole) / (_ONE_STEP * unit + _TURNS * speed)) ** 4)
    weight = prior
    for _ in range(_FIT_ROUNDS):
        fit = _affine(rows, shift, weight, lead)
        whole = rows @ fit
        miss = _miss(shift, whole)
        weight = prior / (1.0 + (miss / (1.5 * _weighted_median(miss, prior) + 0.05)) ** 2)
    beyond = shift - whole
    local = np.clip(2.0 * sure, 0.0, 1.0)[:, None] * beyond
    near = neighbours()[firm]
    local[firm] = near @ (weight[:, None] * beyond[firm]) / (near @ weight + _SHARE_FLOOR)[:, None]
    along = np.clip(2.0 * trust[firm], 0.0, 1.0) / (1.0 + (miss / (_WITH_IT * unit + _TURNS * speed)) ** 4)
    return Step(whole, fit[:2], local, 1.0 - over_region(along))


def over_region(values: np.ndarray) -> np.ndarray:
    """(..., firm) values of the firm points, averaged around each of the 478: (..., 478)."""
    return np.asarray(values @ (neighbours() / neighbours().sum(1, keepdims=True)).T)


@cache
def neighbours() -> np.ndarray:
    """(478, firm) how near each point is to each firm one, on the mesh; read-only."""
    shape = face_mesh().canonical
    away = np.linalg.norm(shape[:, None] - shape[firm_points()][None], axis=2)
    near = np.exp(-0.5 * (away / _SHARED) ** 2)
    near.flags.writeable = False
    return np.asarray(near)


def _shared_by_most(rows: np.ndarray, shift: np.ndarray, prior: np.ndarray, unit: float) -> np.ndarray:
    """(478, 2): from the flow that most others are near to, an affine motion that tightens around it."""
    seen = shift[firm_points()]
    apart = ((seen[:, None] - seen[None]) ** 2).sum(-1)
    start = seen[int((np.exp(-0.5 * apart / (_ONE_STEP * unit) ** 2) @ prior).argmax())]
    whole, reach = np.broadcast_to(start, shift.shape), 2.0 * _ONE_STEP
    for _ in range(_START_ROUNDS):
        weight = prior / (1.0 + (_miss(shift, whole) / (reach * unit)) ** 2) ** 2
        whole = start + rows @ _affine(rows, shift - start, weight, (np.zeros((2, 2)), _START_SLOPE))
        reach = max(0.6 * reach, 0.2 * _ONE_STEP)
    return np.asarray(whole)


def _affine(
    rows: np.ndarray, shift: np.ndarray, weight: np.ndarray, lead: tuple[np.ndarray, float] | None
) -> np.ndarray:
    """(3, 2) least squares: two rows of slope, one of offset."""
    firm = firm_points()
    root = np.sqrt(weight)[:, None]
    known, wanted = rows[firm] * root, shift[firm] * root
    if lead is not None:
        firmly = np.sqrt(lead[1])
        known = np.concatenate([known, firmly * np.eye(2, 3)])
        wanted = np.concatenate([wanted, firmly * lead[0]])
    return np.asarray(np.linalg.lstsq(known, wanted, rcond=None)[0])


def _miss(shift: np.ndarray, whole: np.ndarray) -> np.ndarray:
    firm = firm_points()
    return np.asarray(np.linalg.norm(shift[firm] - whole[firm], axis=1))


def _weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2.0)])
