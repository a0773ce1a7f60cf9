"""A hand that crosses the picture: opaque, textured, with its exact alpha and its own motion. Read by `made_shots`."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from benchmarks.truth.grain_field import unit_field
from ff_vfx.image.sample import affine_grid, pixel_grid, sample

_SOFT_PX = 1.6
_SKIN = (0.34, 0.2, 0.15)  # scene-linear
# Rounded sticks in the hand's own px: from (x, y) to (x, y), radius. Palm, arm, four fingers, thumb.
_STICKS = (
    (-14.0, 0.0, 14.0, 6.0, 30.0),
    (0.0, 30.0, 10.0, 420.0, 27.0),
    (-31.0, -20.0, -44.0, -78.0, 9.5),
    (-11.0, -26.0, -15.0, -98.0, 10.0),
    (10.0, -26.0, 13.0, -94.0, 9.5),
    (29.0, -18.0, 38.0, -74.0, 8.5),
    (-30.0, 14.0, -74.0, -18.0, 10.5),
)


def hand_place(across: float, size: int) -> np.ndarray:
    """(3, 3) the hand's own px to the picture's. across: 0 it is out on the left, 1 out on the right."""
    angle = 0.35 - 0.6 * across
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = size * (-0.2 + 1.4 * across), size * (0.5 - 0.1 * np.sin(np.pi * across))
    return np.array([[cos, -sin, x], [sin, cos, y], [0.0, 0.0, 1.0]])


def draw_hand(across: float, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(1, size, size) alpha and (3, size, size) scene-linear colour of the hand; alpha is that of a 1.6 px edge."""
    own = affine_grid(torch.from_numpy(np.linalg.inv(hand_place(across, size))), size, size)
    depth = torch.stack([_inside(own, stick) for stick in _STICKS])
    alpha = (depth.amax(0) / _SOFT_PX + 0.5).clamp(0.0, 1.0)
    round_ = (depth.amax(0).clamp_min(0.0) / 10.0).clamp(0.0, 1.0).sqrt()
    texture = sample(_skin(), own + 200.0)
    light = torch.exp2(texture + 0.9 * round_ - 0.6 + own[None, ..., 0] / 120.0)
    return alpha[None], torch.tensor(_SKIN)[:, None, None] * light.clamp(0.05, 4.0)


@cache
def _skin() -> torch.Tensor:
    """(1, 512, 512) stops."""
    return unit_field(3, 512, 512, 1.5, 1) * 0.12 + unit_field(4, 512, 512, 6.0, 1) * 0.15


def hand_motion(before: float, after: float, size: int) -> torch.Tensor:
    """(size, size, 2) px by which the hand itself moves."""
    matrix = hand_place(after, size) @ np.linalg.inv(hand_place(before, size))
    return affine_grid(torch.from_numpy(matrix), size, size) - pixel_grid(size, size)


def _inside(places: torch.Tensor, stick: tuple[float, float, float, float, float]) -> torch.Tensor:
    """(h, w) px inside a rounded stick, negative outside."""
    x0, y0, x1, y1, radius = stick
    along = torch.tensor([x1 - x0, y1 - y0])
    off = places - torch.tensor([x0, y0])
    share = ((off @ along) / along.square().sum()).clamp(0.0, 1.0)
    return radius - (off - share[..., None] * along).norm(dim=-1)
