"""OpenColorIO's operations as tensor functions, each from the numbers of one of its transforms. Read by transform.

Everything is plain arithmetic, one pixel at a time: no matrix product of a library, whose sums would depend on the size
of the tensor and, on a GPU, on its reduced precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import torch

Curve = Callable[[torch.Tensor], torch.Tensor]
_TINY = float(np.finfo(np.float32).tiny)  # OpenColorIO's floor below a logarithm.


def curve_of(transform: Any) -> Curve | None:
    """A function (..., 3, h, w) -> the same shape that does what the transform does; None where we have none.

    Domain: unbounded; negative values as OpenColorIO treats them.
    """
    makers: dict[type, Callable[[Any], Curve | None]] = {
        ocio.MatrixTransform: _matrix,
        ocio.ExponentWithLinearTransform: _exponent_with_linear,
        ocio.ExponentTransform: _exponent,
        ocio.LogCameraTransform: _log_camera,
        ocio.LogAffineTransform: _log_affine,
        ocio.LogTransform: _log,
        ocio.RangeTransform: _range,
    }
    maker = makers.get(type(transform))
    return maker(transform) if maker else None


def _matrix(transform: Any) -> Curve | None:
    matrix, offset = np.array(transform.getMatrix()).reshape(4, 4), np.array(transform.getOffset())
    if _inverse(transform):
        matrix = np.linalg.inv(matrix)
        offset = -matrix @ offset
    alone = matrix[3, 3] == 1 and not (matrix[3, :3].any() or matrix[:3, 3].any() or offset[3])
    if not alone:
        return None  # It reads or writes alpha.
    rows, add = matrix[:3, :3].tolist(), offset[:3].tolist()

    def apply(x: torch.Tensor) -> torch.Tensor:
        r, g, b = x.unbind(-3)
        return torch.stack([m[0] * r + m[1] * g + m[2] * b + o for m, o in zip(rows, add)], dim=-3)

    return apply


def _exponent_with_linear(transform: Any) -> Curve | None:
    """A power with a straight toe, as sRGB. Source: CLF specification (S-2014-006), monCurve."""
    gamma, offset = transform.getGamma()[:3], transform.getOffset()[:3]
    style = transform.getNegativeStyle()
    if min(offset) <= 0 or min(gamma) <= 1 or style not in (ocio.NEGATIVE_LINEAR, ocio.NEGATIVE_MIRROR):
        return None
    inverse = _inverse(transform)
    ratios = [g * d / ((g - 1) * (1 + d)) for g, d in zip(gamma, offset)]
    slopes = [(g - 1) / d * r**g for g, d, r in zip(gamma, offset, ratios)]
    edges = [r**g if inverse else d / (g - 1) for g, d, r in zip(gamma, offset, ratios)]

    def bend(x: torch.Tensor, g: float, d: float, slope: float, edge: float) -> torch.Tensor:
        above = x.clamp(min=edge)
        if inverse:
            return torch.where(x >= edge, (1 + d) * _power(above, 1 / g) - d, x / slope)
        return torch.where(x >= edge, _power((above + d) / (1 + d), g), x * slope)

    curve = _by_channel(bend, gamma, offset, slopes, edges)
    return _mirrored(curve) if style == ocio.NEGATIVE_MIRROR else curve


def _exponent(transform: Any) -> Curve | None:
    value = transform.getValue()
    style = transform.getNegativeStyle()
    if value[3] != 1 or min(value) <= 0:
        return None
    powers = [1 / v if _inverse(transform) else v for v in value[:3]]

    def raise_to(x: torch.Tensor, power: float) -> torch.Tensor:
        raised = _power(x.clamp(min=0), power)
        return torch.where(x < 0, x, raised) if style == ocio.NEGATIVE_PASS_THRU else raised

    curve = _by_channel(raise_to, powers)
    if style == ocio.NEGATIVE_MIRROR:
        return _mirrored(curve)
    return curve if style in (ocio.NEGATIVE_PASS_THRU, ocio.NEGATIVE_CLAMP) else None


def _log_camera(transform: Any) -> Curve:
    """A logarithm with a straight toe, as camera makers define it. Source: CLF specification, cameraLinToLog."""
    base = math.log(transform.getBase())
    log_slope, log_offset, lin_slope, lin_offset = _log_sides(transform)
    edges = transform.getLinSideBreakValue()
    values = [
        a * math.log(c * e + d) / base + b for a, b, c, d, e in zip(log_slope, log_offset, lin_slope, lin_offset, edges)
    ]
    slopes = transform.getLinearSlopeValue() if _has_linear_slope(transform) else None
    slopes = slopes or [a * c / ((c * e + d) * base) for a, c, d, e in zip(log_slope, lin_slope, lin_offset, edges)]
    toes = [v - s * e for v, s, e in zip(values, slopes, edges)]
    sides = (log_slope, log_offset, lin_slope, lin_offset)
    if _inverse(transform):
        return _by_channel(partial(_camera_light, base), *sides, values, slopes, toes)
    return _by_channel(partial(_camera_log, base), *sides, edges, slopes, toes)


def _camera_log(base: float, x: torch.Tensor, a: float, b: float, c: float, d: float, *toe: float) -> torch.Tensor:
    edge, slope, offset = toe
    bent = a * torch.log(c * x.clamp(min=edge) + d) / base + b
    return torch.where(x > edge, bent, slope * x + offset)


def _camera_light(base: float, y: torch.Tensor, a: float, b: float, c: float, d: float, *toe: float) -> torch.Tensor:
    edge, slope, offset = toe
    bent = (torch.exp((y - b) / a * base) - d) / c
    return torch.where(y > edge, bent, (y - offset) / slope)


def _log_affine(transform: Any) -> Curve:
    return _log_curve(transform, *_log_sides(transform))


def _log(transform: Any) -> Curve:
    return _log_curve(transform, [1.0] * 3, [0.0] * 3, [1.0] * 3, [0.0] * 3)


def _log_curve(transform: Any, *sides: list[float]) -> Curve:
    base = math.log(transform.getBase())

    def forward(x: torch.Tensor, a: float, b: float, c: float, d: float) -> torch.Tensor:
        return a * torch.log((c * x + d).clamp(min=_TINY)) / base + b

    def backward(y: torch.Tensor, a: float, b: float, c: float, d: float) -> torch.Tensor:
        return (torch.exp((y - b) / a * base) - d) / c

    return _by_channel(backward if _inverse(transform) else forward, *sides)


def _range(transform: Any) -> Curve | None:
    if _inverse(transform) or transform.getStyle() != ocio.RANGE_CLAMP:
        return None
    low_in, low, high_in, high = (
        value() if has() else None
        for has, value in (
            (transform.hasMinInValue, transform.getMinInValue),
            (transform.hasMinOutValue, transform.getMinOutValue),
            (transform.hasMaxInValue, transform.getMaxInValue),
            (transform.hasMaxOutValue, transform.getMaxOutValue),
        )
    )
    if low_in != low or high_in != high:
        return None  # It also scales.
    return lambda x: x.clamp(min=low, max=high)


def _inverse(transform: Any) -> bool:
    return bool(transform.getDirection() == ocio.TRANSFORM_DIR_INVERSE)


def _log_sides(transform: Any) -> tuple[list[float], list[float], list[float], list[float]]:
    return (
        transform.getLogSideSlopeValue(),
        transform.getLogSideOffsetValue(),
        transform.getLinSideSlopeValue(),
        transform.getLinSideOffsetValue(),
    )


def _has_linear_slope(transform: Any) -> bool:
    return "linearSlope" in str(transform)  # Unset, the getter throws or gives nan, by version.


def _by_channel(curve: Callable[..., torch.Tensor], *numbers: list[float]) -> Curve:
    """A curve with three of each number, one a channel; it sees one channel at a time, contiguous (see _power)."""
    rows = list(zip(*numbers))
    return lambda x: torch.stack([curve(one.contiguous(), *row) for one, row in zip(x.unbind(-3), rows)], dim=-3)


def _power(x: torch.Tensor, exponent: float) -> torch.Tensor:
    """x ** exponent for x >= 0, the same bits for a value wherever it lies. torch.pow is not so: on the CPU it works
    the last few values of a tensor, and of each thread's part, another way."""
    return torch.exp(torch.log(x) * exponent)


def _mirrored(curve: Curve) -> Curve:
    return lambda x: torch.copysign(curve(x.abs()), x)
