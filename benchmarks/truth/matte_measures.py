"""How right mattes are, and how still they hold. Read by benchmarks/mattes.py. All planes are (1, h, w), plate px."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import sample_affine
from ff_vfx.steady.flow import follow
from ff_vfx.types.face_mesh import face_mesh

_DEEP = 0.82  # of the outline's size: inside it the embedded matte of a free face is 1


def overlap(made: Sequence[torch.Tensor], truth: Sequence[torch.Tensor], where: Sequence[torch.Tensor]) -> float:
    """Soft intersection over union of all frames together, [0, 1]. where: (1, h, w) {0, 1}, where it is asked."""
    both = sum(float((torch.minimum(m, t) * w).sum()) for m, t, w in zip(made, truth, where, strict=True))
    either = sum(float((torch.maximum(m, t) * w).sum()) for m, t, w in zip(made, truth, where, strict=True))
    return both / either if either > 0.0 else float("nan")


def flicker(made: Sequence[torch.Tensor], flows: Sequence[np.ndarray], where: Sequence[torch.Tensor]) -> float:
    """rms change of a matte from frame to frame along the plate's exact motion; the truth has some of its own."""
    total = area = 0.0
    for here, after, flow, asked in zip(made, made[1:], flows, where):
        there = follow(after, torch.from_numpy(flow.astype(np.float32)).permute(2, 0, 1), "bilinear")
        total += float(((there - here).square() * asked).sum())
        area += float(asked.sum())
    return (total / max(area, 1.0)) ** 0.5


def unrest(made: Sequence[torch.Tensor], truth: Sequence[torch.Tensor], where: Sequence[torch.Tensor]) -> float:
    """rms change of a matte's error from frame to frame: what moves with the thing itself is no flicker."""
    wrong = [m - t for m, t in zip(made, truth, strict=True)]
    changes = [(b - a).square() * w for a, b, w in zip(wrong, wrong[1:], where)]
    area = sum(float(w.sum()) for w in where[1:])
    return (sum(float(c.sum()) for c in changes) / max(area, 1.0)) ** 0.5


def mean_over(planes: Sequence[torch.Tensor], where: Sequence[torch.Tensor]) -> float:
    """The planes' mean where it is asked."""
    area = sum(float(w.sum()) for w in where)
    return sum(float((p * w).sum()) for p, w in zip(planes, where, strict=True)) / area if area else float("nan")


def on_plate(planes: torch.Tensor, to_plate: torch.Tensor, size: int) -> torch.Tensor:
    """Planes of a crop (c, s, s) on the plate, (c, size, size). to_plate: (3, 3) crop px to plate px."""
    return sample_affine(planes, torch.linalg.inv(to_plate), size, size).clamp(0.0, 1.0)


def deep_face(points: np.ndarray, size: int) -> torch.Tensor:
    """(1, size, size) {0, 1}: well inside the face's outline. points: (478, 2|3) plate px."""
    ring = points[face_mesh().loops["oval"], :2]
    return (polygon_mask((ring - ring.mean(0)) * _DEEP + ring.mean(0), size) > 0.99).float()
