"""A clip made from arithmetic: a texture that moves by a known step a frame. Read by the tests beside it."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from benchmarks.steadiness.clip import Clip
from ff_vfx.colour import brighten
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.window import Window

SIDE, FRAMES, FLOOR = 96, 16, 0.01
STEP = (0.75, -0.5)


def texture(number: int) -> torch.Tensor:
    """(3, SIDE, SIDE) light: waves of many lengths, seen at the number's place."""
    at = pixel_grid(SIDE, SIDE) - torch.tensor(STEP) * (number - 1)
    x, y = at[..., 0], at[..., 1]
    stops = (
        0.3 * torch.sin(x / 7) * torch.cos(y / 9) + 0.3 * torch.sin((x + 2 * y) / 2.5) + 0.2 * torch.sin(x * 1.1 - y)
    )
    return torch.exp2(stops - 2.0)[None].repeat(3, 1, 1)


def brighter(picture: torch.Tensor, stops: float) -> torch.Tensor:
    """A picture (c, h, w) some stops brighter, as the metrics count stops."""
    return brighten(picture, torch.full_like(picture, stops), FLOOR)


def clip_of_moving_texture(flows: Mapping[int, torch.Tensor] | None = None) -> Clip:
    """Frames 1 to 16 at 24 a second; the face is a disc in the middle, an event is in its upper part on two frames."""
    numbers = tuple(range(1, FRAMES + 1))
    at = pixel_grid(SIDE, SIDE) - SIDE / 2
    disc = (at.norm(dim=-1) < 0.33 * SIDE).float()[None]
    eye = disc * (at[..., 1] < -0.1 * SIDE)
    motion = torch.tensor(STEP).expand(SIDE, SIDE, 2)
    return Clip(
        Window(0, 0, SIDE, SIDE),
        numbers,
        {n: texture(n) for n in numbers},
        dict.fromkeys(numbers, disc),
        dict.fromkeys((7, 8), eye),
        dict.fromkeys(numbers[:-1], motion) if flows is None else flows,
        24.0,
        "ACEScg",
        0.0,
    )
