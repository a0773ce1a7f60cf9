"""Which of the performer's pictures fits a pose, and its pixels on the plate's mesh. Read by the mesh fuser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.colour import from_stops, to_stops
from ff_vfx.fuse.mesh.shape import facing
from ff_vfx.image.blur import enlarge, shrink, weighted_gaussian
from ff_vfx.image.raster import spread
from ff_vfx.image.sample import sample
from ff_vfx.types.face import Face
from ff_vfx.types.face_mesh import FaceMesh

_LEAST_WEIGHT = 2e-3  # below this a still is not sampled at all; subtracted, so that it comes and goes without a step
_QUARTER = 4  # low frequencies are computed at a quarter of the crop


@dataclass(frozen=True, slots=True, eq=False)
class PreparedStill:
    """picture: (3, h, w) float32 in the plate's colour space, its face's part alone. face: in that picture's pixels.

    facing: (468,) how squarely each point is seen. rotation: (3, 3).
    """

    picture: torch.Tensor
    face: Face
    facing: np.ndarray
    rotation: np.ndarray


def rotation_of(face: Face) -> np.ndarray:
    """The pose without its scale, (3, 3)."""
    return face.pose[:, :3] / np.cbrt(np.linalg.det(face.pose[:, :3]))


def prepare_still(picture: torch.Tensor, face: Face, mesh: FaceMesh) -> PreparedStill:
    """Made once a shot."""
    return PreparedStill(picture, face, facing(face.landmarks, mesh), rotation_of(face))


def still_weights(stills: tuple[PreparedStill, ...], rotation: np.ndarray, sharpness: float) -> np.ndarray:
    """How much each still counts at each point of the face, (stills, 468), columns sum to 1.

    Nearer poses win, and a point counts where its still sees it squarely; continuous in the pose, so nothing pops.

    Args:
        rotation: (3, 3), the plate face's. sharpness: see FuseSettings.still_sharpness.
    """
    angles = [np.arccos(np.clip((np.trace(rotation.T @ s.rotation) - 1.0) / 2.0, -1.0, 1.0)) for s in stills]
    near = np.exp(-sharpness * (np.square(angles) - np.min(np.square(angles))))
    seen = np.stack([np.clip(s.facing, 0.0, 1.0) ** 2 + 1e-3 for s in stills])
    weights = near[:, None] * seen
    weights = np.maximum(weights / weights.sum(0) - _LEAST_WEIGHT, 0.0)
    return weights / weights.sum(0)


def blend_stills(
    stills: tuple[PreparedStill, ...],
    weights: np.ndarray,
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray],
    mask: torch.Tensor,
    floor: float,
) -> torch.Tensor:
    """The stills' pixels on the new mesh, one picture.

    Low frequencies are blended softly, so that a still's light leaves no edge; detail firmly, so that it stays sharp.

    Args:
        weights: (stills, 468). drawn: (ids (s, s), points (468, 2) crop px, triangles) of the new face.
        mask: (1, s, s), 1 on the face. floor: scene-linear value added before log2.

    Returns:
        (3, s, s) scene-linear; meaningless where ids is -1.
    """
    ids, points, triangles = drawn
    size = ids.shape[0]
    pictures, shares = [], []
    for still, weight in zip(stills, weights, strict=True):
        if not weight.any():
            continue
        values = np.concatenate([still.face.landmarks[:468, :2], weight[:, None]], 1)
        where = spread(ids, points, triangles, values)
        pictures.append(sample(still.picture, where[:2].permute(1, 2, 0)).clamp_min(0.0))
        shares.append(weighted_gaussian(where[2:3], mask, size / 80.0))
    if len(pictures) == 1:
        return pictures[0]
    soft = torch.stack(shares)
    soft = soft / soft.sum(0).clamp_min(1e-6)
    # Detail from nearly one still at a time: two that differ by a pixel would blur each other.
    firm = (soft * soft * soft).square()
    firm = firm / firm.sum(0).clamp_min(1e-12)
    low_sum, detail_sum = torch.zeros_like(pictures[0]), torch.zeros_like(pictures[0])
    for picture, share, pick in zip(pictures, soft, firm, strict=True):
        stops = to_stops(picture, floor)
        low = _low(stops, mask, size)
        low_sum += low * share
        detail_sum += (stops - low) * pick
    return from_stops(low_sum + detail_sum, floor)


def _low(stops: torch.Tensor, mask: torch.Tensor, size: int) -> torch.Tensor:
    small = weighted_gaussian(shrink(stops, _QUARTER), shrink(mask, _QUARTER), 0.06 * size / _QUARTER)
    return enlarge(small, size, size)
