"""Where a neighbour's new face sits against this frame's, beyond the plate's own motion: the fuser's jitter.

Read by hold. A network that finds its own alignment shivers by a pixel; averaging shivering pictures would blur them.
"""

from __future__ import annotations

import torch

from ff_vfx.image.blur import gaussian, shrink
from ff_vfx.image.sample import pixel_grid, sample

SHRINK = 2  # alignment works at half size: finer detail is mostly noise
_ROUNDS = 3
_SLOW = 1.0 / 40.0  # of the side: slower brightness says nothing about place
_GRAIN_PX = 1.2
_LEAST_PX = 1e-3
_RIDGE = 1e-6


def detail_of(face: torch.Tensor) -> torch.Tensor:
    """What alignment looks at: brightness at half size without its slow part, (1, s/2, s/2). face: (3, s, s) stops."""
    grey = shrink(gaussian(face.mean(0, keepdim=True), _GRAIN_PX), SHRINK)
    return grey - gaussian(grey, _SLOW * face.shape[-1])


def jitter_between(here: torch.Tensor, there: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The similarity that brings one picture onto another, found on their pixels.

    Args:
        here, there: (1, h, w) details, on the same pixels but for the jitter. weight: (1, h, w) where to look.

    Returns:
        (4,) shift x, y, growth, turn, in half-size px and px a box side; zeros where there is nothing to look at.

    Source: Lucas and Kanade 1981, Gauss-Newton; robust weights after Geman and McClure.
    """
    found = torch.zeros(4, dtype=torch.float64)
    if not float(weight.sum()) > 0.0:
        return found
    bases = _bases(*here.shape[-2:])
    for _ in range(_ROUNDS):
        moved = sample(there, _moved(found, bases), mode="bilinear")[0]
        step = _step(here[0], moved, weight[0], bases)
        found = found + step
        if float(step[:2].abs().max()) < _LEAST_PX:
            break
    return found


def _bases(h: int, w: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(4, h, w) each: what x and y move by for each of the four parameters."""
    grid = pixel_grid(h, w)
    x, y = (grid[..., 0] - w / 2.0) / w, (grid[..., 1] - h / 2.0) / h
    one, none = torch.ones(h, w), torch.zeros(h, w)
    return torch.stack([one, none, x, -y]), torch.stack([none, one, y, x])


def _moved(jitter: torch.Tensor, bases: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    h, w = bases[0].shape[-2:]
    return pixel_grid(h, w) + torch.stack([torch.einsum("k,khw->hw", jitter.float(), b) for b in bases], -1)


def _step(here: torch.Tensor, moved: torch.Tensor, weight: torch.Tensor, bases: tuple) -> torch.Tensor:
    """One Gauss-Newton step, (4,) float64."""
    middle, miss = (here + moved) / 2.0, here - moved
    slope_x, slope_y = torch.zeros_like(middle), torch.zeros_like(middle)
    slope_x[:, 1:-1] = (middle[:, 2:] - middle[:, :-2]) / 2.0
    slope_y[1:-1] = (middle[2:] - middle[:-2]) / 2.0
    typical = (miss.abs() * weight).sum() / weight.sum()
    sure = weight / (1.0 + (miss / (2.5 * typical + 1e-6)).square())
    rows = (slope_x * bases[0] + slope_y * bases[1]).reshape(4, -1)
    weighed = (rows * sure.reshape(1, -1)).double()
    normal = weighed @ rows.double().T
    ridge = _RIDGE * (1.0 + float(normal.diagonal().mean())) * torch.eye(4, dtype=torch.float64)
    return torch.linalg.solve(normal + ridge, weighed @ miss.reshape(-1).double())


def bounded(jitter: torch.Tensor, most_px: float) -> torch.Tensor:
    """No jitter at all where it is larger than an artist believes: then it is no jitter. most_px: full-size px."""
    return jitter if float(jitter.abs().max()) * SHRINK <= most_px else torch.zeros_like(jitter)


def shift_field(jitter: torch.Tensor, height: int, width: int) -> torch.Tensor | None:
    """(height, width, 2) full-size px of a box; None for no jitter at all."""
    if not jitter.any():
        return None
    bases = _bases(height, width)
    return SHRINK * torch.stack([torch.einsum("k,khw->hw", jitter.float(), b) for b in bases], -1)
