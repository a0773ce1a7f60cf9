"""Dense flow between two 8-bit pictures, one way or there and back. Read by motion and grain."""

from __future__ import annotations

import cv2
import numpy as np

_ALPHA = 40.0  # smoothness; measured best on noisy faces, TIME sheet section 3


def dense_flow(before: np.ndarray, after: np.ndarray, finest: int, rounds: int) -> np.ndarray:
    """(h, w, 2) float32 px from `before` to `after`, x right, y down.

    Args:
        before, after: (h, w) uint8, one size. finest: 0 full, 1 half resolution. rounds: of variational refinement.

    Repeats: the same on any number of threads, but not on another crop of the pictures.
    Source: dense inverse search, Kroeger 2016, in OpenCV.
    """
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finder.setFinestScale(finest)
    finder.setVariationalRefinementIterations(rounds)
    finder.setVariationalRefinementAlpha(_ALPHA)
    return np.asarray(finder.calc(before, after, np.zeros((*before.shape, 2), np.float32)))


def round_trip(forward: np.ndarray, backward: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """(h, w) squared px by which there and back miss the start, and the (x, y) map of there.

    OpenCV's warp rounds to 1/32 px: good enough for a weight, not for a picture.
    """
    y, x = np.mgrid[: forward.shape[0], : forward.shape[1]].astype(np.float32)
    there = (x + forward[..., 0], y + forward[..., 1])
    back = cv2.remap(backward, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.sum((forward + back) ** 2, -1), there
