"""Pictures for people: cells with a caption in a grid. Read by the door and by track (overlays).

Display pictures only: numpy uint8, RGB, (h, w, 3). Nothing here touches a scene-linear pixel.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ff_vfx.errors import BadInput

_PAPER = 24
_INK = (225, 225, 225)
_CAPTION_PX = 26
_GAP_PX = 6


def fit_inside(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Scale a picture to fit a cell and centre it there, so that sheets line up whatever the plate's shape.

    Args:
        picture: (h, w, 3) uint8, RGB. width, height: the cell, px.

    Returns:
        (height, width, 3) uint8; the rest of the cell is dark.
    """
    _check(picture)
    h, w = picture.shape[:2]
    scale = min(width / w, height / h)
    size = (max(1, min(width, round(w * scale))), max(1, min(height, round(h * scale))))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    cell = np.full((height, width, 3), _PAPER, np.uint8)
    x, y = (width - size[0]) // 2, (height - size[1]) // 2
    cell[y : y + size[1], x : x + size[0]] = small
    return cell


def captioned(picture: np.ndarray, caption: str) -> np.ndarray:
    """The picture with one line of text in a strip below it, cut to the width where it must be."""
    _check(picture)
    strip = np.full((_CAPTION_PX, picture.shape[1], 3), _PAPER, np.uint8)
    cv2.putText(strip, _plain(caption), (4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
    return np.vstack([picture, strip])


def contact_sheet(
    pictures: Sequence[np.ndarray],
    captions: Sequence[str],
    *,
    columns: int = 3,
    cell: tuple[int, int] = (480, 480),
) -> np.ndarray:
    """Many pictures on one, row by row, each with its caption.

    Args:
        pictures: (h, w, 3) uint8 RGB of any sizes; at least one. captions: one each.
        columns: cells a row. cell: (width, height) px of one picture.

    Raises:
        BadInput: no picture, or not one caption for each.
    """
    if not pictures or len(pictures) != len(captions):
        raise BadInput(
            f"sheet: {len(pictures)} pictures and {len(captions)} captions; give one caption for each picture"
        )
    cells = [captioned(fit_inside(p, *cell), c) for p, c in zip(pictures, captions)]
    columns = min(columns, len(cells))
    height, width = cells[0].shape[:2]
    rows = -(-len(cells) // columns)
    sheet = np.full((rows * (height + _GAP_PX) + _GAP_PX, columns * (width + _GAP_PX) + _GAP_PX, 3), _PAPER, np.uint8)
    for i, picture in enumerate(cells):
        y, x = (i // columns) * (height + _GAP_PX) + _GAP_PX, (i % columns) * (width + _GAP_PX) + _GAP_PX
        sheet[y : y + height, x : x + width] = picture
    return sheet


def _check(picture: np.ndarray) -> None:
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise BadInput(f"sheet: a picture of {picture.shape} {picture.dtype}; (h, w, 3) uint8 is needed")


def _plain(text: str) -> str:
    # The drawing font holds ASCII only.
    return text.encode("ascii", "replace").decode()
