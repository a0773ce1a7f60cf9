"""A few neighbours vote on each pixel, where flow and light agree that it is the same bit of skin. Read by shot.

What is averaged is the log-ratio of the new face to the plate, so that what truly changes in the plate (a blink, a
passing light) passes through untouched, and the plate's own grain rides along. Source: TIME sheet, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ff_vfx.colour import brighten, to_stops
from ff_vfx.image.blur import gaussian
from ff_vfx.steady.flow import Flow, follow
from ff_vfx.types.fused import Fused, Held
from ff_vfx.types.settings import SteadySettings

# Times the floor, under which ratios count for nothing: where the plate is black (a shut lash line, a nostril) and the
# new face is not, the plate's grain would otherwise come back as coloured specks.
_ABOVE_GRAIN = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Voter:
    """A frame's new face, ready to vote. ratio: the new face over the plate, surround: the plate; (3, s, s) stops."""

    fused: Fused
    ratio: torch.Tensor
    surround: torch.Tensor


def voter(fused: Fused, floor: float) -> Voter:
    """Made once a frame. floor: scene-linear value under which differences of light do not count."""
    surround = to_stops(fused.surround, _ABOVE_GRAIN * floor)
    return Voter(fused, to_stops(fused.picture, _ABOVE_GRAIN * floor) - surround, surround)


def steady(centre: Voter, neighbours: Sequence[tuple[Voter, Flow]], settings: SteadySettings, floor: float) -> Held:
    """The new face, held still by its neighbours.

    Args:
        neighbours: each with the flow from the centre's surround to its own.
        floor: as the voters were made with.

    Returns:
        Where picture equals surround in all frames, exactly the centre's picture.

    Domain: scene-linear, unbounded; the ratio is in stops.
    """
    size = centre.ratio.shape[-1]
    if not neighbours or settings.amount == 0.0:
        return Held(centre.fused.picture, torch.ones(1, size, size), torch.zeros(1, size, size))
    ratio = centre.ratio
    total, weight, squares = ratio.clone(), torch.ones(1, size, size), torch.ones(1, size, size)
    for other, flow in neighbours:
        vote = _gate(centre.surround, other.surround, flow, settings)
        total += vote * follow(other.ratio, flow.there, "bicubic")
        weight += vote
        squares += vote * vote
    mean = ratio + settings.amount * (total / weight - ratio)
    votes = 1.0 + settings.amount * (weight * weight / squares - 1.0)
    return Held(brighten(centre.fused.surround, mean, _ABOVE_GRAIN * floor), votes, (weight - 1.0) / len(neighbours))


def _gate(here: torch.Tensor, there: torch.Tensor, flow: Flow, settings: SteadySettings) -> torch.Tensor:
    """(1, s, s) in [0, 1]: flow comes back to where it started, and the plate looks the same at both ends."""
    size = here.shape[-1]
    grain_free_px = size / 256.0
    seen = follow(there.mean(0, keepdim=True), flow.there)
    change = gaussian(here.mean(0, keepdim=True) - seen, grain_free_px)
    landed = (flow.error_px / settings.gate_px).square()
    looks = (change / settings.gate_stops).square()
    return torch.exp(-landed - looks)
