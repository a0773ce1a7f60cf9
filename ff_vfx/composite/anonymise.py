"""Heads of one frame covered, so that nobody knows them again. Read by the door's anonymising.

A pure function of the frame and the heads: no frame depends on another. Where no head is, the plate's own bits stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.composite.anonymise_cells import Cells, cells_of, drawn
from ff_vfx.errors import BadInput
from ff_vfx.types.frame import Frame
from ff_vfx.types.heads import Head
from ff_vfx.types.window import Window

METHODS = ("blur", "pixelate")
MOST_CELLS = 8.0  # over a face. Source: faces one knows are known at 7 x 10 px and more; Sinha et al. 2006
SOFT = 0.15  # radii beyond a head over which the cover fades; the head itself is covered whole
_LEAST = 2.0**-10


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One head in its own window: weight (h, w) in [0, 1], 1 over the head, and its grid."""

    window: Window
    weight: np.ndarray
    cells: Cells


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """All heads of one frame. window: holds them all; empty without any. coverage: (1, h, w) float32 in [0, 1]."""

    window: Window
    coverage: torch.Tensor
    parts: tuple[Part, ...]  # the largest cells last

    def over(self, plane: torch.Tensor, method: str) -> torch.Tensor:
        """(h, w) float32: one plane in the cover's window, heads covered; where the coverage is 0, as it was.

        Args:
            plane: (h, w) of a float type, in the cover's window. method: one of METHODS.

        Domain: unbounded; what is covered whole is finite, whatever was under it.
        """
        under = plane.detach().cpu().numpy()
        laid, known = np.zeros(under.shape, np.float32), np.zeros(under.shape, np.float32)
        for part in self.parts:
            there = part.window.slices(self.window)
            new = drawn(under[there], part.cells, method).numpy()
            # Premultiplied over: the larger cells, which come last, leave nothing of the smaller ones under them.
            laid[there] = part.weight * new + (1.0 - part.weight) * laid[there]
            known[there] = part.weight + (1.0 - part.weight) * known[there]
        mixed = torch.from_numpy(laid / np.maximum(known, np.float32(1e-12)))
        share = self.coverage[0]
        # What is covered whole must not see the plate at all: 0 * inf is nan. Nor is a rim made of broken pixels.
        plate = torch.where(torch.isfinite(plane), plane.float(), mixed)
        shown = torch.where(share >= 1.0, mixed, mixed * share + plate * (1.0 - share))
        return torch.where(share > 0.0, shown, plane.float())


def cover_of(heads: Sequence[Head], data_window: Window, across: float) -> Cover:
    """Where some heads cover a frame.

    Args:
        heads: in an order that is the same for every run. data_window: the frame's. across: cells over a face, [2, 8].

    Raises:
        BadInput: no cells, or so many that a face could be known.
    """
    if not 2.0 <= across <= MOST_CELLS:
        raise BadInput(f"anonymise: {across} cells over a face; from 2 to {MOST_CELLS:.0f} hide who it is")
    # Where two overlap the one with larger cells counts: cells of a small box must not open a large face.
    order = sorted(heads, key=lambda head: head.face_px)
    parts = [part for head in order if (part := _part(head, data_window, across)) is not None]
    if not parts:
        corner = (data_window.x0, data_window.y0)
        return Cover(Window(*corner, *corner), torch.zeros(1, 0, 0), ())
    window = parts[0].window
    for part in parts[1:]:
        window = window.union(part.window)
    coverage = np.zeros((window.height, window.width), np.float32)
    for part in parts:
        there = part.window.slices(window)
        np.maximum(coverage[there], part.weight, out=coverage[there])
    return Cover(window, torch.from_numpy(coverage)[None], tuple(parts))


def covered(frame: Frame, cover: Cover, method: str) -> torch.Tensor:
    """(3, h, w) float32: the picture in the cover's window, heads covered. Errors as `Cover.over`.

    Domain: scene-linear, unbounded, as the frame.
    """
    if method not in METHODS:
        raise BadInput(f"anonymise: method '{method}' is unknown; use one of {', '.join(METHODS)}")
    return torch.stack([cover.over(plane, method) for plane in cut(frame.pixels[:3], cover, frame)])


def cut(planes: torch.Tensor, cover: Cover, frame: Frame) -> torch.Tensor:
    """The part of (c, h, w) planes of a frame that lies in the cover's window."""
    rows, columns = cover.window.slices(frame.data_window)
    return planes[:, rows, columns]


def plane_treatment(cover: Cover, data_window: Window, method: str) -> Callable[[np.ndarray], np.ndarray]:
    """What becomes of any other plane (h, w) of the file: floats as the picture, whole numbers (ids) 0 over a head."""

    def treat(plane: np.ndarray) -> np.ndarray:
        if cover.window.empty:
            return plane
        rows, columns = cover.window.slices(data_window)
        share = cover.coverage[0].numpy() > 0.0
        out = plane.copy()
        if not np.issubdtype(plane.dtype, np.floating):
            out[rows, columns] = np.where(share, 0, plane[rows, columns])
            return out
        limit = np.finfo(plane.dtype).max
        new = cover.over(torch.from_numpy(np.ascontiguousarray(plane[rows, columns])), method).numpy()
        new = np.clip(new, -limit, limit).astype(plane.dtype)
        out[rows, columns] = np.where(share, new, plane[rows, columns])
        return out

    return treat


def _part(head: Head, data_window: Window, across: float) -> Part | None:
    """One head; None where it lies outside the picture."""
    x0, y0, x1, y1 = head.corners(SOFT)
    limit = 1e6
    corners = np.clip([np.floor(x0), np.floor(y0), np.ceil(x1), np.ceil(y1)], -limit, limit).astype(int)
    window = Window(*(int(v) for v in corners)).intersect(data_window)
    if window.empty:
        return None
    x = np.arange(window.x0, window.x1) + 0.5
    y = np.arange(window.y0, window.y1) + 0.5
    grid = np.stack(np.broadcast_arrays(x[None], y[:, None]), -1).reshape(-1, 2)
    radius = head.radius_at(grid).reshape(window.height, window.width)
    fade = np.clip((1.0 + SOFT - radius) / SOFT, 0.0, 1.0)
    weight = fade * fade * (3.0 - 2.0 * fade)
    weight[weight < _LEAST] = 0.0  # what a half-float matte would call open must be open
    if not (weight > 0.0).any():
        return None
    return Part(window, weight.astype(np.float32), cells_of(head, window, across, weight > 0.0))
