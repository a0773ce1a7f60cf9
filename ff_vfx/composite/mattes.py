"""Where the new face shows, softly, with its edge on smooth skin; and its parts. Read by shot.

All mattes are (1, s, s) float32 in [0, 1] in the crop, drawn from the mesh's points; sizes: parts of the crop's side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import polygon_mask
from ff_vfx.types.face_mesh import FaceMesh
from ff_vfx.types.settings import CompositeSettings

_BROW_GROW = 0.012
_OPENING_SOFT = 0.002
_PARTS = ("brow_l", "brow_r", "eye_l", "eye_r", "lips_outer", "lips_inner")
# Beyond this much displacement the bent plate replaces the plate fully; below it fades, both look the same there.
_BEND_PX = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Mattes:
    """face: the new face's pixels. skin: smooth skin alone, 1 where light and colour are measured. parts: by name.

    eyes: the openings of the eyes. mouth: that of the lips.
    """

    face: torch.Tensor
    skin: torch.Tensor
    eyes: torch.Tensor
    mouth: torch.Tensor
    parts: Mapping[str, torch.Tensor]


def face_mattes(points: np.ndarray, size: int, mesh: FaceMesh, settings: CompositeSettings) -> Mattes:
    """All mattes of one crop. points: (478, 3) the new face, crop px."""
    parts = {name: polygon_mask(points[mesh.loops[name], :2], size) for name in _PARTS}
    oval = polygon_mask(points[mesh.loops["oval"], :2], size)
    eyes = (parts["eye_l"] + parts["eye_r"]).clamp(0.0, 1.0)
    mouth = gaussian(parts["lips_inner"], _OPENING_SOFT * size)
    features = (eyes + parts["brow_l"] + parts["brow_r"] + parts["lips_outer"]).clamp(0.0, 1.0)
    features = (gaussian(features, _BROW_GROW * size) * 4.0).clamp(0.0, 1.0)
    face = _edge(oval, settings.feather * size, settings.erode * size)
    skin = _edge(oval, 0.02 * size, 0.02 * size) * (1.0 - features)
    kept = torch.zeros_like(face)
    if settings.mouth != "performer":
        kept = torch.maximum(kept, mouth)
    if settings.eyes == "plate":
        kept = torch.maximum(kept, gaussian(eyes, _OPENING_SOFT * size))
    return Mattes(face * (1.0 - kept), skin, eyes, mouth, {**parts, "oval": oval})


def _edge(mask: torch.Tensor, soft_px: float, inward_px: float) -> torch.Tensor:
    """The mask moved inward, with a smooth ramp of about soft_px that ends at its old edge.

    Two half-size blurs keep the ramp inside the mask: outside it the matte is exactly 0.
    """
    sigma = max(soft_px, 0.5) / 2.0
    inner = mask if inward_px <= 0.0 else (gaussian(mask, inward_px) * 2.0 - 1.0).clamp(0.0, 1.0)
    if inward_px < 0.0:
        inner = (gaussian(mask, -inward_px) * 2.0).clamp(0.0, 1.0)
    ramp = (gaussian(inner, sigma) * 2.0 - 1.0).clamp(0.0, 1.0)
    return ramp * ramp * (3.0 - 2.0 * ramp)


def coverage_of(face: torch.Tensor, source: torch.Tensor, reach: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """Everything this frame changes, in the crop: the face, and the plate where it was bent to fit.

    Args:
        face: (1, s, s). source: (2, s, s) where the bent plate was read; reach: (1, s, s), 0 where it was not bent.
        grid: (s, s, 2) each pixel's own place.
    """
    x, y = source - grid.permute(2, 0, 1)
    ramp = ((x * x + y * y).sqrt()[None] / _BEND_PX).clamp(0.0, 1.0) * reach
    return torch.maximum(face, ramp * ramp * (3.0 - 2.0 * ramp))
