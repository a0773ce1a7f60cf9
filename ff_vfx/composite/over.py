"""Bring the finished crop back and lay it over the plate, in the face's region alone. Read by shot.

The plate is changed by a difference, so that where nothing is new not a bit of it moves, and its own fine detail and
grain are kept in proportion to how little the face there is new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.colour import to_stops
from ff_vfx.composite.grain import grain_noise, grain_strength
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import affine_grid, sample, sample_clamped
from ff_vfx.types.fused import Crop
from ff_vfx.types.solve import Grain
from ff_vfx.types.window import Window

_NEW_STOPS = 0.03  # a pixel this much changed counts as new, its plate detail as replaced
_CROP_KEEPS = 0.8  # of the plate's grain variance, what the way into the crop and back leaves; measured on s010


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A finished crop. picture: (3, s, s) scene-linear over the whole crop. coverage: (1, s, s).

    novelty: (1, s, s) in [0, 1], exactly 0 where picture is the plate's crop. votes: (1, s, s), see steady.
    """

    picture: torch.Tensor
    coverage: torch.Tensor
    novelty: torch.Tensor
    votes: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where the crop meets the plate. window: plate px. to_crop: (h, w, 2) crop px of each pixel of the window."""

    window: Window
    to_crop: torch.Tensor


def novelty_of(picture: torch.Tensor, crop: torch.Tensor, floor: float) -> torch.Tensor:
    """How new each pixel is, (1, s, s) in [0, 1]; exactly 0 around which nothing changed. Domain: scene-linear."""
    stops = to_stops(picture, floor) - to_stops(crop, floor)
    changed = gaussian(stops.abs().amax(0, keepdim=True), picture.shape[-1] / 256.0)
    return 1.0 - torch.exp(-(changed / _NEW_STOPS).square())


def place(coverage: torch.Tensor, to_plate: torch.Tensor, data_window: Window) -> Placement:
    """The smallest window of the plate that holds everything covered; empty when nothing is.

    Args:
        coverage: (1, s, s). to_plate: (3, 3) float64 crop px to plate px.
    """
    rows = torch.nonzero(coverage[0].amax(1) > 0).flatten()
    columns = torch.nonzero(coverage[0].amax(0) > 0).flatten()
    if rows.numel() == 0:
        corner = (data_window.x0, data_window.y0)
        return Placement(Window(*corner, *corner), torch.zeros(0, 0, 2))
    x0, x1, y0, y1 = (int(v) for v in (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1))
    corners = np.array([[x0, y0, 1], [x1, y0, 1], [x0, y1, 1], [x1, y1, 1]], float) @ to_plate.numpy().T
    low, high = np.floor(corners.min(0)).astype(int) - 1, np.ceil(corners.max(0)).astype(int) + 1
    window = Window(int(low[0]), int(low[1]), int(high[0]), int(high[1])).intersect(data_window)
    shift = torch.eye(3, dtype=torch.float64)
    shift[0, 2], shift[1, 2] = window.x0, window.y0
    return Placement(window, affine_grid(torch.linalg.inv(to_plate) @ shift, window.height, window.width))


def carry(planes: torch.Tensor, placement: Placement) -> torch.Tensor:
    """Mattes and other planes (c, s, s) of the crop on the plate's pixels, (c, h, w); 0 outside the crop."""
    return sample(planes, placement.to_crop, mode="bilinear", outside="zeros")


def change_over(
    plate: torch.Tensor,
    crop: Crop,
    done: Finished,
    placement: Placement,
    coverage: torch.Tensor,
    grain: tuple[Grain, str],
) -> torch.Tensor:
    """What the finished crop changes in the window.

    Args:
        plate: (3, h, w) the frame's values in the window, float32 scene-linear, finite. coverage: (1, h, w), ours or
            the artist's.
        grain: the plate's grain, its variance already scaled by the artist's amount, and the key that seeds it.

    Returns:
        (3, h, w) float32, what to add to the plate; exactly 0 where nothing changed or coverage is 0.

    Domain: scene-linear, unbounded.
    """
    both = sample_clamped(torch.cat([done.picture, crop.pixels]), placement.to_crop)
    new, old = both[:3], both[3:]
    novelty, votes = carry(torch.cat([done.novelty, done.votes]), placement).split(1)
    change = new - old - novelty * (plate - old)
    change = change + novelty * _grain(plate + change, votes, grain, crop.number)
    return coverage * change


def _grain(pixels: torch.Tensor, votes: torch.Tensor, grain: tuple[Grain, str], number: int) -> torch.Tensor:
    measured, key = grain
    if not any(measured.slope) and not any(measured.floor):
        return torch.zeros_like(pixels)
    # Steadying on the ratio to the plate leaves the plate's own grain in, but for the neighbours' share.
    missing = 1.0 - _CROP_KEEPS * (1.0 - 1.0 / votes.clamp_min(1.0))
    h, w = pixels.shape[-2:]
    noise = grain_noise(key, number, h, w, measured.sigma_px)
    return noise * grain_strength(pixels, measured, missing)
