"""Pictures of how sure steadying was: a false-colour overlay of one frame, curves over the shot. Read by the door.

Display pictures only. Colours are safe for the colour-blind: a ramp from blue (sure) over grey to orange (unsure), and
curves in Okabe and Ito's colours, each with its own name at its side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

_PAPER, _INK, _FAINT = 24, (225, 225, 225), (70, 70, 70)
_UNSURE, _HALF, _SURE = (255, 150, 20), (150, 150, 150), (30, 90, 220)  # at confidence 0, 1/2, 1
_STRIP_PX = 58
_STRENGTH = 0.65
_CURVES = {"face": (230, 230, 230), "eyes": (86, 180, 233), "mouth": (230, 159, 0)}
_WEIGHTS, _VOTES, _MARK = (204, 121, 167), (0, 158, 115), (240, 228, 66)


@dataclass(frozen=True, slots=True)
class FrameDoubt:
    """One frame's numbers. told: 'face', 'eyes', 'mouth' confidence in [0, 1] and 'votes' >= 1; empty: no face there.

    made: 'drawn' or 'carried'.
    """

    number: int
    told: Mapping[str, float] = field(default_factory=dict)
    made: str = ""


@dataclass(frozen=True, slots=True)
class ArtistsSay:
    """What the artist set. weights: frame -> [0, 1] along the shot. trusted: frames."""

    weights: Mapping[int, float] = field(default_factory=dict)
    trusted: Sequence[int] = ()


def doubt_colours(confidence: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 RGB of confidences in [0, 1]: orange unsure, blue sure."""
    places = (0.0, 0.5, 1.0)
    return np.stack([np.interp(confidence, places, c) for c in zip(_UNSURE, _HALF, _SURE)], -1).astype(np.float32)


def doubt_overlay(picture: np.ndarray, confidence: np.ndarray, coverage: np.ndarray, told: FrameDoubt) -> np.ndarray:
    """One frame with its confidence over the covered region, and a strip below with legend and numbers.

    Args:
        picture: (h, w, 3) uint8, RGB. confidence, coverage: (h, w) in [0, 1].

    Returns:
        (h + 58, w, 3) uint8.
    """
    shown = picture.astype(np.float32)
    grey = shown.mean(-1, keepdims=True)
    over = (1.0 - _STRENGTH) * grey + _STRENGTH * doubt_colours(confidence) * (0.4 + 0.6 * grey / 255.0)
    cover = np.clip(coverage, 0.0, 1.0)[..., None]
    mixed = (shown + cover * (over - shown) + 0.5).clip(0, 255).astype(np.uint8)
    return np.vstack([mixed, _strip(mixed.shape[1], told)])


def _strip(width: int, told: FrameDoubt) -> np.ndarray:
    strip = np.full((_STRIP_PX, width, 3), _PAPER, np.uint8)
    parts = {name: told.told[name] for name in _CURVES if name in told.told}
    line = f"frame {told.number}  {told.made}"
    if parts:
        low = min(parts, key=lambda name: parts[name])
        line += f"  mean {parts.get('face', 0.0):.2f}  lowest: {low} {parts[low]:.2f}"
        line += f"  votes {told.told.get('votes', 1.0):.1f}"
    else:
        line += "  no face"
    _text(strip, line, (8, 20))
    bar = min(width - 160, 260)
    if bar > 40:
        strip[32:46, 72 : 72 + bar] = doubt_colours(np.linspace(0.0, 1.0, bar))[None].astype(np.uint8)
        _text(strip, "unsure 0", (4, 44), 0.38)
        _text(strip, "1 sure", (78 + bar, 44), 0.38)
    return strip


def doubt_curves(frames: Sequence[FrameDoubt], say: ArtistsSay) -> np.ndarray:
    """Confidence, votes and weights over the shot on one picture.

    Args:
        frames: ascending, at least one.

    Returns:
        (650, 1280, 3) uint8, RGB.
    """
    canvas = np.full((650, 1280, 3), _PAPER, np.uint8)
    numbers = [frame.number for frame in frames]
    upper, lower = _Panel(numbers, 50, 330, (0.0, 1.0)), _Panel(numbers, 400, 560, (0.0, _most_votes(frames)))
    upper.axes(canvas, "confidence: 1 sure, 0 unsure", 4)
    lower.axes(canvas, "frames averaged (votes)", 1)
    for frame in frames:
        if not frame.told:
            upper.band(canvas, frame.number, "no face")
        elif frame.made == "carried":
            upper.mark(canvas, frame.number, 338, _FAINT, filled=False)
        if frame.number in say.trusted:
            upper.mark(canvas, frame.number, 352, _MARK, filled=True)
    for row, (name, colour) in enumerate(_CURVES.items()):
        upper.curve(canvas, {f.number: f.told[name] for f in frames if name in f.told}, colour)
        _text(canvas, name, (1180, 70 + 24 * row), 0.5, colour)
    if say.weights:
        upper.curve(canvas, say.weights, _WEIGHTS)
        _text(canvas, "weight", (1180, 142), 0.5, _WEIGHTS)
    lower.curve(canvas, {f.number: f.told["votes"] for f in frames if "votes" in f.told}, _VOTES)
    _text(canvas, "triangle: trusted   circle: carried from key frames   grey: no face", (70, 634), 0.45)
    return canvas


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where frames and values lie on the canvas. span: lowest and highest value."""

    numbers: Sequence[int]
    top: int
    bottom: int
    span: tuple[float, float]

    def x(self, number: float) -> int:
        wide = max(1, self.numbers[-1] - self.numbers[0])
        return round(70 + 1090 * (number - self.numbers[0]) / wide)

    def y(self, value: float) -> int:
        low, high = self.span
        return round(self.bottom - (self.bottom - self.top) * (min(max(value, low), high) - low) / (high - low))

    def axes(self, canvas: np.ndarray, title: str, steps: int) -> None:
        _text(canvas, title, (70, self.top - 12), 0.5)
        for step in range(steps + 1):
            value = self.span[0] + (self.span[1] - self.span[0]) * step / steps
            cv2.line(canvas, (70, self.y(value)), (1160, self.y(value)), _FAINT, 1)
            _text(canvas, f"{value:.4g}", (22, self.y(value) + 5), 0.42)
        for number in self.numbers[:: -(-len(self.numbers) // 16)]:
            _text(canvas, str(number), (self.x(number) - 16, self.bottom + 36), 0.42)

    def curve(self, canvas: np.ndarray, values: Mapping[int, float], colour: tuple[int, int, int]) -> None:
        """Neighbouring frames are joined, gaps are not."""
        for number, value in values.items():
            here = (self.x(number), self.y(value))
            cv2.circle(canvas, here, 3, colour, -1, cv2.LINE_AA)
            if number + 1 in values:
                cv2.line(canvas, here, (self.x(number + 1), self.y(values[number + 1])), colour, 2, cv2.LINE_AA)

    def mark(self, canvas: np.ndarray, number: int, y: int, colour: tuple[int, int, int], *, filled: bool) -> None:
        x = self.x(number)
        if filled:
            cv2.fillPoly(canvas, [np.array([(x, y - 12), (x - 7, y), (x + 7, y)], np.int32)], colour, cv2.LINE_AA)
        else:
            cv2.circle(canvas, (x, y), 4, _INK, 1, cv2.LINE_AA)

    def band(self, canvas: np.ndarray, number: int, text: str) -> None:
        canvas[self.top : self.bottom, max(0, self.x(number) - 4) : self.x(number) + 5] = _FAINT


def _most_votes(frames: Sequence[FrameDoubt]) -> float:
    return float(np.ceil(max([2.0, *(frame.told.get("votes", 1.0) for frame in frames)])))


def _text(
    canvas: np.ndarray, text: str, at: tuple[int, int], scale: float = 0.46, ink: tuple[int, int, int] = _INK
) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)
