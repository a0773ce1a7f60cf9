"""What people do first: filter the crops over time as if nothing moved. Baselines of the table; they must lose."""

from __future__ import annotations

import torch

from benchmarks.steadiness.clip import Pictures
from benchmarks.truth.measures import FLOOR
from ff_vfx.colour import from_stops, to_stops

MEMORY = 0.9
_REACH = 2  # frames on each side of the median


def exponential_mean(crops: Pictures, cuts: tuple[int, ...]) -> dict[int, torch.Tensor]:
    """Each crop and the past's mean, 1 to 9, in stops. cuts: frames that begin anew."""
    held: dict[int, torch.Tensor] = {}
    past = torch.zeros(())
    for n in sorted(crops):
        stops = to_stops(crops[n], FLOOR)
        past = stops if not held or n in cuts else MEMORY * past + (1.0 - MEMORY) * stops
        held[n] = from_stops(past, FLOOR)
    return held


def median(crops: Pictures, cuts: tuple[int, ...]) -> dict[int, torch.Tensor]:
    """The middle of each pixel and its next frames', of one take. Two in the middle: the lower."""
    held = {}
    for n in crops:
        low = max((cut for cut in cuts if cut <= n), default=n - _REACH)
        high = min((cut for cut in cuts if cut > n), default=n + _REACH + 1)
        near = [crops[m] for m in range(max(low, n - _REACH), min(high, n + _REACH + 1)) if m in crops]
        held[n] = torch.stack(near).median(0).values
    return held
