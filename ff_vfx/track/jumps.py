"""Where the plate's motion lost a face that its detections kept. Read by smoothing.

Two witnesses, told apart by time. Detections that were wrong for a while come back to where the motion carried the
face. Motion that was wrong leaves a jump: the detections before it agree among themselves, those after it too, and no
later one ever comes back to an earlier one.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.regions import firm_points

_REACH = 12  # detections to either side within which they may come back
_NOISE = 0.03  # outer-eye distances; less is no jump


def lasting_jumps(rest: np.ndarray, unit: float) -> np.ndarray:
    """How far the motion into each row is off for the whole face, by what the detections around it agree on.

    Args:
        rest: (n, 478, 2) detection minus travelled motion, px, nan where missing. unit: outer-eye distance, px.

    Returns:
        (n,) px, 0 on row 0 and where nothing is off.
    """
    there = np.flatnonzero(np.isfinite(rest[:, 0, 0]))
    path = np.median(rest[there][:, firm_points()], 1)
    jumps = np.zeros(len(rest))
    for k in range(1, len(there)):
        earlier, later = path[max(0, k - _REACH) : k], path[k : k + _REACH]
        nearest = np.linalg.norm(earlier[:, None] - later[None], axis=2).min()
        jumps[there[k - 1] + 1 : there[k] + 1] = max(0.0, nearest - _NOISE * unit)
    return jumps
