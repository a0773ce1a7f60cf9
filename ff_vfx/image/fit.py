"""The turn, size and shift that bring points onto others. Read by track, fuse and composite."""

from __future__ import annotations

import numpy as np


def similarity(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """scale * rotation (d, d) and offset (d,) that bring source (n, d) onto target (n, d). Source: Umeyama 1991."""
    mean_s, mean_t = source.mean(0), target.mean(0)
    u, s, vt = np.linalg.svd((target - mean_t).T @ (source - mean_s))
    flip = np.ones(len(s))
    flip[-1] = np.sign(np.linalg.det(u @ vt)) or 1.0
    matrix = (u * flip) @ vt * ((s * flip).sum() / max(((source - mean_s) ** 2).sum(), 1e-12))
    return matrix, mean_t - matrix @ mean_s


def similarity_matrix(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(3, 3) float64, for points of a plane, (n, 2) each: source's coordinates to target's. Source: as above."""
    turn, offset = similarity(source, target)
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = turn, offset
    return matrix
