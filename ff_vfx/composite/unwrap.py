"""The face laid flat: one square of texels in which a point of the face keeps its place on every frame.

Read by occlusion. Beyond the face the square goes on over rings around its oval, as far as the plate is bent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import polygon_mask, spread, triangle_map
from ff_vfx.image.sample import sample
from ff_vfx.types.face_mesh import SURFACE, face_mesh, ring_points, ring_triangles

SIDE = 224  # texels
_RINGS = (1.12, 1.28, 1.45)  # sizes of the oval
_FACE = 0.66  # part of the square's side that the face itself takes
_TURNED, _SHOWN = 0.03, 0.12  # a triangle's area on the picture over that laid flat, the median triangle's is 1


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The flat face's mesh. points: (n, 2) texels, face and rings. triangles: (t, 3).

    corners, shares: (SIDE, SIDE, 3) rows of `points` around each texel and how much each counts. inside: (1, SIDE,
    SIDE) float32, where there is a triangle. face: the same, where it is the face's own.
    """

    points: np.ndarray
    triangles: np.ndarray
    ids: np.ndarray
    corners: np.ndarray
    shares: np.ndarray
    inside: torch.Tensor
    face: torch.Tensor


@cache
def layout() -> Layout:
    """The one layout; its arrays are read alone."""
    mesh = face_mesh()
    flat = ring_points((mesh.uv - 0.5) * (_FACE * SIDE) + 0.5 * SIDE, mesh, _RINGS)
    triangles = np.concatenate([mesh.triangles, ring_triangles(mesh, len(_RINGS))])
    ids = triangle_map(flat, triangles, np.zeros(len(flat)), SIDE)
    corners = triangles[np.maximum(ids, 0)]
    # The outline of a drawn triangle reaches half a texel beyond it.
    shares = np.stack([_share(flat, corners, k) for k in range(3)], -1)
    shares = shares / np.maximum(shares.sum(-1, keepdims=True), 1e-9)
    inside = torch.from_numpy((ids >= 0).astype(np.float32))[None]
    face = torch.from_numpy(((ids >= 0) & (ids < len(mesh.triangles))).astype(np.float32))[None]
    return Layout(flat, triangles, ids, corners, shares, inside, face)


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Where on the flat face what is to be expected; each (1, SIDE, SIDE) in [0, 1].

    face: all of it. eyes, mouth, brows: with what moves around them. steady: skin enough to read light from. telling:
    skin from which alone it may be said that something is in front; deep: well inside the outline.
    """

    face: torch.Tensor
    eyes: torch.Tensor
    mouth: torch.Tensor
    brows: torch.Tensor
    steady: torch.Tensor
    telling: torch.Tensor
    deep: torch.Tensor


@cache
def regions() -> Regions:
    """The one set of regions; read alone."""
    flat, loops = layout(), face_mesh().loops

    def around(names: tuple[str, ...], texels: float, gain: float) -> torch.Tensor:
        drawn = torch.stack([polygon_mask(flat.points[loops[name], :2], SIDE) for name in names]).amax(0)
        return (gaussian(drawn, texels) * gain).clamp(0.0, 1.0)

    eyes, brows = around(("eye_l", "eye_r"), 3.5, 5.0), around(("brow_l", "brow_r"), 2.0, 3.0)
    mouth = around(("lips_outer",), 2.5, 4.0)
    steady = flat.face * (1.0 - eyes) * (1.0 - 0.7 * mouth)
    edge = (gaussian(flat.face, 3.0) * 2.0 - 1.0).clamp(0.0, 1.0)
    telling = (((1.0 - eyes) * (1.0 - mouth) > 0.6) & (edge > 0.35)).float()
    deep = (gaussian(flat.face, 5.0) > 0.99).float()
    return Regions(flat.face, eyes, mouth, brows, steady, telling, deep)


def _share(flat: np.ndarray, corners: np.ndarray, k: int) -> np.ndarray:
    """Barycentric coordinate of corner k at every texel's centre, (SIDE, SIDE)."""
    x, y = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
    a, b, c = (flat[corners[..., (k + j) % 3]] for j in range(3))
    area = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    part = (b[..., 0] - x) * (c[..., 1] - y) - (b[..., 1] - y) * (c[..., 0] - x)
    share: np.ndarray = np.clip(part / np.where(np.abs(area) < 1e-9, 1.0, area), 0.0, 1.0)
    return share


def unwrap(picture: torch.Tensor, points: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """The picture on the flat face, and how well each texel is seen.

    Args:
        picture: (c, s, s). points: (478, 3) the face, px of the picture.

    Returns:
        (c, SIDE, SIDE) and (1, SIDE, SIDE) in [0, 1]; 0 where the face is turned away or leaves the picture.
    """
    flat = layout()
    placed = ring_points(points, face_mesh(), _RINGS)
    where = (placed[flat.corners] * flat.shares[..., None]).sum(2)
    coords = torch.from_numpy(where.astype(np.float32))
    size = picture.shape[-1]
    within = ((coords > 1.0) & (coords < size - 1.0)).all(-1)[None]
    seen = _facing(placed, flat)
    return sample(picture, coords, mode="bilinear"), seen * within * flat.inside


def _facing(placed: np.ndarray, flat: Layout) -> torch.Tensor:
    """(1, SIDE, SIDE): 1 where a triangle shows enough of itself, 0 where it is turned away."""
    areas, rest = _areas(placed, flat.triangles), _areas(flat.points, flat.triangles)
    shown = areas / rest
    shown = shown / max(float(np.median(shown)), 1e-9)
    seen = np.clip((shown - _TURNED) / (_SHOWN - _TURNED), 0.0, 1.0)
    return gaussian(torch.from_numpy(seen[np.maximum(flat.ids, 0)].astype(np.float32))[None], 2.0)


def _areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    areas: np.ndarray = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return areas


def wrap(planes: torch.Tensor, points: np.ndarray, size: int) -> torch.Tensor:
    """Planes of the flat face, back on the face in a picture.

    Args:
        planes: (c, SIDE, SIDE). points: (478, 3) px of the picture. size: its side.

    Returns:
        (c, size, size); 0 where there is no face and no ring.
    """
    flat = layout()
    placed = ring_points(points, face_mesh(), _RINGS)
    depth = np.concatenate([points[:SURFACE, 2], np.full(len(placed) - SURFACE, 1e6)])
    ids = triangle_map(placed, flat.triangles, depth, size)
    where = spread(ids, placed, flat.triangles, flat.points)
    return sample(planes, where.permute(1, 2, 0), mode="bilinear") * torch.from_numpy(ids >= 0)[None]
