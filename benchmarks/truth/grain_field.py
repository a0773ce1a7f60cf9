"""Film grain for plate and truth alike: one seeded unit field a frame. Read by the made shots and the bad fuser."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from ff_vfx.image.blur import gaussian

SLOPE, FLOOR = 8e-5, 4e-6  # variance = SLOPE * value + FLOOR. Source: the grain of the s010 render
_SIGMA_PX = 0.55  # its blur: neighbouring pixels share some grain
_LIGHT = 1e-3  # scene-linear; keeps the logarithm of black finite while denoising


def unit_field(seed: int, height: int, width: int, sigma_px: float = _SIGMA_PX, channels: int = 3) -> torch.Tensor:
    """(channels, height, width) float32 of mean 0 and variance 1, Gaussian-correlated over sigma_px."""
    made = torch.randn(channels, height, width, generator=torch.Generator().manual_seed(seed))
    field = gaussian(made, sigma_px)
    return (field - field.mean()) / field.std()


def grained(picture: torch.Tensor, field: torch.Tensor, strength: float = 1.0) -> torch.Tensor:
    """The picture with grain of its own brightness; strength multiplies the grain's sigma.

    Args:
        picture: (3, h, w) scene-linear. field: (3, h, w) of `unit_field`.
    """
    return picture + field * (SLOPE * picture.clamp_min(0.0) + FLOOR).sqrt() * strength


def denoised(picture: torch.Tensor) -> torch.Tensor:
    """The picture without most of its baked grain; edges stay. Bilateral in stops, small reach."""
    stops = torch.log2(picture.clamp_min(0.0) + _LIGHT).permute(1, 2, 0).contiguous().numpy()
    smooth = cv2.bilateralFilter(stops.astype(np.float32), 7, 0.12, 1.6)
    return (torch.exp2(torch.from_numpy(smooth)) - _LIGHT).permute(2, 0, 1).contiguous()
