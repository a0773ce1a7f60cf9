"""Tiny EXR files, good and hostile, and layers to write. Read by the tests of plate alone."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import torch

from ff_vfx.types.frame import Frame
from ff_vfx.types.layers import CryptoIds, Layers
from ff_vfx.types.window import Window

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ACESCG = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


def box(x0: int, y0: int, x1: int, y1: int) -> tuple[np.ndarray, np.ndarray]:
    """A half-open window as EXR has it."""
    return np.array([x0, y0], np.int32), np.array([x1 - 1, y1 - 1], np.int32)


def noise(height: int, width: int, seed: int = 0, dtype: str = "f2") -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((height, width)).astype(dtype)


def write_exr(
    path: Path,
    *,
    size: tuple[int, int] = (8, 6),
    channels: Mapping[str, np.ndarray] | None = None,
    **header: Any,
) -> Path:
    """A single-part ZIP file of `size` (w, h), noise in R, G, B unless told."""
    width, height = size
    planes = channels or {name: noise(height, width, seed) for seed, name in enumerate("RGB")}
    attributes = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "chromaticities": ACESCG,
        **header,
    }
    OpenEXR.File(attributes, dict(planes)).write(str(path))
    return path


def rich_exr(path: Path) -> Path:
    """Two parts: odd windows, unknown attributes, preview, timecode, key code, uint and float channels, half NaNs."""
    preview = np.zeros((3, 4), dtype=[("r", "u1"), ("g", "u1"), ("b", "u1"), ("a", "u1")])
    preview["r"] = np.arange(12).reshape(3, 4)
    shared = {
        "displayWindow": box(0, 0, 10, 8),
        "pixelAspectRatio": 2.0,
        "timeCode": OpenEXR.TimeCode(1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
        "chromaticities": ACESCG,
    }
    beauty = {
        **shared,
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": box(-2, -1, 12, 9),
        "framesPerSecond": Fraction(24000, 1001),
        "preview": OpenEXR.PreviewImage(preview),
        "keyCode": OpenEXR.KeyCode(1, 2, 3, 4, 5, 6, 64),
        "studioBlob": OpenEXR.OpaqueAttribute(b"\x01\x02\x00abc", "studio::blob"),
        "lineOrder": OpenEXR.DECREASING_Y,
        "owner": "hé",
        "take": 7,
        "focus": 1.5,
        "matrix": np.eye(3, dtype=np.float32),
        "lights": ["key", "rim"],
        "weights": [1.0, 2.0],
    }
    red = noise(10, 14, 1)
    red.view(np.uint16)[0, :4] = (0x7C01, 0xFE55, 0x8000, 0x7C00)  # NaN payloads, -0.0, Inf
    ids = np.random.default_rng(5).integers(0, 2**32, (10, 14), dtype=np.uint32)
    matte = {
        **shared,
        "compression": OpenEXR.PIZ_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": box(3, 2, 8, 6),
    }
    matte["house"] = OpenEXR.OpaqueAttribute(b"zz", "x")
    depth = noise(10, 14, 4, "f4")
    parts = [
        OpenEXR.Part(
            beauty, {"R": red, "G": noise(10, 14, 2), "B": noise(10, 14, 3), "id": ids, "depth.Z": depth}, "beauty"
        ),
        OpenEXR.Part(matte, {"mask.a": OpenEXR.Channel("mask.a", noise(4, 5, 6, "f4"), 1, 1, True)}, "mattes"),
    ]
    OpenEXR.File(parts).write(str(path))
    return path


def contents(path: Path) -> list[tuple[str, dict[str, str], dict[str, tuple[str, bytes, bool]]]]:
    """Each part's name, attributes as text with their types, channels as bytes."""
    parts = []
    for part in OpenEXR.File(str(path), separate_channels=True).parts:
        header = {name: _plain(value) for name, value in part.header.items() if name not in ("channels", "chunkCount")}
        channels = {n: (str(c.pixels.dtype), c.pixels.tobytes(), bool(c.pLinear)) for n, c in part.channels.items()}
        parts.append((part.name(), header, channels))
    return parts


def _plain(value: object) -> str:
    if isinstance(value, OpenEXR.PreviewImage):
        return f"preview {value.pixels.tobytes()!r}"
    if isinstance(value, OpenEXR.OpaqueAttribute):
        return f"{value.typeName} {bytes(value.data)!r}"
    if isinstance(value, OpenEXR.TimeCode):
        return f"timecode {value!r} {value.userData}"
    return f"{type(value).__name__} {value!r}"


def raw_exr(attributes: list[tuple[str, str, bytes]], *, body: bytes = b"\0" * 64, flags: int = 0) -> bytes:
    """A header of any attributes, honest or not, and some bytes behind it."""
    raw = b"\x76\x2f\x31\x01" + struct.pack("<I", 2 | flags)
    for name, kind, value in attributes:
        raw += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
    return raw + b"\0" + body


def channel_list(names: list[str], kind: int = 1, sampling: int = 1) -> bytes:
    packed = (name.encode() + b"\0" + struct.pack("<iIii", kind, 0, sampling, sampling) for name in names)
    return b"".join(packed) + b"\0"


def header_attributes(
    data: tuple[int, int, int, int] = (0, 0, 7, 5),
    display: tuple[int, int, int, int] = (0, 0, 7, 5),
    channels: bytes | None = None,
    compression: int = 3,
) -> list[tuple[str, str, bytes]]:
    """The attributes every EXR has; windows inclusive, as stored."""
    return [
        ("channels", "chlist", channel_list(["B", "G", "R"]) if channels is None else channels),
        ("compression", "compression", bytes([compression])),
        ("dataWindow", "box2i", struct.pack("<4i", *data)),
        ("displayWindow", "box2i", struct.pack("<4i", *display)),
        ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    ]


def layers_of(frame: Frame, window: Window, *, fused: float = 2.0, covered: Window | None = None) -> Layers:
    """Layers with every kind of plane; `covered` (default: all but a one-pixel edge) has coverage 1."""
    h, w = window.height, window.width
    coverage = torch.zeros(1, h, w)
    inner = covered or Window(window.x0 + 1, window.y0 + 1, window.x1 - 1, window.y1 - 1)
    coverage[(slice(None), *inner.slices(window))] = 1.0
    planes = {f"ffFace.{name}": coverage[0] * 0.5 for name in "RGB"} | {"ffFace.A": coverage[0]}
    planes |= {"ffSt.u": torch.full((h, w), 0.25), "ffSt.v": torch.full((h, w), 0.75), "forward.u": torch.ones(h, w)}
    return Layers(
        frame,
        window,
        torch.full((3, h, w), fused),
        coverage,
        planes,
        frozenset({"ffSt.u", "ffSt.v", "forward.u"}),
        (CryptoIds("ffPeople", {"face0": coverage[0]}),),
        {"ffvfx/stamp": "abc", "ffvfx/version": "0", "ffvfx/count": 3},
    )


def untouched(frame: Frame) -> Layers:
    """Layers of a frame where nothing was to do."""
    corner = (frame.data_window.x0, frame.data_window.y0)
    return Layers(frame, Window(*corner, *corner), torch.zeros(3, 0, 0), torch.zeros(1, 0, 0))
