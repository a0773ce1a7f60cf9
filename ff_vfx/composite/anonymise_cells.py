"""A head as a few cells, fixed to it, and a picture made of these alone. Read by anonymise.

Whatever is drawn is a function of some dozens of cell means: what was finer than a cell is gone and no deconvolution
brings it back. Cells lie at the head's centre and turn with it, so that nothing crawls over the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch.nn.functional import grid_sample

from ff_vfx.types.heads import Head
from ff_vfx.types.window import Window

LOWEST, HIGHEST = 5.0, 95.0  # percentiles of what is covered that its means are made from: a highlight has no shape
_FINE = 8  # samples of the blur's surface in a cell
_MOST_CELLS = 256  # a side; a head larger than the picture needs no more


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Where each pixel of a window lies in the grid of a head.

    u, v: (h, w) float64 in cells, from the grid's corner. side: cells of the grid, both ways. inside: (h, w) bool, the
    pixels that the head covers, rim included.
    """

    u: np.ndarray
    v: np.ndarray
    side: int
    inside: np.ndarray


def cells_of(head: Head, window: Window, across: float, inside: np.ndarray) -> Cells:
    """The grid of one head.

    Args:
        across: cells over the face, chin to hairline. inside: (h, w) bool, see Cells.
    """
    x = (np.arange(window.x0, window.x1) + 0.5 - head.centre[0])[None] * head.aspect
    y = (np.arange(window.y0, window.y1) + 0.5 - head.centre[1])[:, None]
    cell = head.face_px / across
    cos, sin = np.cos(head.roll), np.sin(head.roll)
    u, v = (x * cos + y * sin) / cell, (y * cos - x * sin) / cell
    reach = max(float(np.abs(u[inside]).max()), float(np.abs(v[inside]).max())) if inside.any() else 1.0
    half = min(int(np.ceil(reach)) + 2, _MOST_CELLS // 2)
    limit = half - 1e-3
    return Cells(np.clip(u, -limit, limit) + half, np.clip(v, -limit, limit) + half, 2 * half, inside)


def cell_means(plane: np.ndarray, cells: Cells) -> np.ndarray:
    """(side, side) float64: the mean of each cell over the covered pixels; the mean of all where a cell has none.

    Args:
        plane: (h, w) of any float type; nan and inf count as not there.

    Domain: unbounded; values beyond the covered pixels' 5th and 95th percentile count as these.
    """
    values = plane.astype(np.float64)
    known = cells.inside & np.isfinite(values)
    if not known.any():
        return np.zeros((cells.side, cells.side))
    low, high = np.percentile(values[known], [LOWEST, HIGHEST])
    taken = np.clip(values[known], low, high)
    index = cells.v[known].astype(np.int64) * cells.side + cells.u[known].astype(np.int64)
    count = np.bincount(index, minlength=cells.side**2)
    total = np.bincount(index, weights=taken, minlength=cells.side**2)
    means = np.where(count > 0, total / np.maximum(count, 1), taken.mean())
    return np.asarray(means.reshape(cells.side, cells.side))


def as_blocks(means: np.ndarray, cells: Cells) -> np.ndarray:
    """(h, w) float32: each pixel its cell's mean."""
    return np.asarray(means[cells.v.astype(np.int64), cells.u.astype(np.int64)], np.float32)


def as_blur(means: np.ndarray, cells: Cells) -> np.ndarray:
    """(h, w) float32: a smooth surface through the means' neighbourhood; it overshoots nowhere.

    Source: cubic B-spline, which is never negative; Unser 1999. Drawn finely, then looked up between the samples.
    """
    spline = _spline_matrix(cells.side)
    fine = torch.from_numpy((spline @ means @ spline.T).astype(np.float32))
    places = np.stack([cells.u, cells.v], -1) * (2.0 / cells.side) - 1.0
    grid = torch.from_numpy(places.astype(np.float32))
    drawn = grid_sample(fine[None, None], grid[None], mode="bilinear", padding_mode="border", align_corners=False)
    return np.asarray(drawn[0, 0].numpy())


def drawn(plane: np.ndarray, cells: Cells, method: str) -> torch.Tensor:
    """(h, w) float32: a plane of the plate as cells show it. method: 'blur' or 'pixelate'."""
    means = cell_means(plane, cells)
    return torch.from_numpy(as_blocks(means, cells) if method == "pixelate" else as_blur(means, cells))


@lru_cache(maxsize=64)
def _spline_matrix(side: int) -> np.ndarray:
    """(side * _FINE, side): each fine sample's share of each cell; rows add up to 1, cells beyond the rim repeat."""
    at = (np.arange(side * _FINE) + 0.5) / _FINE - 0.5
    first = np.floor(at).astype(np.int64)
    t = at - first
    s = 1.0 - t
    taps = (s**3, 3.0 * t**3 - 6.0 * t**2 + 4.0, 3.0 * s**3 - 6.0 * s**2 + 4.0, t**3)
    matrix = np.zeros((side * _FINE, side))
    for k, tap in enumerate(taps):
        np.add.at(matrix, (np.arange(len(at)), np.clip(first + k - 1, 0, side - 1)), tap / 6.0)
    matrix.flags.writeable = False
    return matrix
