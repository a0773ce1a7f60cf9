"""A frame's new face made ready to vote, and what a neighbour says about each pixel of another frame. Read by merging.

Everything is in stops. Work is done in a box around the new face alone: where a frame's new face is the plate's own
pixels there is nothing to hold still.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ff_vfx.colour import to_stops
from ff_vfx.image.blur import enlarge, gaussian, shrink
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.steady.align import detail_of
from ff_vfx.steady.flow import Flow
from ff_vfx.types.fused import Fused
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.window import Window

# Times the floor, under which differences of light count for nothing: where the plate is black (a shut lash line, a
# nostril) and the new face is not, the plate's grain would otherwise come back as coloured specks.
ABOVE_GRAIN = 8.0
_CELL = 16  # px; boxes start and end on this grid, so that all of a frame's pictures shrink alike
_GRAIN_FREE_PX = 1.5  # blur under which the plate's grain hides whether it changed
_NEW_STOPS = 0.1  # how far from the plate a pixel must be to count as wholly new


@dataclass(frozen=True, slots=True, eq=False)
class Voter:
    """A frame's new face. face, plate: (3, s, s) stops, the new face and the plate under it. seen: (1, s, s) in [0, 1],

    0 where something stands before the face; None: all is seen. detail: see align.detail_of. box: where face and plate
    differ, crop px; empty: nowhere.
    """

    number: int
    face: torch.Tensor
    plate: torch.Tensor
    seen: torch.Tensor | None
    detail: torch.Tensor
    box: Window


def make_voter(number: int, fused: Fused, floor: float, seen: torch.Tensor | None = None) -> Voter:
    """Made once a frame. floor: scene-linear value under which differences of light do not count."""
    plate = to_stops(fused.surround, ABOVE_GRAIN * floor)
    face = to_stops(fused.picture, ABOVE_GRAIN * floor)
    return Voter(number, face, plate, seen, detail_of(face), _changed_box(fused))


def _changed_box(fused: Fused) -> Window:
    changed = (fused.picture != fused.surround).any(0)
    rows, columns = changed.any(1).nonzero()[:, 0], changed.any(0).nonzero()[:, 0]
    if not len(rows):
        return Window(0, 0, 0, 0)
    size = changed.shape[-1]
    low = [int(places[0]) // _CELL * _CELL for places in (columns, rows)]
    high = [min(size, (int(places[-1]) // _CELL + 1) * _CELL) for places in (columns, rows)]
    return Window(low[0], low[1], high[0], high[1])


def part_of(pixels: torch.Tensor, box: Window) -> torch.Tensor:
    """A box of a crop's picture (c, s, s); a view."""
    return pixels[(slice(None), *box.slices(Window(0, 0, pixels.shape[-1], pixels.shape[-2])))]


def newness(voter: Voter, box: Window) -> torch.Tensor:
    """(1, h, w) in [0, 1]: how far the box's pixels are the new face's; exactly 0 where nothing near differs."""
    differs = shrink((part_of(voter.face, box) - part_of(voter.plate, box)).abs().mean(0, keepdim=True), 4)
    soft = gaussian(differs, voter.face.shape[-1] / 256.0)
    h, w = box.height, box.width
    return (enlarge(soft, h, w) / _NEW_STOPS).clamp(0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Vote:
    """What one frame says of another's box. step: frames away, 0 for the frame itself. face, plate: (3, h, w) stops.

    trust: (1, h, w) in [0, 1]: flow comes back, the plate looks the same at both ends, nothing stands before the face.
    weight: the frame's, >= 0.
    """

    step: int
    face: torch.Tensor
    plate: torch.Tensor
    trust: torch.Tensor
    weight: float


def carried(pixels: torch.Tensor, box: Window, there: torch.Tensor, shift: torch.Tensor | None = None) -> torch.Tensor:
    """A neighbour's picture on the box's pixels. there: (2, s, s) flow to it; shift: (h, w, 2) px more, if any."""
    h, w = pixels.shape[-2:]
    at = (part_of(pixel_grid(h, w).permute(2, 0, 1), box) + part_of(there, box)).permute(1, 2, 0)
    return sample(pixels, at if shift is None else at + shift)


def neighbours_plate(voter: Voter, box: Window, flow: Flow) -> torch.Tensor:
    """(3 or 4, h, w): the neighbour's plate on the box's pixels, and its `seen`, where it has one."""
    pixels = voter.plate if voter.seen is None else torch.cat([voter.plate, voter.seen])
    return carried(pixels, box, flow.there)


def trust_of(here: torch.Tensor, there: torch.Tensor, error_px: torch.Tensor, settings: SteadySettings) -> torch.Tensor:
    """(1, h, w) in [0, 1]: flow comes back to where it started, and the plate looks the same at both ends.

    Args:
        here, there: (3, h, w) stops, the plate and a neighbour's on its pixels. error_px: (1, h, w).
    """
    change = gaussian((here - there).mean(0, keepdim=True), _GRAIN_FREE_PX)
    return torch.exp(-(error_px / settings.gate_px).square() - (change / settings.gate_stops).square())
