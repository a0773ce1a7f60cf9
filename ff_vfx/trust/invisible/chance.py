"""How a picture without a mark scores: the odds against which every find is weighed. Read by find.

Exact for heights that are normal and independent; tests hold pictures and photographs against it. Source: ours.
"""

from __future__ import annotations

from functools import cache
from math import erfc, sqrt

import numpy as np

from ff_vfx.trust.invisible.code import CARRIERS, PLACES
from ff_vfx.trust.invisible.pattern import SYNC

_STEP = 0.005
_LOUDEST = 14.0


def chance_of(score: float) -> float:
    """How likely one origin of a picture without a mark scores so much or more."""
    scores, tail = _table()
    if score <= scores[0]:
        return 1.0
    return float(tail[min(len(tail) - 1, int(np.searchsorted(scores, score)))])


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    """Scores, and the chance of each or more: the sync and three times the best of 1,024 places of either sign."""
    heights = np.arange(0.0, _LOUDEST, _STEP)
    beyond = np.array([erfc(height / sqrt(2.0)) for height in heights])
    more = -np.expm1(PLACES**2 * np.log1p(-np.minimum(beyond, 1.0 - 1e-16)))  # that the best is beyond
    best = -np.diff(more, append=0.0)
    reach = 10.0 * SYNC
    sync = np.exp(-0.5 * (np.arange(-reach, reach + _STEP, _STEP) / SYNC) ** 2)
    total = sync / sync.sum()
    for _ in range(CARRIERS):
        total = np.convolve(total, best)
    return np.arange(len(total)) * _STEP - reach, np.cumsum(total[::-1])[::-1]
