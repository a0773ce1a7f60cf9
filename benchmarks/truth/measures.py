"""How near a rendered shot is to the truth, and how still it holds. Read by benchmarks and by tests/test_quality.py.

Pictures are (3, h, w) float32 scene-linear; masks (1, h, w); all errors are root mean squares in stops, log2(x + 0.01).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import torch

from ff_vfx.colour import Transform, to_stops
from ff_vfx.image.blur import gaussian, weighted_gaussian
from ff_vfx.image.fit import similarity_matrix
from ff_vfx.image.sample import pixel_grid, sample, sample_affine
from ff_vfx.qc.look import FLOOR
from ff_vfx.qc.measures.along import rms
from ff_vfx.qc.measures.detail import band_of

__all__ = ["FLOOR", "detail_error", "embedding", "flicker", "full_error", "read_rgb", "rms", "sharpness", "warp_error"]
_TONE_SIGMA = 30.0 / 512.0  # of the picture's side: what is slower than this is tone
# Eye centres, nose tip, mouth corners in a 112 px crop. Source: the five points ArcFace networks are trained on.
_ARCFACE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
_FIVE = (range(36, 42), range(42, 48), (30,), (48,), (54,))  # of the 68 landmarks
_RIGID = (*range(27, 36), 36, 39, 42, 45)


def read_rgb(path: Path) -> torch.Tensor:
    """R, G, B of an EXR, (3, h, w) float32."""
    channels = OpenEXR.File(str(path), separate_channels=True).channels()
    return torch.from_numpy(np.stack([channels[name].pixels.astype(np.float32) for name in "RGB"]))


def full_error(made: torch.Tensor, truth: torch.Tensor, face: torch.Tensor) -> float:
    """All of the difference in the face, tone included."""
    return rms(to_stops(made, FLOOR) - to_stops(truth, FLOOR), face)


def detail_error(made: torch.Tensor, truth: torch.Tensor, face: torch.Tensor) -> float:
    """The difference in the face once low-frequency tone is taken from both."""
    return rms(_detail(made, face) - _detail(truth, face), face)


def _detail(picture: torch.Tensor, face: torch.Tensor) -> torch.Tensor:
    stops = to_stops(picture, FLOOR)
    return stops - weighted_gaussian(stops, face, _TONE_SIGMA * picture.shape[-1])


def warp_error(frames: Sequence[torch.Tensor], flows: Sequence[np.ndarray], faces: Sequence[torch.Tensor]) -> float:
    """E_warp: the next frame, brought back along the true motion, less this one. Source: Lai 2018.

    Args:
        flows: (h, w, 2) px to the next frame, true. faces: masks.
    """
    errors = []
    for k, (flow, face) in enumerate(zip(flows[: len(frames) - 1], faces, strict=False)):
        h, w = flow.shape[:2]
        there = pixel_grid(h, w) + torch.from_numpy(flow.astype(np.float32))
        errors.append(rms(sample(to_stops(frames[k + 1], FLOOR), there) - to_stops(frames[k], FLOOR), face) ** 2)
    return float(np.sqrt(np.mean(errors)))


def flicker(
    frames: Sequence[torch.Tensor], landmarks: Sequence[np.ndarray], fps: float, above_hz: float = 6.0
) -> float:
    """Rms of what changes faster than above_hz at fixed places of the face, in stops.

    Args:
        landmarks: (68, 2) true ones of each frame, px; frames are laid over the first by their rigid points.
    """
    rigid = list(_RIGID)
    low, high = landmarks[0][rigid].min(0) - 20, landmarks[0][rigid].max(0) + 20
    steady = []
    for frame, points in zip(frames, landmarks, strict=True):
        matrix = similarity_matrix(landmarks[0][rigid], points[rigid])
        shift = np.array([[1, 0, low[0]], [0, 1, low[1]], [0, 0, 1.0]])
        view = sample_affine(frame, torch.from_numpy(matrix @ shift), int(high[1] - low[1]), int(high[0] - low[0]))
        steady.append(gaussian(to_stops(view, FLOOR).mean(0, keepdim=True), 1.0))
    spectrum = torch.fft.rfft(torch.stack(steady), dim=0)
    fast = torch.arange(spectrum.shape[0]) * fps / len(steady) > above_hz
    return float((spectrum[fast].abs().square().mean() / len(steady)).sqrt())


def sharpness(frames: Sequence[torch.Tensor], faces: Sequence[torch.Tensor]) -> float:
    """Rms of the band of detail from 0.7 to 1.4 px in the faces, in stops."""
    energy = [rms(band_of(frame), face) ** 2 for frame, face in zip(frames, faces, strict=True)]
    return float(np.sqrt(np.mean(energy)))


def embedding(network: cv2.dnn.Net, picture: torch.Tensor, landmarks: np.ndarray, space: str = "ACEScg") -> np.ndarray:
    """Who it is, to a recogniser that takes 112 px crops, unit length. landmarks: (68, 2) px."""
    five = np.stack([landmarks[list(group)].mean(0) for group in _FIVE])
    matrix = similarity_matrix(_ARCFACE, five)
    view = sample_affine(Transform.between(space, "srgb_tx")(picture).clamp(0, 1), torch.from_numpy(matrix), 112, 112)
    network.setInput(((view.clamp(0, 1) * 255.0 - 127.5) / 128.0).numpy()[None])
    found = network.forward().ravel()
    return found / np.linalg.norm(found)
