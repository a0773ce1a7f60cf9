"""New faces on plates made of arithmetic, and the rules to hold them still. Read by the tests of ff_vfx.steady."""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.steady.flow import Flow
from ff_vfx.steady.hold import Neighbour, Rules, hold_still
from ff_vfx.steady.voter import make_voter
from ff_vfx.steady.weigh import Weigh, likeness_and_agreement
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Fused, Held
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import Grain
from tests.synthetic import picture

S, FLOOR = 96, 1e-4
GRAIN = Grain((1e-6,) * 3, (1e-8,) * 3, 0.5)
STILL = Flow(torch.zeros(2, S, S), torch.zeros(1, S, S))


def textured(seed: int, size: int = S) -> torch.Tensor:
    """Blobs with detail enough to see where they are."""
    return (picture(seed, size, size) + 0.4 * picture(seed + 1, size // 3, size // 3).repeat(1, 3, 3))[:, :size, :size]


def points_in(size: int = S) -> np.ndarray:
    """The canonical face in the middle of the crop, (478, 3)."""
    return face_mesh().canonical * 0.3 * size + np.array([0.5, 0.4, 0.0]) * size


def new_face(face: torch.Tensor, plate: torch.Tensor) -> Fused:
    size = face.shape[-1]
    grid = pixel_grid(size, size).permute(2, 0, 1)
    return Fused(face, plate, grid, torch.zeros(1, size, size), points_in(size))


def noisy(clean: torch.Tensor, seed: int, size: float = 0.03) -> torch.Tensor:
    return clean * (1.0 + size * torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed)))


def shifted(pixels: torch.Tensor, x: float, y: float = 0.0) -> torch.Tensor:
    """What was at (0, 0) is at (x, y)."""
    return sample(pixels, pixel_grid(*pixels.shape[-2:]) - torch.tensor([x, y]))


def rules_of(weigh: Weigh = likeness_and_agreement, **changes: object) -> Rules:
    return Rules(SteadySettings.model_validate(changes), GRAIN, FLOOR, weigh)


def neighbour(
    number: int, fused: Fused, weight: float = 1.0, flow: Flow = STILL, seen: torch.Tensor | None = None
) -> Neighbour:
    return Neighbour(make_voter(number, fused, FLOOR, seen), flow, weight)


def held_by(centre: Fused, neighbours: list[Neighbour], rules: Rules, own: float = 1.0) -> Held:
    """The centre is frame 0."""
    return hold_still(make_voter(0, centre, FLOOR), centre, own, neighbours, rules)[0]
