"""A measure over the shot as a drawing: line, limits, frames outside them marked. Read by document; it is text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ff_vfx.types.frame_ranges import ranges
from ff_vfx.types.qc_report import Curve

_WIDTH, _HEIGHT = 660, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 14, 28
_LABELS = 7


def curve_svg(curve: Curve, name: str) -> str:
    """The drawing. name: for those who cannot see it.

    A frame that could not be judged breaks the line. Values stand in each point's data-text for the page's script.
    """
    numbers = sorted(curve.values)
    low, high = _range(curve)
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    first, last = numbers[0], numbers[-1]

    def x(number: int) -> float:
        return _LEFT + width * ((number - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return _TOP + height * (1.0 - (value - low) / (high - low))

    parts = [f'<path class="axis" d="M{_LEFT} {_TOP}V{_TOP + height}H{_WIDTH - _RIGHT}"/>']
    for value in (low, (low + high) / 2.0, high):
        parts.append(f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{_short(value)}</text>')
    for number in _labels(numbers):
        parts.append(f'<text x="{x(number):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{number}</text>')
    for limit, word in ((curve.most, "most"), (curve.least, "least")):
        if limit is not None:
            parts.append(
                f'<line class="limit" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(limit):.1f}" y2="{y(limit):.1f}"/>'
            )
            parts.append(f'<text class="limit-text" x="{_WIDTH - _RIGHT - 4}" y="{y(limit) - 5:.1f}" text-anchor="end">'
                         f"{word} {_short(limit)}</text>")  # fmt: skip
    for first, last in ranges(numbers):
        points = " ".join(f"{x(n):.1f},{y(curve.values[n]):.1f}" for n in range(first, last + 1))
        parts.append(f'<polyline class="line" points="{points}"/>')
    parts.append(f'<line class="cursor" x1="0" x2="0" y1="{_TOP}" y2="{_TOP + height}"/>')
    for n in numbers:
        value = curve.values[n]
        out = outside(curve, value)
        text = escape(f"frame {n}: {value:.4g} {curve.unit}{', outside its limit' if out else ''}", quote=True)
        shape = 'class="out" r="5.5"' if out else 'class="dot" r="2.5"'
        parts.append(f'<circle {shape} cx="{x(n):.1f}" cy="{y(value):.1f}" data-text="{text}"/>')
    return (
        f'<svg class="curve" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" tabindex="0" '
        f'aria-label="{escape(name, quote=True)}">{"".join(parts)}</svg>'
    )


def outside(curve: Curve, value: float) -> bool:
    """Whether a value breaks the curve's limits."""
    return (curve.most is not None and value > curve.most) or (curve.least is not None and value < curve.least)


def _range(curve: Curve) -> tuple[float, float]:
    """Of the axis: all values and limits, with room; from 0 where that is not far."""
    marks = [*curve.values.values(), *(limit for limit in (curve.least, curve.most) if limit is not None)]
    low, high = min(marks), max(marks)
    low = min(low, 0.0) if low < 0.5 * high else low
    room = (high - low) * 0.12 or max(abs(high), 1.0) * 0.12
    return (low - room if low > 0.0 else low), high + room


def _labels(numbers: Sequence[int]) -> list[int]:
    count = min(_LABELS, len(numbers))
    return sorted({numbers[round(k * (len(numbers) - 1) / max(count - 1, 1))] for k in range(count)})


def _short(value: float) -> str:
    return f"{value:.3g}"
