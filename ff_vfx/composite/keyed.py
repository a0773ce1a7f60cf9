"""The soft edge of what stands in front of a face whose clean picture is known: a difference key. Read by occlusion."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from ff_vfx.colour import from_stops, to_stops
from ff_vfx.image.blur import gaussian, shrink, weighted_gaussian

_PER_CROP = 1.0 / 384.0  # the widths below are px of a crop of 384
_CORE_PX, _LOCAL_PX, _BAND_PX = 1.5, 5.0, 3.0
_TELLS_APART = 0.3  # relative difference of colour at which the key is believed half


def smooth_step(x: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """0 below low, 1 above high, a smooth ramp between."""
    t = ((x - low) / (high - low)).clamp(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def keyed_edge(
    pixels: torch.Tensor, decided: torch.Tensor, clean: torch.Tensor, known: torch.Tensor, floor: float
) -> torch.Tensor:
    """The decided matte with its edge where the picture has it.

    Args:
        pixels: (3, s, s) scene-linear. decided: (1, t, t) in [0, 1], coarse, t <= s. clean: (3, t, t) stops, what
            would be seen were nothing in front; known: (1, t, t) where that is so. floor: see colour.to_stops.

    Returns:
        (1, s, s) in [0, 1]; exactly 0 away from what was decided.

    Domain: mixed in scene-linear light, as the lens does; compared relative to its brightness.
    """
    size = pixels.shape[-1]
    planes = torch.cat([decided, clean, known])
    decided, clean, known = _grown(planes, size).split((1, 3, 1))
    scale, stops = size * _PER_CROP, to_stops(pixels, floor)
    core = smooth_step(gaussian(decided, _CORE_PX * scale), 0.8, 0.97)
    around = smooth_step(gaussian(1.0 - decided, _CORE_PX * scale), 0.8, 0.97)
    back = known * clean + (1.0 - known) * _local(stops, around, scale)
    key, told = _key(pixels, _local(stops, core, scale), back, floor)
    wide = gaussian(decided, _BAND_PX * scale)
    band = smooth_step((4.0 * wide * (1.0 - wide)).clamp(0.0, 1.0), 0.1, 0.5) * (1.0 - core)
    matte = decided + (smooth_step(key, 0.05, 0.95) - decided) * told * band
    return torch.where(wide > 0.02, matte.clamp(0.0, 1.0), torch.zeros_like(matte))


def _grown(planes: torch.Tensor, size: int) -> torch.Tensor:
    return interpolate(planes[None], size=(size, size), mode="bilinear", align_corners=False)[0]


def _local(stops: torch.Tensor, where: torch.Tensor, scale: float) -> torch.Tensor:
    """The colour found nearby under a mask, (3, s, s) stops."""
    small = weighted_gaussian(shrink(stops, 2), shrink(where, 2), _LOCAL_PX * scale / 2.0, 1e-4)
    return _grown(small, stops.shape[-1])


def _key(
    pixels: torch.Tensor, front: torch.Tensor, back: torch.Tensor, floor: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Where each pixel lies between two colours, (1, s, s), and how far that can be told, [0, 1]."""
    front, back = from_stops(front, floor) + floor, from_stops(back, floor) + floor
    relative = 2.0 / (front + back)
    step = (front - back) * relative
    apart = step.square().sum(0, keepdim=True)
    along = ((pixels.clamp_min(0.0) + floor - back) * relative * step).sum(0, keepdim=True)
    key = (along / apart.clamp_min(1e-6)).clamp(0.0, 1.0)
    return key, apart / (apart + _TELLS_APART * _TELLS_APART)
