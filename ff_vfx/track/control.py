"""What the plate's motion says about each point, and how far it may be wrong. Read by smoothing.

Flow is weak at the outline (background), on lids and lips (they appear and vanish) and on smooth skin under standing
light. So firm points share their flow with their neighbours, and soft ones hand over to the detector when they jump.
Where something passes before the face, the motion is that of the frames before and after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ff_vfx.track.consensus import Step, agree
from ff_vfx.track.regions import LIDS, firm_points, soft_groups
from ff_vfx.track.shared import shared_by_all

_SOFT_DOUBT, _FIRM_DOUBT = 3.0, 1.0  # spread added where flow is not trusted, in flow sigmas
_LID_EVENT, _LIP_EVENT = 0.002, 0.006  # outer-eye distances that a group may disagree before it counts as moving
_EVENT_GAIN, _ONE_POINT = 2.0, 0.05
_TURN_DOUBT, _SLOW_TURN = 1.0, 0.015  # of what moves beyond that, outer-eye distances a frame
_TORN_DOUBT, _TORN = 12.0, 0.003  # of turn times cover beyond that, outer-eye distances
_COVERED = (0.2, 0.5)  # of `Step.cover` beyond what is usual: still seen, quite covered
_USUAL = 0.5  # quantile over a take
_GAP_DOUBT = 0.5  # spread a frame over a gap, of what is given
_HALF_COVERED, _LEAN_OVER, _LEAN = 0.2, 0.3, 40.0  # cover of the whole face at which its slope leans on other frames


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """motion: (n, 478, 3) px from the row before. spread: (n, 478) px it may be off. seen: (n, 478) in [0, 1].

    seen: 0 where something covers the point on this step. unit: the take's outer-eye distance, px.
    """

    motion: np.ndarray
    spread: np.ndarray
    seen: np.ndarray
    unit: float


def control_of(raw: np.ndarray, shift: np.ndarray, trust: np.ndarray, sigma_px: float, gap_sigma_px: float) -> Control:
    """Motion of every point from the row before; on row 0 there is none.

    Args:
        raw: (n, 478, 3), nan where missing. shift: (n, 478, 2), nan where unknown. trust: (n, 478) in [0, 1].
        sigma_px: trust in flow. gap_sigma_px: trust in the straight line over a gap.
    """
    motion, spread = np.zeros_like(raw), np.full(raw.shape[:2], sigma_px)
    there = np.flatnonzero(np.isfinite(raw[:, 0, 0]))
    unit = float(np.median(np.linalg.norm(raw[there, 33, :2] - raw[there, 263, :2], axis=1)))
    known = [b for a, b in pairwise(there.tolist()) if b - a == 1 and np.isfinite(shift[b, 0, 0])]
    steps = {row: agree(raw[[row - 1, row], :, :2], shift[row], trust[row], unit) for row in known}
    for row, lead in _leads(steps).items():
        steps[row] = agree(raw[[row - 1, row], :, :2], shift[row], trust[row], unit, lead)
    seen = np.ones(raw.shape[:2])
    local = _bridged(steps, seen)
    for row, step in steps.items():
        motion[row, :, :2] = step.whole + local[row]
        jumped = (raw[row] - raw[row - 1] - motion[row])[:, :2]
        off = _events(jumped, raw[row - 1, :, :2], unit) * np.sqrt(seen[row])
        off = np.hypot(off, _turn_doubt(motion[row, :, :2], step.cover, unit))
        spread[row] = np.hypot(spread[row] * _doubt(trust[row]), off)
    for before, after in pairwise(there.tolist()):
        if after not in steps:
            rows = slice(before + 1, after + 1)
            motion[rows], spread[rows] = _over_gap(raw, motion, list(steps), (before, after))
            spread[rows] += gap_sigma_px * _GAP_DOUBT
    return Control(motion, spread, seen, unit)


def _over_gap(
    raw: np.ndarray, motion: np.ndarray, known: list[int], gap: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Motion (rows, 478, 3) and doubt (rows, 478) px from the frame before a gap to the one after it.

    What moved before and after it moved in between; where only one side is known, straight from face to face.
    """
    before, after = gap
    step = (raw[after] - raw[before]) / (after - before)
    path = np.repeat(step[None], after - before, 0)
    earlier, later = [r for r in known if r <= before][-1:], [r for r in known if r > after][:1]
    if not earlier or not later:
        return path, np.repeat(0.25 * np.linalg.norm(step[None, :, :2], axis=2), after - before, 0)
    share = (np.arange(before + 1, after + 1) - earlier[0])[:, None, None] / (later[0] - earlier[0])
    path[..., :2] = (1.0 - share) * motion[earlier[0], :, :2] + share * motion[later[0], :, :2]
    return path, np.zeros(path.shape[:2])


def _leads(steps: dict[int, Step]) -> dict[int, tuple[np.ndarray, float]]:
    """Half a face does not tell how the whole turns: such steps lean on the slope of the whole ones around them."""
    firm = firm_points()
    cover = {row: float(s.cover[firm].mean()) for row, s in steps.items()}
    hidden = {row: min(max((share - _HALF_COVERED) / _LEAN_OVER, 0.0), 1.0) for row, share in cover.items()}
    whole = [row for row, share in hidden.items() if share == min(hidden.values())]
    slopes = np.array([steps[row].slope.reshape(4) for row in whole])
    return {
        row: (np.array([np.interp(row, whole, slope) for slope in slopes.T]).reshape(2, 2), _LEAN * share)
        for row, share in hidden.items()
        if share > 0.0
    }


def _bridged(steps: dict[int, Step], seen: np.ndarray) -> dict[int, np.ndarray]:
    """Each step's local motion; where a point is covered, that of its nearest steps that saw it. seen: filled in."""
    if not steps:
        return {}
    rows = np.array(list(steps))
    cover, local = np.stack([s.cover for s in steps.values()]), np.stack([s.local for s in steps.values()])
    usual = np.quantile(cover, _USUAL, axis=0)
    beyond = (cover - usual) / np.maximum(1.0 - usual, 0.3)
    seen[rows] = np.clip((_COVERED[1] - beyond) / (_COVERED[1] - _COVERED[0]), 0.0, 1.0)
    for point in np.flatnonzero((seen[rows] < 1.0).any(0)).tolist():
        share = seen[rows, point]
        good = share > 0.5
        for axis in (0, 1):
            mean = np.interp(rows, rows[good], local[good, point, axis]) if good.any() else 0.0
            local[:, point, axis] = share * local[:, point, axis] + (1.0 - share) * mean
    return dict(zip(rows.tolist(), local, strict=True))


def _doubt(trust: np.ndarray) -> np.ndarray:
    doubt = 1.0 + _SOFT_DOUBT * (1.0 - trust)
    firm = firm_points()
    doubt[firm] = 1.0 + _FIRM_DOUBT * (1.0 - trust[firm])
    return np.asarray(doubt)


def _turn_doubt(motion: np.ndarray, cover: np.ndarray, unit: float) -> np.ndarray:
    """(478,) px by which flow may be off where a head turns fast: light that stands still holds it back.

    And the whole face's may be where little of a face that turns moves along: nobody knows what the rest does.
    """
    firm = firm_points()
    apart = np.linalg.norm(motion - np.median(motion[firm], 0), axis=1)
    torn = float(np.sqrt((apart[firm] ** 2).mean()) * cover[firm].mean())
    own = _TURN_DOUBT * np.maximum(0.0, apart - _SLOW_TURN * unit)
    return np.asarray(np.hypot(own, _TORN_DOUBT * max(0.0, torn - _TORN * unit)))


def _events(jumped: np.ndarray, points: np.ndarray, unit: float) -> np.ndarray:
    """(478,) px: a lid or lip that jumps as a group beyond what its face does did move: flow may be off by so much.

    What its face does is both its middle and its fit: a fit may lean out of a cheek that moves, a middle does not grow.

    Args:
        jumped: (478, 2) px, the step of the detections beyond the motion. points: (478, 2) px before it.
    """
    middle = np.median(jumped[firm_points()], 0)
    return np.minimum(_beyond(jumped - middle, unit), _beyond(jumped - shared_by_all(points, jumped), unit))


def _beyond(own: np.ndarray, unit: float) -> np.ndarray:
    off = np.zeros(len(own))
    for k, group in enumerate(soft_groups()):
        middle = np.median(own[group], 0)
        reach = _ONE_POINT * unit  # of a single point, which moves no lid
        jump = float(np.linalg.norm(np.mean(middle + np.clip(own[group] - middle, -reach, reach), 0)))
        quiet = (_LID_EVENT if k in LIDS else _LIP_EVENT) * unit
        off[group] = max(0.0, jump - quiet) * _EVENT_GAIN
    return off
