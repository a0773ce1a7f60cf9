"""How the plate itself moves under a face from one frame to the next. Read by the shot's pass.

Dense flow on a small grey crop that follows the face, so that most of the motion is gone before it is measured. The
crop comes from the track and from nothing else: flow is not the same on another crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ff_vfx.track.dense import dense_flow, round_trip
from ff_vfx.track.look import exposure_of, linear_crop, to_display
from ff_vfx.track.pose import CROP_HEIGHTS
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame

_HEIGHTS = 1.4  # the crop's side in face heights
_SIDES = (128, 192, 256, 320)
_LIGHT_SIGMA = 0.05  # of the side: slower changes of brightness are light and shadow, which do not move with the skin
_SPREAD_PX = 2.0  # around a landmark, crop px
_SLACK_PX = 0.5  # forward-backward error at which trust fades. Source: measured against true motion, ours
_SLACK_LEVELS = 12.0  # 8-bit difference after warping at which trust fades
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class FlowCrop:
    """linear: (side, side, 3) float32 scene-linear. matrix: (3, 3) crop px to plate px. stops: its own exposure."""

    linear: np.ndarray
    matrix: np.ndarray
    stops: float
    colour_space: str


def flow_side(face: Face) -> int:
    """The crop's px for a person, chosen once by the face's size on the plate."""
    wanted = np.linalg.norm(face.crop_to_plate[1, :2]) / CROP_HEIGHTS * _HEIGHTS
    return next((side for side in _SIDES if side >= wanted), _SIDES[-1])


def flow_crop(frame: Frame, face: Face, side: int) -> FlowCrop:
    """What has to be kept of a frame for the flow to the next one."""
    part = _HEIGHTS / CROP_HEIGHTS
    inset = (1.0 - part) / 2.0
    unit = np.array([[part / side, 0.0, inset], [0.0, part / side, inset], [0.0, 0.0, 1.0]])
    matrix = face.crop_to_plate @ unit
    linear = linear_crop(frame, matrix, side)
    middle = linear[:, side // 4 : -side // 4, side // 4 : -side // 4]
    return FlowCrop(
        np.ascontiguousarray(linear.permute(1, 2, 0).numpy()),
        matrix,
        exposure_of(middle.amax(0).numpy()),
        frame.colour_space,
    )


def displacement(before: FlowCrop, after: FlowCrop, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the plate carries these points.

    Args:
        before, after: crops of one side of two frames, first and second. points: (n, 2) plate px on the first.

    Returns:
        (n, 2) plate px of motion, and (n,) trust in [0, 1]; 0 motion and trust where the crop does not reach.

    Source: dense inverse search (Kroeger 2016) in OpenCV; settings measured against true motion on s010 and s020.
    """
    stops = (before.stops + after.stops) / 2.0
    grey_a, grey_b = _grey(before, stops), _grey(after, stops)
    forward = dense_flow(grey_a, grey_b, 0, 10)
    backward = dense_flow(grey_b, grey_a, 1, 5)
    trust = _trust(grey_a, grey_b, forward, backward)
    weighted = cv2.GaussianBlur(forward * trust[..., None], (0, 0), _SPREAD_PX)
    spread = cv2.GaussianBlur(trust, (0, 0), _SPREAD_PX)
    at = _apply(np.linalg.inv(before.matrix), points)
    flow = _read(weighted / np.maximum(spread, 1e-6)[..., None], at)
    sure = _read(spread[..., None], at)[:, 0]
    inside = ((at >= 1.0) & (at <= grey_a.shape[0] - 1.0)).all(1) & (sure > 1e-3)
    moved = _apply(after.matrix, at + flow) - points
    return np.where(inside[:, None], moved, 0.0), np.where(inside, sure, 0.0)


def _grey(crop: FlowCrop, stops: float) -> np.ndarray:
    """8 bit, slow light removed: flow mistakes a shadow that stays for skin that stays."""
    shown = to_display(torch.from_numpy(crop.linear).permute(2, 0, 1), stops, crop.colour_space)
    grey = np.tensordot(_LUMA, shown.numpy(), 1) * 255.0
    slow = cv2.GaussianBlur(grey, (0, 0), _LIGHT_SIGMA * grey.shape[0])
    return np.clip(128.0 + grey - slow, 0.0, 255.0).round().astype(np.uint8)


def _trust(grey_a: np.ndarray, grey_b: np.ndarray, forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """(side, side) float32: forward and backward agree, and the warped picture looks the same."""
    missed, there = round_trip(forward, backward)
    seen = cv2.remap(grey_b, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    change = cv2.GaussianBlur(np.abs(seen.astype(np.float32) - grey_a), (0, 0), 1.0)
    return np.exp(-missed / _SLACK_PX**2 - (change / _SLACK_LEVELS) ** 2).astype(np.float32)


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])


def _read(field: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Bilinear in float64. field: (h, w, c), at: (n, 2) px, centres at +0.5."""
    h, w = field.shape[:2]
    x = np.clip(at[:, 0] - 0.5, 0.0, w - 1.001)
    y = np.clip(at[:, 1] - 0.5, 0.0, h - 1.001)
    column, row = x.astype(int), y.astype(int)
    u, v = (x - column)[:, None], (y - row)[:, None]
    upper = field[row, column] * (1 - u) + field[row, column + 1] * u
    lower = field[row + 1, column] * (1 - u) + field[row + 1, column + 1] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float64)
