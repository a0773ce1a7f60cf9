"""Plates, faces and tracks made of arithmetic, for tests that need no network and no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.errors import FrameBroken
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.solve import Grain, Solve
from ff_vfx.types.window import Window

SPACE = "ACEScg"
AS_IT_IS = Transform.between(SPACE, SPACE)


def turned(yaw: float, pitch: float = 0.0) -> np.ndarray:
    """Rotation by yaw about y, then pitch about x, in radians."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return about_x @ about_y


def posed_face(
    shape: np.ndarray | None = None, centre: tuple[float, float] = (120.0, 110.0), scale: float = 60.0, yaw: float = 0.0
) -> Face:
    """The canonical face (or another shape) seen by a weak-perspective camera, plate pixels."""
    points = face_mesh().canonical if shape is None else shape
    pose = np.concatenate([turned(yaw) * scale, np.array([[centre[0]], [centre[1]], [0.0]])], 1)
    landmarks = points @ pose[:, :3].T + pose[:, 3]
    side = scale * 3.4
    middle = pose[:2, :3] @ np.array([0.0, 0.3, 0.0]) + pose[:2, 3]
    crop = np.array([[side, 0, middle[0] - side / 2], [0, side, middle[1] - side / 2], [0, 0, 1.0]])
    return Face(landmarks, 1.0, pose, crop)


def track_of(faces: Mapping[int, Face | None]) -> FaceTrack:
    """A track of these faces; None is a lost frame."""
    numbers = sorted(faces)
    blank = posed_face()
    seen = [faces[n] or blank for n in numbers]
    lost = [faces[n] is None for n in numbers]
    landmarks = np.stack([f.landmarks for f in seen])
    landmarks[np.array(lost)] = np.nan
    return FaceTrack(
        "face0",
        np.array(numbers),
        tuple("lost" if gone else "tracked" for gone in lost),
        tuple("no face above confidence 0.50" if gone else "" for gone in lost),
        np.ones(len(numbers)),
        np.array([f.weight for f in seen]),
        landmarks,
        landmarks.copy(),
        np.stack([f.pose for f in seen]),
        np.stack([f.crop_to_plate for f in seen]),
    )


def picture(seed: int, height: int = 240, width: int = 240, low: float = 0.05, high: float = 0.6) -> torch.Tensor:
    """Smooth coloured blobs, (3, height, width) float32."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 3, 9, 9, generator=generator)
    grown = torch.nn.functional.interpolate(small, size=(height, width), mode="bicubic", align_corners=False)[0]
    return low + (high - low) * grown.clamp(0, 1)


def frame_of(pixels: torch.Tensor, number: int, dtype: torch.dtype = torch.float16) -> Frame:
    window = Window(0, 0, pixels.shape[-1], pixels.shape[-2])
    return Frame(pixels.to(dtype), number, SPACE, window, window)


class SyntheticPlate:
    """Frames by number; a number mapped to None is a broken frame."""

    rate = Fraction(24)
    colour_space = SPACE
    name = "synthetic"
    key = "synthetic-plate"

    def __init__(self, frames: dict[int, torch.Tensor | None], dtype: torch.dtype = torch.float16) -> None:
        self.frames, self.dtype = frames, dtype
        self.numbers: Sequence[int] = sorted(frames)
        first = next(p for p in frames.values() if p is not None)
        self.size = (first.shape[-1], first.shape[-2])
        self.reads: list[int] = []

    def read(self, number: int) -> Frame:
        self.reads.append(number)
        pixels = self.frames.get(number)
        if pixels is None:
            raise FrameBroken(f"frame {number}: truncated")
        return frame_of(pixels, number, self.dtype)


def solve_of(track: FaceTrack, size: tuple[int, int], cuts: tuple[int, ...] = ()) -> Solve:
    grain = Grain((1e-4,) * 3, (1e-6,) * 3, 0.5)
    return Solve("synthetic-plate", "", size, SPACE, (track,), cuts, 0.0, grain)
