"""A frame beside its neighbours, along the plate's own motion: what changed that the plate did not change there.

Read by the measures of time. The flow comes from the door, and is the plate's: a result that moves otherwise is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.qc.look import View

Way = tuple[torch.Tensor, torch.Tensor]
"""(2, s, s) px from each pixel of a view to the other one, and (1, s, s) px it misses when it goes back."""
Flows = Callable[[torch.Tensor, torch.Tensor], tuple[Way, Way]]
"""Motion from one picture (3, s, s), scene-linear, to another, and back."""

_MISS_PX = 0.7  # going there and back, at which a pixel's neighbour is hardly asked any more
_DIFFER_STOPS = 0.3  # that the plate itself changed by, beyond slow light: a blink, an edge that came out
_SLOW = 0.08  # of the side: what is slower than this is light
_ASKED = 0.5  # trust from which a pixel counts where none can count in part
_NEAR = 0.006  # of the side: detail that is compared; what is finer is grain


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What lies between a frame and a neighbour, on the frame's pixels.

    change: (3, s, s) stops, of the result beyond the plate's, grain taken out. ours, plates: (3, s, s) stops, each
    one's own change with its grain. trust: (1, s, s) in [0, 1], where there is an answer at all;
    judged: the part of the face that is.
    """

    change: torch.Tensor
    ours: torch.Tensor
    plates: torch.Tensor
    trust: torch.Tensor
    judged: float


def step_between(here: View, other: View, way: Way) -> Step:
    """Compare a frame with a neighbour. way: the plate's motion from `here` to `other`.

    Domain: stops. Source: E_warp of Lai 2018 with the plate's flow, and the same of the log-ratio to the plate.
    """
    there, missed = way
    side = here.made.shape[-1]
    places = pixel_grid(side, side) + there.permute(1, 2, 0)
    ours = here.made - sample(other.made, places, mode="bicubic")
    plates = here.plate - sample(other.plate, places, mode="bicubic")
    near = _NEAR * side
    change = gaussian(ours - plates, near)
    moved = gaussian(plates.mean(0, keepdim=True), near)
    differs = moved - gaussian(moved, _SLOW * side)
    both = here.face * (sample(other.face, places, mode="bilinear", outside="zeros") > 0.9)
    trust = both * torch.exp(-(missed / _MISS_PX).square() - (differs / _DIFFER_STOPS).square())
    return Step(change, ours, plates, trust, float(trust.sum() / here.face.sum().clamp(min=1.0)))


def rms(change: torch.Tensor, trust: torch.Tensor) -> float:
    """Root mean square over trusted pixels and all channels. change: (c, s, s). trust: (1, s, s)."""
    total = float(trust.sum())
    return float((change.square() * trust).sum() / max(total, 1e-6) / change.shape[0]) ** 0.5


def tone(step: Step) -> torch.Tensor:
    """(3,) stops: by how much each channel of the whole face changed; nan where nothing is trusted.

    The median of the face: what happens to an eye or a mouth alone is no tone.
    """
    there = step.change[:, step.trust[0] > _ASKED]
    return there.median(1).values if there.shape[1] else torch.full((3,), torch.nan)
