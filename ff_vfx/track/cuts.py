"""Hard cuts: frames that belong to a new take. Read by the shot's pass.

After a cut nothing is near the place where it was. A single odd frame (a flash, a dead frame) that the picture comes
back from is not a cut.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.look import crop_matrix, linear_crop, to_display
from ff_vfx.types.frame import Frame

_SIDE = 32
_BLOCK, _STRIDE, _REACH = 6, 4, 5  # thumbnail px
_MOST_GAIN = 2.0
_FLAT = 0.02  # contrast of a picture that has none
_QUIET, _UNUSUAL = 0.15, 2.0  # a change this small, or this many times the usual, is half a cut
_FLASH_FRAMES = 2


def thumbnail(frame: Frame, stops: float) -> np.ndarray:
    """(3, 32, 32) float32 display picture of the whole frame, squeezed into a square."""
    display = frame.display_window
    matrix = crop_matrix(np.array([0.5, 0.5]), 1.0, 0.0, _SIDE)
    matrix[0] *= display.width
    matrix[1] *= display.height
    matrix[:2, 2] += (display.x0, display.y0)
    return to_display(linear_crop(frame, matrix, _SIDE), stops, frame.colour_space).numpy()


def change(before: np.ndarray, after: np.ndarray) -> float:
    """How much of two pictures is not in the other, 0 for the same; a cut gives over 0.3.

    Blocks are looked for around their place, so that a fast head or a pan is no change. Both ways round, the smaller
    counts: who walks in is new, but all that was there still is. One gain between the two: a lamp is no cut either.

    Args:
        before, after: (3, 32, 32), from `thumbnail`.

    Source: ours; block matching, measured on moving heads, pans and cuts between alike set-ups.
    """
    contrast = max(_contrast(before), _contrast(after)) + _FLAT
    plain = min(_not_found(before, after), _not_found(after, before)) / contrast
    if plain < _QUIET / 2.0:
        return plain
    gain = float(np.clip((after.mean() + 0.01) / (before.mean() + 0.01), 1.0 / _MOST_GAIN, _MOST_GAIN))
    return min(plain, _not_found(before * gain, after) / contrast, _not_found(after / gain, before) / contrast)


def _contrast(picture: np.ndarray) -> float:
    inner = picture[:, _REACH:-_REACH, _REACH:-_REACH]
    return float(np.abs(inner - inner.mean((1, 2), keepdims=True)).mean())


def _not_found(there: np.ndarray, here: np.ndarray) -> float:
    """Mean difference of the blocks of `here`, rim left out, to the likest near their place in `there`."""
    padded = np.pad(there, ((0, 0), (_REACH, _REACH), (_REACH, _REACH)), mode="edge")
    places = np.lib.stride_tricks.sliding_window_view(padded, (_BLOCK, _BLOCK), axis=(1, 2))
    missed = []
    for y in range(_REACH, _SIDE - _REACH - _BLOCK + 1, _STRIDE):
        for x in range(_REACH, _SIDE - _REACH - _BLOCK + 1, _STRIDE):
            around = places[:, y : y + 2 * _REACH + 1, x : x + 2 * _REACH + 1]
            block = here[:, None, None, y : y + _BLOCK, x : x + _BLOCK]
            missed.append(np.abs(around - block).mean((0, 3, 4)).min())
    return float(np.mean(missed))


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
