"""Optical flow between two steady crops, both ways, and how far to trust it. Read by the window and the motion layers.

DIS (Kroeger 2016, in OpenCV) on exposure-matched 8-bit pictures; bit-identical over threads, not over crops: the crop
comes from the track, never from a host's tile (docs/decisions/0007-flow.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch

from ff_vfx.image.sample import pixel_grid, sample

_LUMA = (0.27, 0.67, 0.06)  # near enough to ACEScg and Rec.709 for matching; not colour science
# finest scale, variational iterations, alpha. Source: TIME sheet, end-point error 0.275 / 0.176 / 0.141 / 0.066 px.
_QUALITIES = {"fast": None, "medium": (1, 5, 20.0), "fine": (1, 25, 40.0), "finest": (0, 25, 40.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """there: (2, s, s) x, y px from each pixel of the first picture to the second. error_px: (1, s, s) how far one

    lands from where one started after going there and back.
    """

    there: torch.Tensor
    error_px: torch.Tensor


def flow_picture(pixels: torch.Tensor, exposure_stops: float) -> np.ndarray:
    """8-bit grey for matching, (s, s) uint8.

    Args:
        pixels: (3, s, s) scene-linear. exposure_stops: one gain for the whole shot, so that brightness can be compared.
    """
    luma = torch.tensor(_LUMA, dtype=pixels.dtype)[:, None, None]
    grey = (pixels * luma).sum(0).mul(2.0**exposure_stops).clamp(0.0, 1.0)
    # Not pow: on the CPU its last bit depends on where in the tensor a value lies.
    curved = torch.exp(torch.log(grey.clamp_min(1e-6)) / 2.2)
    return (curved * 255.0 + 0.5).to(torch.uint8).numpy()


def flow_both_ways(first: np.ndarray, second: np.ndarray, quality: str) -> tuple[Flow, Flow]:
    """Flow from first to second and back, each with its round-trip error.

    Args:
        first, second: (s, s) uint8. quality: see SteadySettings.flow.
    """
    there, back = (_dis(quality).calc(a, b, None) for a, b in ((first, second), (second, first)))
    there, back = (torch.from_numpy(f).permute(2, 0, 1).contiguous() for f in (there, back))
    return Flow(there, _round_trip(there, back)), Flow(back, _round_trip(back, there))


def _dis(quality: str) -> Any:  # OpenCV's stubs know neither its factory nor a call without a first guess
    tuned = _QUALITIES[quality]
    if tuned is None:
        return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(tuned[0])
    flow.setVariationalRefinementIterations(tuned[1])
    flow.setVariationalRefinementAlpha(tuned[2])
    return flow


def _round_trip(there: torch.Tensor, back: torch.Tensor) -> torch.Tensor:
    landed = follow(back, there)
    x, y = there + landed
    return (x * x + y * y).sqrt()[None]


def follow(pixels: torch.Tensor, flow: torch.Tensor, mode: str = "bilinear") -> torch.Tensor:
    """What each pixel finds at the other end of its flow. pixels: (c, s, s). flow: (2, s, s) px."""
    h, w = pixels.shape[-2:]
    return sample(pixels, pixel_grid(h, w) + flow.permute(1, 2, 0), mode=mode)
