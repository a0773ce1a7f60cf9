"""Find faces anywhere in a frame: a finder on overlapping square tiles. Read by detection.

A network loses faces that are small in what it is shown, so the frame is searched whole, then in halves, quarters and
eighths of its longer side, as far down as its finder has a use for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.functional import avg_pool2d

from ff_vfx.track.finders import Finder
from ff_vfx.track.look import crop_matrix, exposure_of, linear_crop, to_display
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.window import Window

_OVERLAP = 0.4  # a face of 0.4 of a tile is whole in at least one
_DEEPEST = 3  # levels of tiles below the whole frame, at most
_SAME = 0.3  # intersection over union above which two boxes are one face
_CANDIDATE = 0.6  # part of settings.confidence that earns a second look by the mesh network
_SPARE = 1.5  # pixels of the shrunk frame for one of the network, at least
_EDGE = 0.02  # a box this close to a tile's rim, and reaching over it, is a cut face


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A found face in square px: centre (2,), side (its longer one), roll angle in radians, score in [0, 1]."""

    centre: np.ndarray
    side: float
    angle: float
    score: float


@dataclass(frozen=True, slots=True)
class Pass:
    """One way to search a frame.

    fine: the smallest tiles, else all the larger ones. percentile: the brightness that becomes display white in each
    tile: 99 as a rule, less for a face before a bright window. turn: of the tiles, radians.
    """

    fine: bool = False
    percentile: float = 99.0
    turn: float = 0.0


def passes(finder: Finder) -> tuple[Pass, ...]:
    """What is tried until somebody is found."""
    upright = (Pass(), Pass(percentile=85.0), Pass(fine=True))
    return upright + tuple(Pass(turn=turn) for turn in finder.turns)


def search(frame: Frame, finder: Finder, settings: TrackSettings, how: Pass) -> list[Box]:
    """Every likely face, best first, one box a face."""
    levels = _levels(frame, settings.tiles, finder.smallest_tile)
    at_once = settings.tiles == "always" and finder.coarse == 1 and how.turn == 0.0
    coarse = len(levels) if at_once else finder.coarse
    chosen = levels[coarse:] if how.fine else levels[:coarse]
    if not chosen:
        return []
    side_px = finder.side_px
    small, shrink = _shrunk(frame, int(max(1.0, chosen[-1][0][1] / side_px / _SPARE)), side_px)
    start = np.array([frame.data_window.x0 * frame.pixel_aspect, frame.data_window.y0])
    found: list[Box] = []
    for centre, side in (tile for tiles in chosen for tile in tiles):
        tile = ((centre - start) / shrink, side / shrink)
        found += _search_tile(small, finder, tile, how, settings.confidence * _CANDIDATE)
    return merge_boxes([replace(box, centre=box.centre * shrink + start, side=box.side * shrink) for box in found])


def _shrunk(frame: Frame, factor: int, least: int) -> tuple[Frame, float]:
    """The frame with its data window's corner at 0, averaged down once for all tiles; plate px per pixel of it.

    least: px below which neither side may fall.
    """
    data = frame.data_window
    h, w = data.height // factor, data.width // factor
    if factor == 1 or min(h, w) < least:
        factor, h, w = 1, data.height, data.width
        pixels = frame.pixels
    else:
        pixels = avg_pool2d(torch.nan_to_num(frame.pixels[:3].float(), 0.0, 0.0, 0.0)[None], factor)[0]
    shown = frame.display_window
    corners = (shown.x0 - data.x0, shown.y0 - data.y0, shown.x1 - data.x0, shown.y1 - data.y0)
    display = [round(v / factor) for v in corners]
    small = replace(frame, pixels=pixels, data_window=Window(0, 0, w, h), display_window=Window(*display))
    return small, float(factor)


def _levels(frame: Frame, tiles: str, smallest: float) -> list[list[tuple[np.ndarray, float]]]:
    """Tiles (centre, side in square px) of each level, the whole frame first; 'always' goes one level deeper."""
    display = frame.display_window
    size = np.array([display.width * frame.pixel_aspect, display.height])
    start = np.array([display.x0 * frame.pixel_aspect, display.y0])
    side = float(size.max())
    levels = [[(start + size / 2.0, side)]]
    smallest = smallest / 2 if tiles == "always" else smallest
    while tiles != "never" and side / 2.0 >= smallest and len(levels) <= _DEEPEST:
        side /= 2.0
        across, down = (_starts(length, side) for length in size)
        levels.append([(start + np.array([x, y]) + side / 2.0, side) for y in down for x in across])
    return levels


def _starts(length: float, side: float) -> np.ndarray:
    if length <= side:
        return np.array([(length - side) / 2.0])
    count = int(np.ceil((length - side) / (side * (1.0 - _OVERLAP)))) + 1
    return np.linspace(0.0, length - side, count)


def _search_tile(frame: Frame, finder: Finder, tile: tuple[np.ndarray, float], how: Pass, least: float) -> list[Box]:
    centre, side = tile
    matrix = crop_matrix(centre, side, how.turn, finder.side_px, frame.pixel_aspect)
    linear = linear_crop(frame, matrix, finder.side_px)
    stops = exposure_of(linear.amax(0).numpy(), how.percentile)
    boxes = []
    for found in finder.find(to_display(linear, stops, frame.colour_space), least):
        if _cut_by_rim(found.middle, found.side, frame, centre, side):
            continue
        where = centre + _turned(found.middle - 0.5, how.turn) * side
        boxes.append(Box(where, found.side * side, found.angle + how.turn, found.score))
    return merge_boxes(boxes)


def _turned(offset: np.ndarray, turn: float) -> np.ndarray:
    if turn == 0.0:
        return offset
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([[cos, -sin], [sin, cos]]) @ offset


def _cut_by_rim(middle: np.ndarray, extent: float, frame: Frame, centre: np.ndarray, side: float) -> bool:
    """True when the face runs over a tile's rim that is not the frame's: another tile sees it whole."""
    display = frame.display_window
    low = np.array([display.x0 * frame.pixel_aspect, display.y0])
    high = low + np.array([display.width * frame.pixel_aspect, display.height])
    over_low = (middle - extent / 2.0 < -_EDGE) & (centre - side / 2.0 > low + 1.0)
    over_high = (middle + extent / 2.0 > 1.0 + _EDGE) & (centre + side / 2.0 < high - 1.0)
    return bool((over_low | over_high).any())


def merge_boxes(boxes: list[Box]) -> list[Box]:
    """Non-maximum suppression, the survivors being score-weighted means of what they stand for.

    Source: ours; averaging the suppressed boxes instead of dropping them steadies the crop.
    """
    left = sorted(boxes, key=lambda b: (-b.score, b.centre[0], b.centre[1]))
    kept = []
    while left:
        group = [b for b in left if overlap(left[0], b) > _SAME]
        left = [b for b in left if overlap(left[0], b) <= _SAME]
        weights = np.array([b.score for b in group])
        weights /= weights.sum()
        kept.append(
            Box(
                weights @ np.stack([b.centre for b in group]),
                float(weights @ [b.side for b in group]),
                float(
                    np.arctan2(weights @ [np.sin(b.angle) for b in group], weights @ [np.cos(b.angle) for b in group])
                ),
                group[0].score,
            )
        )
    return kept


def overlap(a: Box, b: Box) -> float:
    """Intersection over the smaller square, [0, 1]: a box inside another is the same face."""
    shared = np.minimum(a.centre + a.side / 2, b.centre + b.side / 2) - np.maximum(
        a.centre - a.side / 2, b.centre - b.side / 2
    )
    if shared.min() <= 0.0:
        return 0.0
    return float(shared.prod() / min(a.side, b.side) ** 2)
