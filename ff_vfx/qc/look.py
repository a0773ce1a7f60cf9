"""One face on one finished frame, beside the plate it was laid over. Read by every measure; made at the door.

Everything is cut from whole pixels, never resampled, so that what a measure finds is in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import pad

from ff_vfx.colour import to_stops
from ff_vfx.image.blur import shrink
from ff_vfx.types.window import Window

FLOOR = 0.01  # of the shot's white: what is darker is black, and its noise no flicker
_MOSTLY = 0.5
_MOST_PX = 512  # of a view's side: more is slower and finds no more


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What there is to see of a face.

    window: plate px, the face's with room around it, inside the data window. made, plate: (3, h, w) float32,
    scene-linear, the shot's white at 1; not finite values are 0. face: (1, h, w) {0, 1}, where the result is ours.
    weight: how much of the effect the frame shows, below 1 where it fades beside a gap.
    """

    number: int
    window: Window
    made: torch.Tensor
    plate: torch.Tensor
    face: torch.Tensor
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A look in a square of the size that its neighbours share, so that flow and difference can be taken.

    made, plate: (3, s, s) stops. made_light, plate_light: the same, scene-linear, for flow. face: (1, s, s) {0, 1}.
    corner: plate px of its upper left. factor: plate px a pixel of it.
    """

    made: torch.Tensor
    plate: torch.Tensor
    made_light: torch.Tensor
    plate_light: torch.Tensor
    face: torch.Tensor
    corner: tuple[int, int]
    factor: int


def window_of(mask: torch.Tensor, at: Window) -> Window:
    """The smallest window that holds all of a mask (1, h, w) over `at`; empty where the mask is."""
    rows, columns = (torch.nonzero((mask[0] > 0.0).any(axis)).flatten() for axis in (1, 0))
    if rows.numel() == 0:
        return Window(at.x0, at.y0, at.x0, at.y0)
    return Window(
        at.x0 + int(columns[0]), at.y0 + int(rows[0]), at.x0 + int(columns[-1]) + 1, at.y0 + int(rows[-1]) + 1
    )


def side_of(look: Look, quantum: int = 32) -> int:
    """Side of the square a face is judged in, px: a little more than the face, in coarse steps so that it stays."""
    face = window_of(look.face, look.window)
    return quantum * -(-int(max(face.width, face.height, 1) * 1.15) // quantum)


def view_of(look: Look, side: int, corner: tuple[int, int] | None = None) -> View:
    """The look in a square of `side` px around its face, made smaller by a whole factor where that is large.

    corner: plate px of its upper left; None: so that the face is in its middle.
    """
    face = window_of(look.face, look.window)
    corner = corner or ((face.x0 + face.x1 - side) // 2, (face.y0 + face.y1 - side) // 2)
    x0, y0 = corner[0] - look.window.x0, corner[1] - look.window.y0
    made, plate, mask = (_square(planes, x0, y0, side) for planes in (look.made, look.plate, look.face))
    factor = -(-side // _MOST_PX)
    if factor > 1:
        made, plate, mask = shrink(made, factor), shrink(plate, factor), (shrink(mask, factor) > _MOSTLY).float()
    return View(to_stops(made, FLOOR), to_stops(plate, FLOOR), made, plate, mask, corner, factor)


def _square(planes: torch.Tensor, x0: int, y0: int, side: int) -> torch.Tensor:
    """Planes (c, h, w) in a square that may reach over their edge, where they are 0."""
    h, w = planes.shape[-2:]
    left, top, right, bottom = max(0, -x0), max(0, -y0), max(0, x0 + side - w), max(0, y0 + side - h)
    inner = planes[:, max(0, y0) : min(h, y0 + side), max(0, x0) : min(w, x0 + side)]
    return pad(inner, (left, right, top, bottom))
