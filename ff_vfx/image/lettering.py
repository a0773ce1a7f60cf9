"""Words as coverage, to be laid into a picture of any kind. Read by composite and the door.

The letters are those inside the pinned OpenCV wheel (Rubik, and WenQuanYi for Chinese): no font of the system is asked
for, so that a text is the same on every machine.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch

from ff_vfx.errors import BadInput

_FONT, _WEIGHT = "sans", 600
_MOST_LETTERS = 200
_DRAWN_PX = 64  # letters are drawn this large or larger, then made smaller: thin strokes keep their weight
_TALLEST_PX = 1024
_MOST_PX = 40_000  # letters times the height they are drawn at: a long text is drawn smaller and made larger


def text_line(text: str, height_px: int) -> torch.Tensor:
    """One line of text, cut to its ink.

    Args:
        text: at most 200 characters; what is no letter (line ends, tabs) becomes a space.
        height_px: from the top of the tallest letter to the foot of the lowest, 1..1024.

    Returns:
        (height_px, w) float32 coverage in [0, 1].

    Raises:
        BadInput: nothing to see in it, too long, or a height out of range.
    """
    if not 1 <= height_px <= _TALLEST_PX:
        raise BadInput(f"lettering: a height of {height_px} px; 1 to {_TALLEST_PX} can be drawn")
    drawn = _ink(_plain(text), height_px)
    return _sized(drawn, max(1, round(drawn.shape[1] * height_px / drawn.shape[0])), height_px)


def text_inside(text: str, width_px: int, height_px: int) -> torch.Tensor:
    """The same, as large as fits a box and in its middle.

    Returns:
        (height_px, width_px) float32 coverage in [0, 1].

    Raises:
        BadInput: as text_line; or a box without a pixel.
    """
    if width_px < 1 or height_px < 1:
        raise BadInput(f"lettering: a box of {width_px}x{height_px} px holds no text; give it a pixel at least")
    drawn = _ink(_plain(text), height_px)
    scale = min(height_px / drawn.shape[0], width_px / drawn.shape[1])
    line = _sized(drawn, max(1, int(drawn.shape[1] * scale + 1e-6)), max(1, int(drawn.shape[0] * scale + 1e-6)))
    box = torch.zeros(height_px, width_px)
    y, x = (height_px - line.shape[0]) // 2, (width_px - line.shape[1]) // 2
    box[y : y + line.shape[0], x : x + line.shape[1]] = line
    return box


def _ink(text: str, wanted_px: int) -> np.ndarray:
    """(h, w) float32 of the text, cut to what is not empty; h is near what is wanted, or larger."""
    height = max(_DRAWN_PX, min(wanted_px, _TALLEST_PX, _MOST_PX // len(text)))
    canvas = np.zeros((height * 4, (len(text) + 2) * height * 2), np.uint8)
    cv2.putText(canvas, text, (height, height * 2), 255, cv2.FontFace(_FONT), round(height * 1.3), _WEIGHT)
    rows, columns = np.flatnonzero(canvas.any(1)), np.flatnonzero(canvas.any(0))
    if not len(rows):
        raise BadInput(f"lettering: nothing to see in {text!r}; give a text with letters")
    cut = canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cut.astype(np.float32) / 255.0


def _sized(drawn: np.ndarray, width: int, height: int) -> torch.Tensor:
    way = cv2.INTER_AREA if height < drawn.shape[0] else cv2.INTER_LINEAR
    return torch.from_numpy(cv2.resize(drawn, (width, height), interpolation=way)).clamp(0.0, 1.0)


def _plain(text: str) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    if not line or len(line) > _MOST_LETTERS:
        raise BadInput(f"lettering: a text of {len(line)} letters; 1 to {_MOST_LETTERS} can be drawn")
    return line
