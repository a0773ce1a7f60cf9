"""Hard cuts: frames that belong to a new take. Read by the shot's pass.

A cut changes the colours AND the layout; a flash changes the colours, a fast pan the layout. A single odd frame (a
flash, a dead frame) that the picture comes back from is not a cut.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.look import crop_matrix, linear_crop, to_display
from ff_vfx.types.frame import Frame

_SIDE = 32
_BINS = 16
_QUIET, _UNUSUAL = 0.05, 3.0  # a change this small, or this many times the usual, is half a cut
_FLASH_FRAMES = 3


def thumbnail(frame: Frame, stops: float) -> np.ndarray:
    """(3, 32, 32) float32 display picture of the whole frame, squeezed into a square."""
    display = frame.display_window
    matrix = crop_matrix(np.array([0.5, 0.5]), 1.0, 0.0, _SIDE)
    matrix[0] *= display.width
    matrix[1] *= display.height
    matrix[:2, 2] += (display.x0, display.y0)
    return to_display(linear_crop(frame, matrix, _SIDE), stops, frame.colour_space).numpy()


def change(before: np.ndarray, after: np.ndarray) -> float:
    """How much the picture changed, [0, 1]: the mean of colour and layout change; 0 for the same thumbnail."""
    colours = np.mean([np.abs(_histogram(a) - _histogram(b)).sum() / 2.0 for a, b in zip(before, after, strict=True)])
    a, b = before.mean(0), after.mean(0)
    a, b = (a - a.mean()).reshape(-1), (b - b.mean()).reshape(-1)
    alike = float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)
    if max(np.abs(a).max(), np.abs(b).max()) < 0.01:
        alike = 1.0  # two flat pictures have no layout to compare
    return float(np.clip((colours + np.clip(1.0 - alike, 0.0, 1.0)) / 2.0, 0.0, 1.0))


def _histogram(channel: np.ndarray) -> np.ndarray:
    counts = np.histogram(channel, _BINS, (0.0, 1.0))[0].astype(np.float64)
    counts = np.convolve(counts, (0.25, 0.5, 0.25), "same")  # a slow fade must not jump from bin to bin
    return counts / max(counts.sum(), 1.0)


def cut_score(changed: float, usual: float) -> float:
    """How surely a change is a cut, [0, 1]: it must be large, and large for this shot.

    Args:
        changed: from `change`. usual: the mean of the changes of the frames just before.
    """
    return changed / (changed + _QUIET + _UNUSUAL * usual)


def is_flash(thumbnails: dict[int, np.ndarray], first: int, row: int) -> bool:
    """Whether the picture is back to what it was before `first`: what lay between was a flash or a dead frame.

    Args:
        thumbnails: by row; unreadable frames have none. first, row: where takes seemed to start, in order.
    """
    earlier = [r for r in thumbnails if r < first]
    if not earlier or row - first > _FLASH_FRAMES:
        return False
    before = thumbnails[max(earlier)]
    return change(before, thumbnails[row]) < 0.5 * change(before, thumbnails[first])
