"""What a result is judged against: one shot's truth and true motion, cut to the box the face stays in.

Read by metrics, scores and pictures. Everything but the box is in px of the box, y down, pixel centres at +0.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from ff_vfx.types.window import Window

_MARGIN_PX = 12
Pictures = Mapping[int, torch.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """box: plate px. numbers: frames that are judged, ascending. truth: number -> (3, h, w) scene-linear.

    faces, events: number -> (1, h, w) in {0, 1}; a frame without an event is absent. flows: number -> (h, w, 2) true
    motion to the next frame, px; absent where the next frame is not judged or is of another take. fps: frames a second.
    space: the pictures' colour space. exposure_stops: gain that brings the face's bright end to 1.
    """

    box: Window
    numbers: tuple[int, ...]
    truth: Pictures
    faces: Pictures
    events: Pictures
    flows: Pictures
    fps: float
    space: str
    exposure_stops: float

    def steps(self) -> list[tuple[int, int]]:
        """Frames beside each other with a known motion between them."""
        return [(n, n + 1) for n in self.numbers if n in self.flows]

    def takes(self) -> list[tuple[int, ...]]:
        """Runs of frames that motion is known all through."""
        runs: list[list[int]] = []
        for n in self.numbers:
            if runs and n - 1 == runs[-1][-1] and n - 1 in self.flows:
                runs[-1].append(n)
            else:
                runs.append([n])
        return [tuple(run) for run in runs]


def box_of(faces: Sequence[torch.Tensor]) -> Window:
    """The least box that holds these (1, h, w) masks, and a margin, inside the picture; px of the picture."""
    held = torch.stack(list(faces)).amax(0)[0] > 0.5
    rows, columns = held.any(1).nonzero()[:, 0], held.any(0).nonzero()[:, 0]
    h, w = held.shape
    if not len(rows):
        return Window(0, 0, w, h)
    low = [max(0, int(places[0]) - _MARGIN_PX) for places in (columns, rows)]
    high = [min(size, int(places[-1]) + 1 + _MARGIN_PX) for places, size in ((columns, w), (rows, h))]
    return Window(low[0], low[1], high[0], high[1])


def cut_out(picture: torch.Tensor, box: Window) -> torch.Tensor:
    """A box of a picture. picture: (c, h, w), or (h, w, 2) motion; a picture is more than two px wide."""
    if picture.shape[-1] == 2:
        return picture[box.y0 : box.y1, box.x0 : box.x1]
    return picture[:, box.y0 : box.y1, box.x0 : box.x1]
