"""Draw a triangle mesh: which triangle covers a pixel, and values between its corners. Read by fuse and composite."""

from __future__ import annotations

import cv2
import numpy as np
import torch

_FINER = 4  # samples a pixel and axis in masks
_SHIFT = 4  # cv2 takes sub-pixel corners as integers of 1/16 px.


def triangle_map(points: np.ndarray, triangles: np.ndarray, depth: np.ndarray, size: int) -> np.ndarray:
    """The nearest triangle at every pixel of a (size, size) picture.

    Args:
        points: (n, 2) px, centres at +0.5. triangles: (t, 3). depth: (n,), smaller is nearer.

    Returns:
        (size, size) int32 row of `triangles`, -1 where there is none.
    """
    picture = np.full((size, size), -1, np.int32)
    corners = np.round((points[triangles] - 0.5) * (1 << _SHIFT)).astype(np.int32)
    for row in np.argsort(-depth[triangles].mean(1), kind="stable"):
        cv2.fillConvexPoly(picture, corners[row], int(row), cv2.LINE_8, _SHIFT)
    return picture


def spread(ids: np.ndarray, points: np.ndarray, triangles: np.ndarray, values: np.ndarray) -> torch.Tensor:
    """Values at the corners, spread linearly over each triangle.

    Args:
        ids: (h, w) from `triangle_map`. points: (n, 2) px. values: (n, c).

    Returns:
        (c, h, w) float32; 0 where there is no triangle.
    """
    h, w = ids.shape
    planes = _plane_of_each_triangle(points, triangles, values)
    at = values[triangles]
    # The outline of a drawn triangle reaches half a pixel beyond it; a sliver's slope must not run away there.
    planes = np.concatenate([planes, at.min(1)[:, None], at.max(1)[:, None]], 1)
    planes = np.concatenate([planes, np.zeros((1, 5, values.shape[1]))]).astype(np.float32)  # row -1: no triangle
    picked = torch.from_numpy(planes)[torch.from_numpy(ids.astype(np.int64))]  # (h, w, 5, c)
    y = torch.arange(h, dtype=torch.float32)[:, None, None] + 0.5
    x = torch.arange(w, dtype=torch.float32)[None, :, None] + 0.5
    spread = picked[:, :, 0] * x + picked[:, :, 1] * y + picked[:, :, 2]
    return torch.minimum(torch.maximum(spread, picked[:, :, 3]), picked[:, :, 4]).permute(2, 0, 1).contiguous()


def _plane_of_each_triangle(points: np.ndarray, triangles: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(t, 3, c): value = a x + b y + d inside each triangle; a sliver without area takes its corners' mean."""
    corners = points[triangles].astype(np.float64)
    at = values[triangles].astype(np.float64)
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]
    flat = np.abs(area) < 1e-6
    inverse = 1.0 / np.where(flat, 1.0, area)
    d1, d2 = at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]
    a = (d1 * e2[:, 1:2] - d2 * e1[:, 1:2]) * inverse[:, None]
    b = (d2 * e1[:, 0:1] - d1 * e2[:, 0:1]) * inverse[:, None]
    a[flat], b[flat] = 0.0, 0.0
    d = np.where(flat[:, None], at.mean(1), at[:, 0] - a * corners[:, 0, 0:1] - b * corners[:, 0, 1:2])
    return np.stack([a, b, d], 1)


def polygon_mask(points: np.ndarray, size: int) -> torch.Tensor:
    """(1, size, size) float32: the part of each pixel inside the ring, to a sixteenth. points: (n, 2) px in order."""
    mask = torch.zeros(1, size, size)
    x0, y0 = np.clip(np.floor(points.min(0)).astype(int) - 1, 0, size)
    x1, y1 = np.clip(np.ceil(points.max(0)).astype(int) + 1, 0, size)
    if x1 <= x0 or y1 <= y0:
        return mask
    fine = np.zeros(((y1 - y0) * _FINER, (x1 - x0) * _FINER), np.uint8)
    corners = ((points - (x0, y0)) * _FINER - 0.5) * (1 << _SHIFT)
    cv2.fillPoly(fine, [np.round(corners).astype(np.int32)], 1, cv2.LINE_8, _SHIFT)
    mask[0, y0:y1, x0:x1] = torch.from_numpy(
        cv2.resize(fine.astype(np.float32), (x1 - x0, y1 - y0), None, 0, 0, cv2.INTER_AREA)
    )
    return mask
