"""A decoded movie frame to R, G, B by its own matrix and range, in floats and unclipped. Read by movie_read.

Source: ITU-R BT.601, BT.709, BT.2020 (luma weights), ITU-T H.273 (code ranges); chroma sites left, as
H.264, H.265 and ProRes have them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
_HD_LINES = 720
_FULL = 2


def rgb_of(frame: Any) -> np.ndarray:
    """(3, h, w) or (4, h, w) float32: [0, 1] nominal, beyond it where the codes are.

    Args:
        frame: an av.VideoFrame. Formats that are not plain planes go through the library's 16-bit conversion.
    """
    layout = frame.format
    if not _planar(layout):
        wide = np.asarray(frame.to_ndarray(format="rgba64le" if "a" in layout.name[:5] else "rgb48le"))
        return np.moveaxis(wide.astype(np.float32) / np.float32(65535.0), 2, 0)
    planes = [_plane(frame, index) for index in range(len(layout.components))]
    bits = layout.components[0].bits
    largest = float((1 << bits) - 1)
    alpha = [plane / np.float32(largest) for plane in planes[3:4]]
    if layout.is_rgb:
        return np.stack([plane / np.float32(largest) for plane in planes[:3]] + alpha)
    return np.stack([*_matrixed(planes, bits, _weights(frame), _is_full(frame)), *alpha])


def _planar(layout: Any) -> bool:
    """Planes of one component each, luma first, in this machine's byte order."""
    name = layout.name
    starts = name.startswith(("yuv", "gbr")) and name.rstrip("0123456789le").endswith(("p", "j"))
    return bool(starts and len(layout.components) in (3, 4) and not layout.is_big_endian and "f32" not in name)


def _plane(frame: Any, component: int) -> np.ndarray:
    """One component, float32 codes, (h, w) of the picture: chroma is brought up to it."""
    part = frame.format.components[component]
    plane = frame.planes[part.plane]
    dtype = np.dtype("u1" if part.bits <= 8 else "<u2")
    rows = np.frombuffer(plane, dtype).reshape(plane.height, plane.line_size // dtype.itemsize)
    codes = rows[:, : plane.width].astype(np.float32)
    while codes.shape[1] < frame.width:
        codes = _twice_across(codes)
    while codes.shape[0] < frame.height:
        codes = _twice_down(codes)
    return codes[: frame.height, : frame.width]


def _twice_across(codes: np.ndarray) -> np.ndarray:
    """Linear; each sample sits on the left of its two pixels."""
    out = np.empty((codes.shape[0], codes.shape[1] * 2), np.float32)
    out[:, 0::2] = codes
    out[:, 1:-1:2] = (codes[:, :-1] + codes[:, 1:]) * np.float32(0.5)
    out[:, -1] = codes[:, -1]
    return out


def _twice_down(codes: np.ndarray) -> np.ndarray:
    """Linear; each sample sits between its two rows."""
    above = np.concatenate([codes[:1], codes[:-1]])
    below = np.concatenate([codes[1:], codes[-1:]])
    out = np.empty((codes.shape[0] * 2, codes.shape[1]), np.float32)
    out[0::2] = codes * np.float32(0.75) + above * np.float32(0.25)
    out[1::2] = codes * np.float32(0.75) + below * np.float32(0.25)
    return out


def _weights(frame: Any) -> tuple[float, float]:
    """Luma weights of red and blue; untagged: BT.709 from 720 lines on, else BT.601, as players do."""
    return _WEIGHTS.get(int(frame.colorspace), _WEIGHTS[1] if frame.height >= _HD_LINES else _WEIGHTS[6])


def _is_full(frame: Any) -> bool:
    return int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj")


def _matrixed(
    planes: list[np.ndarray], bits: int, weights: tuple[float, float], full: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unit = float(1 << (bits - 8))
    largest = float((1 << bits) - 1)
    luma = planes[0] / np.float32(largest) if full else (planes[0] - np.float32(16 * unit)) / np.float32(219 * unit)
    span = np.float32(largest if full else 224 * unit)
    blue, red = ((plane - np.float32(128 * unit)) / span for plane in planes[1:3])
    kr, kb = weights
    r = luma + np.float32(2 * (1 - kr)) * red
    b = luma + np.float32(2 * (1 - kb)) * blue
    g = (luma - np.float32(kr) * r - np.float32(kb) * b) / np.float32(1 - kr - kb)
    return r, g, b
