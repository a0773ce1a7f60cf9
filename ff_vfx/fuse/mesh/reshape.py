"""Bend the plate around the new face: the jaw moves, the neck and hair follow, far away nothing does.

Read by the mesh fuser. The bend is a mesh: the face's own triangles, then rings around its oval on which the
displacement fades to exactly zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import spread, triangle_map
from ff_vfx.image.sample import pixel_grid, sample_clamped
from ff_vfx.types.face_mesh import SURFACE, FaceMesh, ring_points, ring_triangles

_RINGS = (1.12, 1.26, 1.42, 1.6)  # sizes of the oval; the last one holds still


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """source: (2, s, s) where each crop pixel comes from. reach: (1, s, s), 0 where that is the pixel itself.

    ids: (s, s) triangle of the new face at each pixel, -1 outside it. points: (n, 2) face and rings, crop px.
    """

    source: torch.Tensor
    reach: torch.Tensor
    ids: np.ndarray
    points: np.ndarray


def bend(plate_points: np.ndarray, new_points: np.ndarray, mesh: FaceMesh, size: int) -> Bend:
    """How the plate must bend so that its face takes the new outline.

    Args:
        plate_points, new_points: (478, 3) crop px. size: the crop's side.
    """
    points = ring_points(new_points, mesh, _RINGS)
    moved = plate_points[:SURFACE, :2] - new_points[:SURFACE, :2]
    fade = [(_RINGS[-1] - r) / (_RINGS[-1] - 1.0) for r in _RINGS]
    moved = np.concatenate([moved] + [moved[mesh.loops["oval"]] * (f * f * (3.0 - 2.0 * f)) for f in fade])
    depth = np.concatenate([new_points[:SURFACE, 2], np.full(len(points) - SURFACE, 1e6)])
    triangles = np.concatenate([mesh.triangles, ring_triangles(mesh, len(_RINGS))])
    ids = triangle_map(points, triangles, depth, size)
    if not moved.any():
        return Bend(
            pixel_grid(size, size).permute(2, 0, 1),
            torch.zeros(1, size, size),
            np.where(ids < len(mesh.triangles), ids, -1),
            points,
        )
    inside = torch.from_numpy((ids >= 0).astype(np.float32))[None]
    smooth_px = size / 256.0  # takes the facets off the triangles' edges
    shift = gaussian(spread(ids, points, triangles, moved), smooth_px) * inside
    return Bend(
        pixel_grid(size, size).permute(2, 0, 1) + shift,
        inside,
        np.where(ids < len(mesh.triangles), ids, -1),
        points,
    )


def bend_picture(crop: torch.Tensor, bent: Bend) -> torch.Tensor:
    """The plate's crop (3, s, s), bent; where reach is 0 the same values bit for bit."""
    if not bent.reach.any():
        return crop
    return torch.where(bent.reach > 0, sample_clamped(crop, bent.source.permute(1, 2, 0)), crop)
