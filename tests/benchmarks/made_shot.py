"""A tiny shot with exact truth, a solve and fusers, from arithmetic. Read by test_time.py."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import torch

from benchmarks.truth.shot import TruthShot
from ff_vfx.image.sample import pixel_grid, sample_affine
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused, to_crop
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window

SIDE, FRAMES, SCALE = 128, 10, 18.0
STEP = np.array([0.6, -0.4])


class TexturePlate:
    """A moving texture in memory, as ff_vfx.types.plate.Plate."""

    rate, colour_space, name, key = Fraction(24), "ACEScg", "made", "made"
    size = (SIDE, SIDE)
    numbers: Sequence[int] = range(1, FRAMES + 1)

    def read(self, number: int) -> Frame:
        window = Window(0, 0, SIDE, SIDE)
        return Frame(picture(number, 0.0), number, "ACEScg", window, window)


def picture(number: int, phase: float) -> torch.Tensor:
    """(3, SIDE, SIDE) light; another phase is another face."""
    at = pixel_grid(SIDE, SIDE) - torch.tensor(STEP).float() * (number - 1)
    x, y = at[..., 0], at[..., 1]
    stops = 0.5 * torch.sin(x / 6 + phase) * torch.cos(y / 7) + 0.3 * torch.sin((x + 2 * y) / 3 + phase)
    stops = stops + 0.2 * torch.sin(1.3 * x - 0.7 * y)
    return torch.exp2(stops - 2.0)[None].repeat(3, 1, 1)


def made_shot() -> TruthShot:
    """Ten frames at 24 a second, the face a disc in the middle."""
    numbers = TexturePlate.numbers
    disc = ((pixel_grid(SIDE, SIDE) - SIDE / 2).norm(dim=-1) < 0.25 * SIDE).float()[None]
    return TruthShot(
        "made",
        "a texture from arithmetic",
        TexturePlate(),
        {n: picture(n, 1.0) for n in numbers},
        {n: np.broadcast_to(STEP, (SIDE, SIDE, 2)) for n in numbers[:-1]},
        dict.fromkeys(numbers, disc),
        {},
        {},
        {n: landmarks(n) for n in numbers},
        (),
        24.0,
    )


def landmarks(number: int) -> np.ndarray:
    """(478, 3) plate px."""
    return face_mesh().canonical * SCALE + np.array([*(SIDE / 2 + STEP * (number - 1)), 0.0])


def made_solve(smoother: str) -> Solve:
    """The true track; for smoother 'none' with a pixel of jitter."""
    jitter = np.random.default_rng(1).normal(0.0, 1.5, (FRAMES, 2)) * (smoother == "none")
    points = np.stack([landmarks(n) for n in TexturePlate.numbers])
    points[..., :2] += jitter[:, None]
    centre = points.mean(1)
    pose = np.stack([np.concatenate([np.eye(3) * SCALE, c[:, None]], 1) for c in centre])
    side = 0.9 * SIDE
    crop = np.stack([np.array([[side, 0, c[0] - side / 2], [0, side, c[1] - side / 2], [0, 0, 1.0]]) for c in centre])
    ones, status = np.ones(FRAMES), ("tracked",) * FRAMES
    numbers = np.array(TexturePlate.numbers)
    track = FaceTrack("face0", numbers, status, ("",) * FRAMES, ones, ones, points, points, pose, crop)
    return Solve("made", "", TexturePlate.size, "ACEScg", (track,))


class MadeFuser:
    """The truth, some stops off by frame number. Implements Fuser."""

    def __init__(self, flicker_stops: float) -> None:
        self._stops = flicker_stops

    def fuse(self, crop: Crop) -> Fused:
        size = crop.pixels.shape[-1]
        made = sample_affine(picture(crop.number, 1.0), crop.to_plate, size, size)
        return _fused(crop, made * 2.0 ** (self._stops * (crop.number * 7 % 5 - 2)))

    def place(self, crop: Crop) -> Fused:
        return _fused(crop, crop.pixels)


def _fused(crop: Crop, made: torch.Tensor) -> Fused:
    size = crop.pixels.shape[-1]
    grid = pixel_grid(size, size).permute(2, 0, 1)
    points = to_crop(crop.face.landmarks, crop.to_plate)
    return Fused(made, crop.pixels, grid, torch.zeros(1, size, size), points)
