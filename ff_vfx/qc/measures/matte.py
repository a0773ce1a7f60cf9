"""Was the matte cut off by a window: its edge is straight and still covers. Read by the door."""

from __future__ import annotations

import torch

from ff_vfx.qc.look import window_of
from ff_vfx.types.window import Window

_SEEN = 0.05  # coverage that shows


def cut_edge(matte: torch.Tensor, at: Window, picture: Window) -> float:
    """How much of the matte's straightest side is a cut, [0, 1].

    A matte ends in a soft or round edge; one that its window cut off ends in a straight row that still covers, whatever
    window that was. Sides that lie on the picture's own edge are the picture's.

    Args:
        matte: (1, h, w) over `at`; not a number counts as 0. picture: where the plate has pixels.
    """
    seen = (matte.nan_to_num(0.0) > _SEEN).float()
    box = window_of(seen, at)
    if box.empty:
        return 0.0
    inside = seen[0][box.slices(at)]
    sides = (
        (inside[0], box.y0 > picture.y0),
        (inside[-1], box.y1 < picture.y1),
        (inside[:, 0], box.x0 > picture.x0),
        (inside[:, -1], box.x1 < picture.x1),
    )
    return max((float(side.mean()) for side, counts in sides if counts), default=0.0)
