"""Hair and spectacles to plant on a head, moving with it, with their exact alpha. Read by benchmarks/mattes.py."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid

Thing = tuple[torch.Tensor, torch.Tensor]  # (1, h, w) alpha, (3, h, w) scene-linear
_EDGE_PX = 1.2
_HAIR = (0.035, 0.022, 0.015)
_FRAME = (0.012, 0.012, 0.014)
_TOP, _CHIN, _EYES = 10, 152, ((33, 133), (362, 263))  # of the mesh's points


def strands(points: np.ndarray, size: int, seed: int = 0, count: int = 9) -> Thing:
    """A fringe that falls from the top of the face over brow and cheek. points: (478, 2|3) px. seed: which hair."""
    chance = np.random.default_rng(seed)
    across, down = _axes(points)
    unit = float(np.linalg.norm(down))
    top = points[_TOP, :2] - 0.12 * down
    alpha = torch.zeros(size, size)
    shade = torch.zeros(size, size)
    for _ in range(count):
        start = top + across * chance.uniform(-0.4, 0.4)
        end = start + down * chance.uniform(0.25, 0.75) + across * chance.uniform(-0.25, 0.25)
        bow = (start + end) / 2 + across * chance.uniform(-0.12, 0.12)
        radius = unit * chance.uniform(0.008, 0.03)
        inside = _curve(np.stack([start, bow, end]), size, radius)
        alpha = torch.maximum(alpha, inside)
        shade = torch.where(inside > 0.5, torch.tensor(chance.uniform(0.6, 2.2), dtype=torch.float32), shade)
    tone = torch.tensor(chance.uniform(0.5, 4.0) * np.array(_HAIR), dtype=torch.float32)[:, None, None]
    return alpha[None], tone * gaussian(shade.clamp_min(0.6)[None], 1.0)


def spectacles(points: np.ndarray, size: int, seed: int = 0) -> Thing:
    """Two dark rims round the eyes and a bridge between."""
    chance = np.random.default_rng(seed)
    across, _ = _axes(points)
    unit = float(np.linalg.norm(across))
    centres = [points[list(eye), :2].mean(0) for eye in _EYES]
    radius, thick = unit * chance.uniform(0.17, 0.2), unit * chance.uniform(0.012, 0.022)
    grid = pixel_grid(size, size)
    rims = [thick - ((grid - torch.from_numpy(c).float()).norm(dim=-1) - radius).abs() for c in centres]
    side = (centres[1] - centres[0]) / np.linalg.norm(centres[1] - centres[0])
    bridge = np.stack([centres[0] + side * radius, (centres[0] + centres[1]) / 2, centres[1] - side * radius])
    alpha = torch.maximum((torch.maximum(*rims) / _EDGE_PX + 0.5).clamp(0.0, 1.0), _curve(bridge, size, thick))
    tone = torch.tensor(chance.uniform(0.5, 5.0) * np.array(_FRAME), dtype=torch.float32)[:, None, None]
    return alpha[None], tone.expand(3, size, size)


def laid_over(picture: torch.Tensor, thing: Thing) -> torch.Tensor:
    """The picture with the thing before it."""
    return picture * (1.0 - thing[0]) + thing[1] * thing[0]


PLANTED: dict[str, Callable[[np.ndarray, int, int], Thing]] = {"hair": strands, "glasses": spectacles}


def _axes(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The face's width to the right and its height downwards, px."""
    across = points[_EYES[1][1], :2] - points[_EYES[0][0], :2]
    return across * 1.6, points[_CHIN, :2] - points[_TOP, :2]


def _curve(knots: np.ndarray, size: int, radius: float) -> torch.Tensor:
    """(size, size) alpha of a stroke along a bow of three knots."""
    t = np.linspace(0.0, 1.0, 12)[:, None]
    line = (1 - t) ** 2 * knots[0] + 2 * t * (1 - t) * knots[1] + t**2 * knots[2]
    low, high = np.floor(line.min(0) - radius - 2).astype(int), np.ceil(line.max(0) + radius + 2).astype(int)
    (x0, y0), (x1, y1) = np.clip(low, 0, size), np.clip(high, 0, size)
    alpha = torch.zeros(size, size)
    if x1 > x0 and y1 > y0:
        grid = pixel_grid(int(y1 - y0), int(x1 - x0)) + torch.tensor([float(x0), float(y0)])
        far = torch.stack([_far(grid, a, b) for a, b in pairwise(torch.from_numpy(line).float())]).amin(0)
        alpha[y0:y1, x0:x1] = ((radius - far) / _EDGE_PX + 0.5).clamp(0.0, 1.0)
    return alpha


def _far(grid: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(h, w) px from a line between two places."""
    along = b - a
    share = ((grid - a) @ along / along.square().sum().clamp_min(1e-6)).clamp(0.0, 1.0)
    return (grid - a - share[..., None] * along).norm(dim=-1)
