"""The rendered shot s010 with its renderer's own truth; it lies beside the checkout. Read by `made_shots`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.truth.example_still import track_points
from benchmarks.truth.measures import read_rgb
from benchmarks.truth.shot import MemoryPlate, TruthShot

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "shots" / "s010"
_FIRST, _LAST = 1001, 1016
_BLINK = range(1009, 1014)
_EYES = (range(36, 42), range(42, 48))  # of the 68 landmarks
_DILATE_PX = 9


def why_absent(folder: Path = FOLDER) -> str:
    """Why the shot cannot be read; empty when it can."""
    return "" if (folder / f"gt.{_LAST}.npz").is_file() else f"s010 is not at {folder}"


def real_shot(quick: bool = False, folder: Path = FOLDER) -> TruthShot:
    """16 frames around a blink; quick: the 12 from 1005 to 1016. Landmarks: the tracker's own, committed."""
    points, numbers = track_points(), range(_FIRST + 4 * quick, _LAST + 1)
    plates = {n: read_rgb(folder / f"plate.{n}.exr").half() for n in numbers}
    facts = {n: dict(np.load(folder / f"gt.{n}.npz")) for n in numbers}
    return TruthShot(
        "s010",
        "A rendered head that talks, turns and blinks.",
        MemoryPlate("s010", plates, 24.0),
        {n: read_rgb(folder / f"truth_grain.{n}.exr") for n in numbers},
        {n: facts[n]["truth_flow_forward"].astype(np.float32) for n in numbers[:-1]},
        {n: torch.from_numpy(facts[n]["truth_face"] & facts[n]["plate_face"]).float()[None] for n in numbers},
        {n: _eyes(facts[n]["truth_landmarks68"], facts[n]["truth_face"].shape) for n in _BLINK},
        {},
        {n: points[n - _FIRST] for n in numbers},
        (),
        24.0,
    )


def _eyes(marks: np.ndarray, shape: tuple[int, ...]) -> torch.Tensor:
    """(1, h, w) {0, 1}: hulls of both eyes, widened. marks: (68, 2) px."""
    mask = np.zeros(shape, np.uint8)
    for eye in _EYES:
        cv2.fillConvexPoly(mask, cv2.convexHull(np.round(marks[list(eye)] - 0.5).astype(np.int32)), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _DILATE_PX + 1, 2 * _DILATE_PX + 1))
    return torch.from_numpy(cv2.dilate(mask, kernel).astype(np.float32))[None]
