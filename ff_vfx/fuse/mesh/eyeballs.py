"""The performer's eyeballs, looking where the plate's actor looks. Read by the mesh fuser.

A still shows only what its lids leave open; the rest of the ball is filled so that it can turn and the lids can move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.fuse.mesh.stills import PreparedStill
from ff_vfx.image.blur import gaussian, weighted_gaussian
from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import pixel_grid, sample, sample_affine
from ff_vfx.types.face_mesh import FaceMesh

_SIDE_PX = 128
_SIDE_EYES = 1.8  # the patch's side, in eye widths
_LASHES = 0.035  # what the lids' edge darkens, in eye widths: not taken from the still
_DARKEST = 0.1  # of the open eye's brightness, behind lids that are all but shut
_ENDS = {"eye_l": (33, 133), "eye_r": (362, 263)}  # left and right end of each opening, in the picture


@dataclass(frozen=True, slots=True, eq=False)
class Eyeball:
    """patch: (3, 128, 128) scene-linear ball, filled all over; the iris' centre in the middle.

    width_px: the patch's pixels for one eye width of the still. opening: the lids' gap there, in eye widths.
    """

    name: str
    patch: torch.Tensor
    width_px: float
    opening: float


def eyeballs(still: PreparedStill, mesh: FaceMesh) -> tuple[Eyeball, ...]:
    """Both balls of one still; made once a shot. Domain: scene-linear."""
    return tuple(_eyeball(still, name, mesh) for name in ("eye_l", "eye_r"))


def best_for_eyes(stills: tuple[PreparedStill, ...]) -> PreparedStill:
    """The still that looks most straight at the camera; one for the whole shot, so that eyes never change over."""
    return max(stills, key=lambda s: float(s.rotation[2, 2]))


def _eyeball(still: PreparedStill, name: str, mesh: FaceMesh) -> Eyeball:
    points = still.face.landmarks[:, :2]
    left, right = (points[i] for i in _ENDS[name])
    iris = points[mesh.iris_l if name == "eye_l" else mesh.iris_r]
    along = right - left
    step = _SIDE_EYES / _SIDE_PX
    turn = np.array([[along[0], -along[1]], [along[1], along[0]]]) * step
    to_still = np.eye(3)
    to_still[:2, :2], to_still[:2, 2] = turn, iris[0] - turn @ np.full(2, _SIDE_PX / 2)
    patch = sample_affine(still.picture, torch.from_numpy(to_still), _SIDE_PX, _SIDE_PX)
    back = np.linalg.inv(to_still)
    ring = points[mesh.loops[name]] @ back[:2, :2].T + back[:2, 2]
    open_ = polygon_mask(ring, _SIDE_PX)
    seen = (gaussian(open_, _LASHES / step) * 2.0 - 1.0).clamp(0.0, 1.0)
    radius = float(np.linalg.norm((iris[1:] - iris[0]) @ back[:2, :2].T, axis=1).mean())
    return Eyeball(name, _filled(patch.clamp_min(0.0), seen, radius), 1.0 / step, _gap(points, name, mesh))


def _filled(patch: torch.Tensor, seen: torch.Tensor, radius: float) -> torch.Tensor:
    """Where a lid hid the iris, its own ring's mean; where it hid the white, the nearest white. Domain: linear."""
    offset = pixel_grid(_SIDE_PX, _SIDE_PX) - _SIDE_PX / 2
    distance = offset.norm(dim=-1)
    profile = _ring_means(patch, seen, distance)
    iris = ((1.15 * radius - distance) / (0.15 * radius)).clamp(0.0, 1.0)[None]
    white = weighted_gaussian(patch, seen * (1.0 - iris), _SIDE_PX / 32.0, 1e-6)
    for sigma in (_SIDE_PX / 12.0, _SIDE_PX / 4.0):
        wide = weighted_gaussian(patch, seen * (1.0 - iris), sigma, 1e-6)
        trust = (gaussian(seen * (1.0 - iris), sigma / 3.0) * 8.0).clamp(0.0, 1.0)
        white = white * trust + wide * (1.0 - trust)
    hidden = iris * profile + (1.0 - iris) * white
    return seen * patch + (1.0 - seen) * hidden


def _ring_means(patch: torch.Tensor, seen: torch.Tensor, distance: torch.Tensor) -> torch.Tensor:
    """(3, s, s): each pixel's mean over what is seen of its circle around the iris' centre."""
    index = distance.round().long().clamp_max(_SIDE_PX - 1).reshape(-1)
    weight = torch.zeros(_SIDE_PX).index_add_(0, index, seen.reshape(-1))
    total = torch.zeros(3, _SIDE_PX).index_add_(1, index, (patch * seen).reshape(3, -1))
    mean = total / weight.clamp_min(1e-3)
    return mean[:, index].reshape(patch.shape)


def draw_eyeball(
    ball: Eyeball, picture: torch.Tensor, points: np.ndarray, gaze: np.ndarray, mesh: FaceMesh
) -> torch.Tensor:
    """The picture with the ball behind the lids' opening.

    Args:
        picture: (3, s, s) crop. points: (478, 3) the new face, crop px. gaze: (2,) where the iris' centre lies between
            the eye's ends and across them, in eye widths from their middle, along (x) and across (y) the eye.
    """
    size = picture.shape[-1]
    left, right = (points[i, :2] for i in _ENDS[ball.name])
    along = right - left
    across = np.array([-along[1], along[0]])
    centre = (left + right) / 2 + gaze[0] * along + gaze[1] * across
    scale = ball.width_px / max(float(along @ along), 1e-6)
    offset = pixel_grid(size, size) - torch.tensor(centre, dtype=torch.float32)
    x = (offset @ torch.tensor(along * scale, dtype=torch.float32)) + _SIDE_PX / 2
    y = (offset @ torch.tensor(across * scale, dtype=torch.float32)) + _SIDE_PX / 2
    # A little wider than the opening: the still's own eye, squeezed between the lids, must not show around the ball.
    opening = (gaussian(polygon_mask(points[mesh.loops[ball.name], :2], size), size / 480.0) * 2.0).clamp(0.0, 1.0)
    rows, columns = _box(points[mesh.loops[ball.name], :2], size)
    # Lids that close shade the ball: a slit as bright as an open eye would glow.
    shade = min(1.0, max(_gap(points, ball.name, mesh) / max(ball.opening, 1e-6), _DARKEST))
    seen = shade * sample(ball.patch, torch.stack([x, y], -1)[rows, columns])
    drawn = picture.clone()
    drawn[:, rows, columns] += opening[:, rows, columns] * (seen - picture[:, rows, columns])
    return drawn


def _gap(points: np.ndarray, name: str, mesh: FaceMesh) -> float:
    """How far the lids are apart, in eye widths. points: (n, 2|3) px."""
    ring = points[mesh.loops[name], :2]
    apart = np.linalg.norm(ring[9:16][::-1] - ring[1:8], axis=1).mean()
    return float(apart / np.linalg.norm(ring[8] - ring[0]))


def _box(ring: np.ndarray, size: int) -> tuple[slice, slice]:
    low = np.clip(np.floor(ring.min(0)).astype(int) - 8, 0, size)
    high = np.clip(np.ceil(ring.max(0)).astype(int) + 8, 0, size)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def gaze_of(points: np.ndarray, name: str, mesh: FaceMesh) -> np.ndarray:
    """(2,) the iris' centre between the eye's ends, see `draw_eyeball`. points: (478, 3) canonical."""
    left, right = (points[i, :2] for i in _ENDS[name])
    iris = points[mesh.iris_l if name == "eye_l" else mesh.iris_r][0, :2]
    along = right - left
    across = np.array([-along[1], along[0]])
    return np.array([(iris - (left + right) / 2) @ v / (along @ along) for v in (along, across)])
