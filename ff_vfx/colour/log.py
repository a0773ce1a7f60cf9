"""Light in stops, where equal steps look equal. Read by composite for light, colour match and grain."""

from __future__ import annotations

import math

import torch


def to_stops(linear: torch.Tensor, floor: float) -> torch.Tensor:
    """Scene-linear light as stops, for work where a ratio matters and not a difference.

    Args:
        linear: any shape.
        floor: added before the logarithm, > 0; about the plate's black noise, so that noise stays small.

    Domain: log2(max(x, 0) + floor); negatives count as 0, inf stays inf, nan stays nan.
    """
    return torch.log2(linear.clamp(min=0.0) + floor)


def from_stops(stops: torch.Tensor, floor: float) -> torch.Tensor:
    """Undo to_stops with the same floor; what was negative comes back as 0 (within rounding)."""
    # Not exp2: on the CPU its last bit depends on where in the tensor a value lies.
    return torch.exp(stops * math.log(2.0)) - floor


def brighten(linear: torch.Tensor, stops: torch.Tensor, floor: float) -> torch.Tensor:
    """Scene-linear light, brightened by stops as `to_stops` measures them.

    Args:
        linear, stops: shapes that broadcast. floor: as in to_stops.

    Domain: unbounded; what is below 0 is moved as 0 is. Exactly `linear` where stops is 0.
    """
    return linear + (linear.clamp(min=0.0) + floor) * torch.expm1(stops * math.log(2.0))
