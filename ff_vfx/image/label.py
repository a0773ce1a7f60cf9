"""Words burnt into a corner of a picture that people watch: the visible label of the laws, the frame's number.

Display pictures only: numpy uint8 or uint16, RGB, (h, w, 3). Read by the door's movies and sheets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ff_vfx.image.lettering import text_inside, text_line
from ff_vfx.types.window import Window

AI_GENERATED = "AI-GENERATED"
LEGAL_PART = 0.05
"""Least height of letters, part of the picture's shorter side: GB 45438-2025, the one law that gives a figure."""

_CORNERS = ((False, True), (True, True), (False, False), (True, False))  # right, bottom; the first that is free
_PAPER, _INK = 0.06, 0.94
_DARK = 0.72  # how far the picture behind the letters gives way
_LEAST_PX = 8


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """Letters on dark ground, ready to be laid on many pictures of one size. ink: (h, w) of `window`, [0, 1]."""

    window: Window
    ink: np.ndarray

    def on(self, picture: np.ndarray) -> np.ndarray:
        """A new picture with the label in it; all else is the same values."""
        full = float(np.iinfo(picture.dtype).max)
        place = (slice(self.window.y0, self.window.y1), slice(self.window.x0, self.window.x1))
        behind = picture[place].astype(np.float32)
        ground = behind + _DARK * (_PAPER * full - behind)
        shown = picture.copy()
        shown[place] = (ground + self.ink[..., None] * (_INK * full - ground) + 0.5).astype(picture.dtype)
        return shown


def make_label(text: str, size: tuple[int, int], *, part: float = LEGAL_PART, keep_off: Sequence[Window] = ()) -> Label:
    """A label for pictures of one size, in the corner that hides least of what must be seen.

    A text too long for one line is broken at its spaces; a word too long for the picture is made smaller.

    Args:
        size: (width, height) px. part: height of the letters, of the shorter side. keep_off: faces, in the picture's
            own pixels; of corners alike the lower left comes first, then lower right, upper left, upper right.

    Raises:
        BadInput: nothing to see in the text, or too long.
    """
    width, height = size
    letters = max(_LEAST_PX, -int(-min(size) * part // 1))
    margin = max(1, letters // 2)
    ink = _paragraph(text, letters, width - 4 * margin)[: max(1, height - 2 * margin), : max(1, width - 2 * margin)]
    ink = np.pad(ink, margin)[:height, :width]
    tall, wide = ink.shape
    gaps = (min(margin, width - wide), min(margin, height - tall))
    boxes = [_box(right, bottom, (wide, tall), size, gaps) for right, bottom in _CORNERS]
    return Label(min(boxes, key=lambda box: _hidden(box, keep_off)), ink)


def _paragraph(text: str, letters: int, width: int) -> np.ndarray:
    """(h, w) of the text in lines that fit, one below the other."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_line(longer, letters).shape[1] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    drawn = [_line(line, letters, max(1, width)) for line in lines] or [text_line(text, letters).numpy()]
    wide, gap = max(line.shape[1] for line in drawn), letters // 2
    padded = [np.pad(line, ((0, gap), (0, wide - line.shape[1]))) for line in drawn]
    return np.vstack(padded)[:-gap]


def _line(line: str, letters: int, width: int) -> np.ndarray:
    drawn = text_line(line, letters)
    return (drawn if drawn.shape[1] <= width else text_inside(line, width, letters)).numpy()


def _box(right: bool, bottom: bool, own: tuple[int, int], size: tuple[int, int], gaps: tuple[int, int]) -> Window:
    x = size[0] - own[0] - gaps[0] if right else gaps[0]
    y = size[1] - own[1] - gaps[1] if bottom else gaps[1]
    return Window(x, y, x + own[0], y + own[1])


def _hidden(box: Window, keep_off: Sequence[Window]) -> int:
    shared = [box.intersect(window) for window in keep_off]
    return sum(one.width * one.height for one in shared)
