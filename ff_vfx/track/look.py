"""What the networks are shown: small exposed display pictures cut out of a scene-linear frame.

Read by every part of track. Crops are given as (3, 3) crop px -> plate px; only the pixels under a crop are touched, so
the cost grows with the face and not with the frame. Sampling is in float: OpenCV's warps round positions to 1/32 px.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, grid_sample, pad

from ff_vfx.colour import PINNED, Transform, load_config
from ff_vfx.errors import UnknownColourSpace
from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window

_REC709, _DISPLAY = "lin_rec709", "srgb_tx"  # in the pinned config
_HEADROOM = 4.0  # times display white that a highlight may weigh while pixels are averaged
_SAMPLES = 65536  # pixels looked at for an exposure
_DARKEST = 1e-6
_METER_PX = 24


def crop_matrix(centre: np.ndarray, side: float, angle: float, size: int, aspect: float = 1.0) -> np.ndarray:
    """(3, 3) crop px to plate px for a square, turned crop.

    Args:
        centre: (2,) and side: in square px (plate px with x times aspect). angle: radians, clockwise on screen.
        size: the crop's px. aspect: the plate's pixel aspect.
    """
    step = side / size
    cos, sin = np.cos(angle) * step, np.sin(angle) * step
    half = size / 2.0
    matrix = np.array(
        [[cos, -sin, centre[0] - (cos - sin) * half], [sin, cos, centre[1] - (sin + cos) * half], [0.0, 0.0, 1.0]]
    )
    matrix[0] /= aspect
    return matrix


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Part of a frame from which several nearby crops are sampled.

    pixels: (3, h, w) float32, finite. origin: (2,) plate px of its corner. pools: (2,) plate px per pixel, x and y.
    """

    pixels: torch.Tensor
    origin: np.ndarray
    pools: np.ndarray

    def crop(self, matrix: np.ndarray, size: int) -> torch.Tensor:
        """(3, size, size), bilinear, black outside. matrix: (3, 3) crop px to plate px."""
        into = matrix[:2].copy()
        into[:, 2] -= self.origin
        return _sampled(self.pixels, into / self.pools[:, None], size)


def linear_patch(frame: Frame, matrix: np.ndarray, size: int, margin: float = 0.0) -> Patch:
    """The frame under a crop, scene-linear, averaged first when the crop shrinks it.

    Args:
        matrix: (3, 3) crop px to plate px. margin: how far further crops may reach, part of this one's side.

    Domain: scene-linear in the frame's space; nan and inf count as 0.
    """
    steps = np.maximum(np.linalg.norm(matrix[:2, :2], axis=1), 1e-6)
    far = size * (1.0 + margin)
    near = -size * margin
    corners = np.array([[near, near, 1], [far, near, 1], [near, far, 1], [far, far, 1]], np.float64) @ matrix.T
    reach = 2.0 * steps + 2.0
    low, high = np.floor(corners[:, :2].min(0) - reach), np.ceil(corners[:, :2].max(0) + reach)
    pools = np.maximum(1, np.round(steps)).astype(int)
    window = Window(0, 0, 0, 0)
    if np.isfinite(low).all() and np.isfinite(high).all():
        window = Window(int(low[0]), int(low[1]), int(high[0]), int(high[1])).intersect(frame.data_window)
    if window.empty:
        return Patch(torch.zeros(3, 1, 1), np.zeros(2), pools.astype(np.float64))
    rows, columns = window.slices(frame.data_window)
    part = torch.nan_to_num(frame.pixels[:3, rows, columns].float(), nan=0.0, posinf=0.0, neginf=0.0)
    part = _pooled(part, int(pools[0]), int(pools[1]))
    return Patch(part, np.array([window.x0, window.y0], np.float64), pools.astype(np.float64))


def linear_crop(frame: Frame, matrix: np.ndarray, size: int) -> torch.Tensor:
    """(3, size, size) scene-linear, finite, 0 outside the frame. matrix: (3, 3) crop px to plate px."""
    return linear_patch(frame, matrix, size).crop(matrix, size)


def display_patch(frame: Frame, matrix: np.ndarray, size: int, stops: float) -> Patch:
    """As `linear_patch`, exposed for the networks, with room for the fixed variants of a crop."""
    patch = linear_patch(frame, matrix, size, margin=0.15)
    return Patch(to_display(patch.pixels, stops, frame.colour_space), patch.origin, patch.pools)


def _pooled(part: torch.Tensor, across: int, down: int) -> torch.Tensor:
    if across == 1 and down == 1:
        return part
    h, w = part.shape[-2:]
    part = pad(part[None], (0, -w % across, 0, -h % down), mode="replicate")
    return avg_pool2d(part, (down, across))[0]


def _sampled(part: torch.Tensor, matrix: np.ndarray, size: int) -> torch.Tensor:
    """Bilinear, black outside. matrix: crop px to the part's px."""
    h, w = part.shape[-2:]
    at = np.arange(size, dtype=np.float64) + 0.5
    x = matrix[0, 0] * at[None] + matrix[0, 1] * at[:, None] + matrix[0, 2]
    y = matrix[1, 0] * at[None] + matrix[1, 1] * at[:, None] + matrix[1, 2]
    grid = torch.from_numpy(np.stack([x * (2.0 / w) - 1.0, y * (2.0 / h) - 1.0], -1).astype(np.float32))
    return grid_sample(part[None], grid[None], mode="bilinear", padding_mode="zeros", align_corners=False)[0]


def to_display(linear: torch.Tensor, stops: float, colour_space: str) -> torch.Tensor:
    """Exposed sRGB in [0, 1], what the networks were trained on. linear: (3, h, w) scene-linear.

    Repeats: a value's last bit does not depend on where in the picture it lies.
    """
    exposed = (linear * 2.0**stops).clamp(0.0, _HEADROOM)
    return _shown(colour_space)(exposed).clamp(0.0, 1.0)


@lru_cache(maxsize=32)
def _shown(colour_space: str) -> Transform:
    """As if Rec.709 for a space that no config knows: the networks forgive a tint."""
    try:
        return Transform.to_standard(colour_space, _DISPLAY)
    except UnknownColourSpace:
        return Transform.between(_REC709, _DISPLAY, load_config(PINNED))


def exposure_of(values: np.ndarray, percentile: float = 99.0) -> float:
    """The gain in stops that brings the bright end of these linear values to 1; 0 when there is nothing to see."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0
    bright = float(np.percentile(values, percentile))
    return 0.0 if bright <= _DARKEST else float(-np.log2(bright))


def frame_exposure(frame: Frame, percentile: float = 99.0) -> float:
    """As `exposure_of`, for a whole frame, on an even subset of its pixels."""
    h, w = frame.pixels.shape[-2:]
    every = max(1, int((h * w / _SAMPLES) ** 0.5))
    return exposure_of(frame.pixels[:3, ::every, ::every].float().amax(0).numpy(), percentile)


def bright_samples(frame: Frame, crop_to_plate: np.ndarray) -> np.ndarray:
    """The brightest channel over the middle of a face, a few hundred linear values. crop_to_plate: as a Face's."""
    middle = np.array([[0.5 / _METER_PX, 0.0, 0.25], [0.0, 0.5 / _METER_PX, 0.25], [0.0, 0.0, 1.0]])
    return np.asarray(linear_crop(frame, crop_to_plate @ middle, _METER_PX).amax(0).numpy().reshape(-1))


def exposure_for(bright: list[np.ndarray]) -> float:
    """One gain for the shot, in stops, from samples of all its faces; 0 without a face."""
    return exposure_of(np.concatenate(bright)) if bright else 0.0
