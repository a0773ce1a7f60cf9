"""Tiny plates and pictures for the tests of track. Read by these tests alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import torch

from ff_vfx.errors import FrameBroken
from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window

DATA = Path(__file__).parents[2].parent / "shared" / "data"
# The mesh point nearest to each of the 68 true landmarks (jaw, brows, nose, eyes, mouth), a usual table.
MESH_68 = np.array(
    (162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
     70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 168, 197, 5, 4, 75, 97, 2, 326, 305,
     33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
     61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87)
)  # fmt: skip


class MemoryPlate:
    """A plate made of functions; one that raises or returns an error stands for a broken file."""

    rate = Fraction(24)
    colour_space = "ACEScg"
    name = "memory"
    key = "memory-key"

    def __init__(self, frames: Mapping[int, Callable[[], np.ndarray] | Exception], size: tuple[int, int]) -> None:
        self.frames = dict(frames)
        self.numbers: Sequence[int] = sorted(self.frames)
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
    def reader(number: int) -> Callable[[], np.ndarray]:
        return lambda: picture_of(shot, number, kind)

    return MemoryPlate({n: reader(n) for n in range(1001, 1017)}, (512, 512))


def read_srgb(path: Path) -> Frame:
    """An 8-bit picture, linearised."""
    bgr = cv2.imread(str(path))
    assert bgr is not None, path
    shown = bgr[..., ::-1].astype(np.float32) / 255.0
    return frame_of(np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4), 1, "linear rec.709")


def truth_of(shot: str) -> tuple[np.ndarray, np.ndarray]:
    """(16, 68, 2) true landmarks and (15, h, w, 2) true forward motion."""
    rows = [np.load(DATA / "shots" / shot / f"gt.{n}.npz") for n in range(1001, 1017)]
    return (
        np.stack([r["plate_landmarks68"] for r in rows]).astype(np.float64),
        np.stack([r["plate_flow_forward"] for r in rows[:-1]]),
    )


def picture_of(shot: str, number: int, kind: str = "plate") -> np.ndarray:
    return read_exr(DATA / "shots" / shot / f"{kind}.{number}.exr")


def head_of(shot: str, number: int) -> np.ndarray:
    """(512, 512) float32, 1 where the person is."""
    return (np.load(DATA / "shots" / shot / f"gt.{number}.npz")["plate_parts"] > 0).astype(np.float32)


def paste(canvas: np.ndarray, picture: np.ndarray, x: float, y: float, scale: float, mask: np.ndarray | None = None):
    """The canvas with a scaled picture on it, its corner at (x, y); a new array."""
    matrix = np.array([[scale, 0.0, x + scale * 0.5 - 0.5], [0.0, scale, y + scale * 0.5 - 0.5]])
    size = (canvas.shape[1], canvas.shape[0])
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.3, 0.4 / scale))
    over = cv2.warpAffine(soft, matrix, size, flags=cv2.INTER_LINEAR)
    mask = np.ones(picture.shape[:2], np.float32) if mask is None else mask
    share = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR)[..., None]
    return (canvas * (1.0 - share) + over * share).astype(np.float32)


def grey(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 0.12, np.float32)
