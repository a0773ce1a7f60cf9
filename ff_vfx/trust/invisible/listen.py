"""What of a picture may be the mark: its fine detail, weighed by how little else is there. Read by find and the door.

Source: J.-P. Linnartz, G. Depovere, T. Kalker 1998, Improved watermark detection reliability using filtering before
correlation (prediction of the picture, and its error weighed by local variance).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ff_vfx.types.window import Window

TILE_PX = 256  # a tile's side as it is listened to
_BLUR_PX, _NEAR_PX = 3.0, 3.5
_FLOOR = 0.005  # of the display's range: less is what codecs round away
_MOST = 0.1
_LEAST_TILES_PX = 48  # a picture smaller than this says nothing


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Fine detail of a shot at one size of tile. whole: (h, w) float32, the sum over all frames; first: the first's.

    A tile is 256 px.
    """

    whole: np.ndarray
    first: np.ndarray


def display_of(light: torch.Tensor, *, linear: bool) -> np.ndarray:
    """(h, w) float32 brightness as a display codes it, about [0, 1].

    Args:
        light: (3, h, w) of a picture. linear: it is scene-linear; else it is coded already.
    """
    plain = torch.nan_to_num(light[:3].float(), nan=0.0, posinf=64.0, neginf=0.0)
    bright = plain[0] * 0.25 + plain[1] * 0.67 + plain[2] * 0.08
    if linear:
        bright = bright.clamp(0.0, 64.0).pow(1.0 / 2.4)
    return np.ascontiguousarray(bright.clamp(0.0, 8.0).numpy())


def hear(pictures: Iterable[np.ndarray], period_px: float, pixel_aspect: float = 1.0) -> Heard | None:
    """Listen to a shot whose tiles are of this size; None where its pictures are too small.

    Args:
        pictures: (h, w) float32, see display_of; all of one size.
        period_px: width of a tile. pixel_aspect: see Pattern.over.
    """
    whole = first = None
    for picture in pictures:
        height, width = picture.shape
        size = (round(width / period_px * TILE_PX), round(height / (period_px * pixel_aspect) * TILE_PX))
        if min(size) < _LEAST_TILES_PX or max(size) > 64 * TILE_PX:
            return None
        detail = _detail(picture, size)
        whole = detail if whole is None else whole + detail
        first = detail if first is None else first
    return None if whole is None or first is None else Heard(whole, first)


def folded(detail: np.ndarray, window: Window) -> np.ndarray:
    """(256, 256): the tiles of a window of a picture laid on one another, each pixel in its own place of them."""
    left, above = window.x0 % TILE_PX, window.y0 % TILE_PX
    down, across = -(-(above + window.height) // TILE_PX), -(-(left + window.width) // TILE_PX)
    full = np.zeros((down * TILE_PX, across * TILE_PX), np.float32)
    part = detail[window.y0 : window.y1, window.x0 : window.x1]
    full[above : above + window.height, left : left + window.width] = part
    return full.reshape(down, TILE_PX, across, TILE_PX).sum((0, 2), dtype=np.float32)


def _detail(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    way = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    sized = cv2.resize(picture, size, interpolation=way)
    fine = np.clip(sized - cv2.GaussianBlur(sized, (0, 0), _BLUR_PX), -_MOST, _MOST)
    variance = cv2.GaussianBlur(fine * fine, (0, 0), _NEAR_PX)
    return fine / (variance + _FLOOR**2)
