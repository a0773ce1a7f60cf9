"""What a whole face does together, by an affine fit to its firm points. Read by control and smoothing.

A detector is mostly wrong as a whole: it shifts, grows and turns the face. What is left beyond that is a lid's own.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.regions import firm_points

_ROUNDS = 4
_TIMES_USUAL = 2.0  # median misses at which a point counts half. Source: Geman, McClure 1987
_LEAST_PX = 0.05


def shared_by_all(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The affine part of some px at every point of a face.

    Args:
        points: (478, 2) px. values: (478, 2) px; those of the firm points count.

    Returns:
        (478, 2) px.
    """
    firm = firm_points()
    middle = points[firm].mean(0)
    rows = np.concatenate([(points - middle) / np.ptp(points[firm], axis=0).max(), np.ones((len(points), 1))], 1)
    shared = np.broadcast_to(np.median(values[firm], 0), values.shape)
    for _ in range(_ROUNDS):
        miss = np.linalg.norm(values[firm] - shared[firm], axis=1)
        root = 1.0 / (1.0 + (miss / (_TIMES_USUAL * np.median(miss) + _LEAST_PX)) ** 2)
        fit = np.linalg.lstsq(rows[firm] * root[:, None], values[firm] * root[:, None], rcond=None)[0]
        shared = rows @ fit
    return np.asarray(shared)
