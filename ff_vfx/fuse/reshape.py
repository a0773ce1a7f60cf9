"""Bend the plate around the new face: the jaw moves, the neck and hair follow, far away nothing does.

Read by the mesh fuser. The bend is a mesh: the face's own triangles, then rings around its oval on which the
displacement fades to exactly zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import spread, triangle_map
from ff_vfx.image.sample import pixel_grid, sample_clamped
from ff_vfx.types.face_mesh import FaceMesh

_RINGS = (1.12, 1.26, 1.42, 1.6)  # sizes of the oval; the last one holds still
_SURFACE = 468


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """source: (2, s, s) where each crop pixel comes from. reach: (1, s, s), 0 where that is the pixel itself.

    ids: (s, s) triangle of the new face at each pixel, -1 outside it. points: (n, 2) face and rings, crop px.
    """

    source: torch.Tensor
    reach: torch.Tensor
    ids: np.ndarray
    points: np.ndarray


def ring_points(points: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """The face's points followed by its oval at each ring's size, (468 + rings * 36, 2). points: (478, 2|3)."""
    oval = points[mesh.loops["oval"], :2]
    centre = oval.mean(0)
    return np.concatenate([points[:_SURFACE, :2]] + [centre + (oval - centre) * size for size in _RINGS])


def ring_triangles(mesh: FaceMesh) -> np.ndarray:
    """(t, 3): the strips between the oval and its rings, as rows of `ring_points`."""
    n = len(mesh.loops["oval"])
    circles = [mesh.loops["oval"]] + [_SURFACE + k * n + np.arange(n) for k in range(len(_RINGS))]
    strips = []
    for inner, outer in pairwise(circles):
        after_inner, after_outer = np.roll(inner, -1), np.roll(outer, -1)
        strips += [np.stack([inner, after_inner, outer], 1), np.stack([after_inner, after_outer, outer], 1)]
    return np.concatenate(strips)


def bend(plate_points: np.ndarray, new_points: np.ndarray, mesh: FaceMesh, size: int) -> Bend:
    """How the plate must bend so that its face takes the new outline.

    Args:
        plate_points, new_points: (478, 3) crop px. size: the crop's side.
    """
    points = ring_points(new_points, mesh)
    moved = plate_points[:_SURFACE, :2] - new_points[:_SURFACE, :2]
    fade = [(_RINGS[-1] - r) / (_RINGS[-1] - 1.0) for r in _RINGS]
    moved = np.concatenate([moved] + [moved[mesh.loops["oval"]] * (f * f * (3.0 - 2.0 * f)) for f in fade])
    depth = np.concatenate([new_points[:_SURFACE, 2], np.full(len(points) - _SURFACE, 1e6)])
    triangles = np.concatenate([mesh.triangles, ring_triangles(mesh)])
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
