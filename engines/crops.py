"""Real pictures of faces, cut and ranged as a network takes them. Read by compare, parity, int8 and plan.

By default they come from the example shot of this checkout: 16 frames of a face that turns, scene-linear, with 68 known
points. A studio names a folder of its own pictures, faces filling most of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import torch

from ff_vfx.engine.pictures import to_network
from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.engine.runtimes.trial import trial_inputs
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "s010"
_OPEN_PX = 192  # side of a crop where the network takes any
_AROUND = (1.5, 2.0, 3.0)  # the crop's side in heights of the face
_TYPES = (".exr", ".png", ".jpg", ".jpeg", ".tif", ".tiff")


def crops(spec: EngineSpec, count: int, pictures: Path | None = None) -> list[Arrays]:
    """So many samples (1, ...): pictures cut around faces, made-up identities of length 1, strengths of 0.5.

    A network of two pictures is shown two frames that follow each other.

    Args:
        pictures: a folder; None: the example shot.

    Raises:
        ModelError: there is no picture to be read.
    """
    shown = [t for t in spec.inputs if len(t.shape) == 4 and t.layout != "flat" and t.role in ("", "picture")]
    faces = _faces(pictures)
    samples = []
    for i in range(count):
        sample = trial_inputs(spec, seed=i)
        for step, tensor in enumerate(shown):
            sample[tensor.name] = to_network(_cut(faces, i, step, _side(spec, tensor)), tensor)
        samples.append(sample)
    return samples


def _side(spec: EngineSpec, tensor: TensorSpec) -> tuple[int, int]:
    """(height, width), px."""
    axes = (1, 2) if tensor.layout == "nhwc" else (2, 3)
    open_px = -(-_OPEN_PX // spec.multiple) * spec.multiple
    height, width = (tensor.shape[axis] or open_px for axis in axes)
    return height, width


def _cut(faces: list[tuple[np.ndarray, np.ndarray]], i: int, step: int, size: tuple[int, int]) -> torch.Tensor:
    """(1, 3, h, w) display RGB: picture i, or the one after, in the frame of picture i."""
    spread = max(1, len(faces) // 5)
    first = i * spread % len(faces)
    picture, _ = faces[min(first + step, len(faces) - 1)]
    left, top, high = faces[first][1]
    around = high * _AROUND[i % len(_AROUND)]
    corner = left - around / 2.0, top - around / 2.0
    height, width = size
    back = np.array([[around / width, 0.0, corner[0]], [0.0, around / height, corner[1]]])
    seen = cv2.warpAffine(
        picture, back, (width, height), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return torch.from_numpy(np.ascontiguousarray(seen.clip(0.0, 1.0).transpose(2, 0, 1), np.float32))[None]


def _faces(folder: Path | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Display RGB (h, w, 3) with x, y and height of the face, px."""
    found = list(_of_example() if folder is None else _of_folder(folder))
    if not found:
        raise ModelError(f"{folder or EXAMPLE}: no picture to cut crops from; name a folder of EXR, PNG or JPEG")
    return found


def _of_example() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    points = json.loads((EXAMPLE / "truth" / "landmarks68.json").read_text(encoding="utf-8"))["plate"]
    for path in sorted(EXAMPLE.glob("plate.*.exr")):
        face = np.asarray(points[path.name.split(".")[1]])
        low, high = face.min(0), face.max(0)
        yield _read(path), np.array([*(low + high) / 2.0, high[1] - low[1]])


def _of_folder(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in _TYPES):
        picture = _read(path)
        height, width = picture.shape[:2]
        yield picture, np.array([width / 2.0, height / 2.0, min(height, width) / _AROUND[1]])


def _read(path: Path) -> np.ndarray:
    """(h, w, 3) display RGB in [0, 1]."""
    if path.suffix.lower() == ".exr":
        channels = OpenEXR.File(str(path), separate_channels=True).channels()
        light = np.stack([channels[name].pixels.astype(np.float32) for name in "RGB"], -1)
        light = np.clip(np.nan_to_num(light), 0.0, 1.0)
        # Source: IEC 61966-2-1. The plate's primaries are taken as they are: these pictures are only to be like faces.
        return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        raise ModelError(f"{path}: cannot be read as a picture; remove it from the folder")
    return read[:, :, ::-1].astype(np.float32) / 255.0
