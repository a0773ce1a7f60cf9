"""How a made head moves: one smooth, invertible map of the picture a frame, and its exact flow. Read by `made_shots`.

`forward` carries a place of the still to the frame and is written down; `backward`, by which pictures are drawn, is its
inverse, found by fixed point. So landmarks and flow are exact: flow n -> n+1 is forward_{n+1}(backward_n(p)) - p.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import spread, triangle_map
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.types.face_mesh import SURFACE, face_mesh

_REACH = 330.0  # px; the drift dies away over this radius, to a still background
_BEHIND = 150.0  # px behind the eyes where the head turns about; the mesh's own z scale
_ROUNDS, _CLOSE_PX = 80, 2e-4


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head is on one frame. x, y: px. growth: log of the scale. turns in radians. smile, brow: px."""

    x: float = 0.0
    y: float = 0.0
    growth: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    smile: float = 0.0
    brow: float = 0.0

    def but(self, **parts: float) -> Pose:
        """The same pose, some parts changed."""
        return replace(self, **parts)


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """The head's depth. nearness: (1, h, w) px before the axis of turning, 0 far outside the head. centre: (2,) px.

    bumps: (k, 5) x, y, sigma, and the direction of a local motion: (smile or brow is told by `brows`).
    """

    nearness: torch.Tensor
    centre: torch.Tensor
    bumps: tuple[tuple[float, float, float, float, float], ...]
    brows: tuple[bool, ...]


def relief_of(points: np.ndarray, size: int) -> Relief:
    """Depth of the mesh, spread smoothly beyond the face. points: (478, 3) px."""
    mesh = face_mesh()
    flat = points[:SURFACE, :2]
    ids = triangle_map(flat, mesh.triangles, points[:SURFACE, 2], size)
    near = spread(ids, flat, mesh.triangles, _BEHIND - points[:SURFACE, 2:]).clamp_min(0.0)
    inside = torch.from_numpy(ids >= 0).float()[None]
    away = torch.from_numpy(cv2.distanceTransform((ids < 0).astype(np.uint8), cv2.DIST_L2, 5))[None]
    around = gaussian(near * inside, 30.0) / (gaussian(inside, 30.0) + 1e-4) * torch.exp(-((away / 60.0) ** 2))
    nearness = gaussian(near * inside + around * (1.0 - inside), 12.0)
    smile = [(61, 30.0, -0.6, -0.8), (291, 30.0, 0.6, -0.8), (17, 34.0, 0.0, 1.0)]
    brow = [(105, 26.0, 0.0, -1.0), (334, 26.0, 0.0, -1.0)]
    bumps = tuple((float(points[k, 0]), float(points[k, 1]), sigma, x, y) for k, sigma, x, y in smile + brow)
    centre = torch.tensor(points[mesh.rigid, :2].mean(0), dtype=torch.float32)
    return Relief(nearness, centre, bumps, (False,) * len(smile) + (True,) * len(brow))


def forward(places: torch.Tensor, pose: Pose, relief: Relief) -> torch.Tensor:
    """Places of the still on a frame. places: (h, w, 2) px; returns the same shape."""
    off = places - relief.centre
    near = sample(relief.nearness, places, mode="bilinear")[0]
    there = (near / _BEHIND).clamp(0.0, 1.0)
    turned = torch.stack([_lean(off[..., 0], near, pose.yaw, there), _lean(off[..., 1], near, pose.pitch, there)], -1)
    cos, sin = float(np.cos(pose.roll)), float(np.sin(pose.roll))
    grown = float(np.exp(pose.growth))
    at = off + turned + _expression(places, pose, relief)
    x = (cos * at[..., 0] - sin * at[..., 1]) * grown + pose.x
    y = (sin * at[..., 0] + cos * at[..., 1]) * grown + pose.y
    drifts = torch.exp(-((off.square().sum(-1) / _REACH**2) ** 2))[..., None]
    return relief.centre + at + (torch.stack([x, y], -1) - at) * drifts


def _lean(off: torch.Tensor, near: torch.Tensor, angle: float, there: torch.Tensor) -> torch.Tensor:
    """How far a turn by `angle` moves a place along its axis, px: a rotation seen from far away."""
    return off * (float(np.cos(angle)) - 1.0) * there + near * float(np.sin(angle))


def _expression(places: torch.Tensor, pose: Pose, relief: Relief) -> torch.Tensor:
    moved = torch.zeros_like(places)
    for (x, y, sigma, dx, dy), brow in zip(relief.bumps, relief.brows, strict=True):
        amount = pose.brow if brow else pose.smile
        if amount:
            away = (places[..., 0] - x).square() + (places[..., 1] - y).square()
            moved = moved + torch.exp(away / (-2.0 * sigma**2))[..., None] * torch.tensor([dx, dy]) * amount
    return moved


def backward(pose: Pose, relief: Relief) -> torch.Tensor:
    """(h, w, 2) where each pixel of a frame lies on the still: the inverse of `forward`, to 2e-4 px or so."""
    h, w = relief.nearness.shape[-2:]
    target = pixel_grid(h, w)
    found = target.clone()
    for _ in range(_ROUNDS):
        miss = target - forward(found, pose, relief)
        found += miss
        if float(miss.abs().max()) < _CLOSE_PX:
            break
    return found


def moved_points(points: np.ndarray, pose: Pose, relief: Relief) -> np.ndarray:
    """(478, 3) landmarks of the still on a frame; depth turns and grows with the head."""
    flat = torch.from_numpy(points[None, :, :2].astype(np.float32))
    at = forward(flat, pose, relief)[0].numpy().astype(np.float64)
    off = points[:, :2] - relief.centre.numpy()
    near = (_BEHIND - points[:, 2]) * np.cos(pose.yaw) - off[:, 0] * np.sin(pose.yaw)
    near = near * np.cos(pose.pitch) - off[:, 1] * np.sin(pose.pitch)
    return np.concatenate([at, ((_BEHIND - near) * np.exp(pose.growth))[:, None]], 1)
