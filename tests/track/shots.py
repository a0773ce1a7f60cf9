"""Tiny plates, networks and pictures for the tests of track. Read by these tests alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import torch

from ff_vfx.errors import FrameBroken
from ff_vfx.track import Detectors
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ORDER_68 = 68


class ScratchEngine:
    """A tflite graph in OpenCV, as the engine room runs it."""

    def __init__(self, path: Path, low: float) -> None:
        self.net = cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
        self.names = self.net.getUnconnectedOutLayersNames()
        self.spec = EngineSpec(path.stem, "tflite", (TensorSpec("input", (1, 3, None, None), "nchw", low, 1.0),), ())

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.net.setInput(inputs["input"])
        return {n: v.copy() for n, v in zip(self.names, self.net.forward(self.names), strict=True)}


def scratch_detectors() -> Detectors:
    names = (("face_detection_short_range", -1.0), ("face_landmark", 0.0), ("iris_landmark", 0.0))
    engines = [ScratchEngine(DATA / "embedded_models" / f"{n}.tflite", low) for n, low in names]
    return Detectors(*engines, ScratchEngine(DATA / "embedded_models" / "selfie_segmentation.tflite", 0.0))


class MemoryPlate:
    """A plate made of functions; one that raises or returns an error stands for a broken file."""

    rate = Fraction(24)
    colour_space = "ACEScg"
    name = "memory"
    key = "memory-key"

    def __init__(self, frames: Mapping[int, Callable[[], np.ndarray] | Exception], size: tuple[int, int]) -> None:
        self.frames = dict(frames)
        self.numbers = sorted(self.frames)
        self.size = size
        self.pixel_aspect = 1.0

    def read(self, number: int) -> Frame:
        made = self.frames.get(number, FrameBroken(f"frame {number}: not there"))
        if isinstance(made, Exception):
            raise made
        return frame_of(made(), number, self.colour_space, self.pixel_aspect)


def frame_of(picture: np.ndarray, number: int = 1, space: str = "ACEScg", aspect: float = 1.0) -> Frame:
    """(h, w, 3) float to a Frame."""
    h, w = picture.shape[:2]
    pixels = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)).astype(np.float32))
    return Frame(pixels, number, space, Window(0, 0, w, h), Window(0, 0, w, h), aspect)


def read_exr(path: Path) -> np.ndarray:
    """(h, w, 3) float32."""
    import OpenEXR

    channels = OpenEXR.File(str(path), separate_channels=True).channels()
    return np.stack([channels[c].pixels.astype(np.float32) for c in "RGB"], -1)


def shot_plate(shot: str, kind: str = "plate") -> MemoryPlate:
    folder = DATA / "shots" / shot
    return MemoryPlate({n: (lambda n=n: read_exr(folder / f"{kind}.{n}.exr")) for n in range(1001, 1017)}, (512, 512))


def read_srgb(path: Path) -> Frame:
    """An 8-bit picture, linearised."""
    bgr = cv2.imread(str(path))
    shown = bgr[..., ::-1].astype(np.float32) / 255.0
    return frame_of(np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4), 1, "linear rec.709")


def truth_of(shot: str) -> tuple[np.ndarray, np.ndarray]:
    """(16, 68, 2) true landmarks and (15, h, w, 2) true forward motion."""
    rows = [np.load(DATA / "shots" / shot / f"gt.{n}.npz") for n in range(1001, 1017)]
    return (
        np.stack([r["plate_landmarks68"] for r in rows]).astype(np.float64),
        np.stack([r["plate_flow_forward"] for r in rows[:-1]]),
    )
