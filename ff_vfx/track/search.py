"""Find faces anywhere in a frame: a small network on overlapping square tiles. Read by detection.

The network sees 128 px and loses faces under about 15 % of what it is shown, so the frame is searched whole, then in
halves, quarters and eighths of its longer side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.functional import avg_pool2d

from ff_vfx.track.look import crop_matrix, exposure_of, linear_crop, to_display
from ff_vfx.track.networks import DETECTOR_PX, Detectors, output, run_on, sigmoid
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.window import Window

_OVERLAP = 0.4  # a face of 0.4 of a tile is whole in at least one
_SMALLEST_TILE = 256  # plate px
_COARSE_LEVELS = 3  # whole, half, quarter; the eighth only when these find nothing
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


def _anchors() -> np.ndarray:
    """(896, 2) centres in [0, 1]. Source: the network's grids: 2 on each of 16 x 16 cells, 6 on each of 8 x 8."""
    grids = []
    for cells, each in ((16, 2), (8, 6)):
        at = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(at, at, indexing="ij")
        grids.append(np.repeat(np.stack([x.reshape(-1), y.reshape(-1)], 1), each, axis=0))
    return np.concatenate(grids)


def search(frame: Frame, engines: Detectors, settings: TrackSettings, *, fine: bool, percentile: float) -> list[Box]:
    """Every likely face, best first, one box a face.

    Args:
        fine: the smallest tiles, else all the larger ones. percentile: the brightness that becomes display white in
            each tile: 99 as a rule, less for a face before a bright window.
    """
    levels = _levels(frame, settings.tiles)
    chosen = levels[_COARSE_LEVELS:] if fine else levels[:_COARSE_LEVELS]
    if not chosen:
        return []
    small, shrink = _shrunk(frame, int(max(1.0, chosen[-1][0][1] / DETECTOR_PX / _SPARE)))
    start = np.array([frame.data_window.x0 * frame.pixel_aspect, frame.data_window.y0])
    found: list[Box] = []
    for centre, side in (tile for tiles in chosen for tile in tiles):
        tile = ((centre - start) / shrink, side / shrink)
        found += _search_tile(small, engines, tile, percentile, settings.confidence * _CANDIDATE)
    return merge_boxes([replace(box, centre=box.centre * shrink + start, side=box.side * shrink) for box in found])


def _shrunk(frame: Frame, factor: int) -> tuple[Frame, float]:
    """The frame with its data window's corner at 0, averaged down once for all tiles; plate px per pixel of it."""
    data = frame.data_window
    h, w = data.height // factor, data.width // factor
    if factor == 1 or min(h, w) < DETECTOR_PX:
        factor, h, w = 1, data.height, data.width
        pixels = frame.pixels
    else:
        pixels = avg_pool2d(torch.nan_to_num(frame.pixels[:3].float(), 0.0, 0.0, 0.0)[None], factor)[0]
    shown = frame.display_window
    corners = (shown.x0 - data.x0, shown.y0 - data.y0, shown.x1 - data.x0, shown.y1 - data.y0)
    display = [round(v / factor) for v in corners]
    small = replace(frame, pixels=pixels, data_window=Window(0, 0, w, h), display_window=Window(*display))
    return small, float(factor)


def _levels(frame: Frame, tiles: str) -> list[list[tuple[np.ndarray, float]]]:
    """Tiles (centre, side in square px) of each level, the whole frame first; 'always' goes one level deeper."""
    display = frame.display_window
    size = np.array([display.width * frame.pixel_aspect, display.height])
    start = np.array([display.x0 * frame.pixel_aspect, display.y0])
    side = float(size.max())
    levels = [[(start + size / 2.0, side)]]
    smallest = _SMALLEST_TILE / 2 if tiles == "always" else _SMALLEST_TILE
    while tiles != "never" and side / 2.0 >= smallest and len(levels) <= _COARSE_LEVELS:
        side /= 2.0
        across, down = (_starts(length, side) for length in size)
        levels.append([(start + np.array([x, y]) + side / 2.0, side) for y in down for x in across])
    return levels


def _starts(length: float, side: float) -> np.ndarray:
    if length <= side:
        return np.array([(length - side) / 2.0])
    count = int(np.ceil((length - side) / (side * (1.0 - _OVERLAP)))) + 1
    return np.linspace(0.0, length - side, count)


def _search_tile(
    frame: Frame, engines: Detectors, tile: tuple[np.ndarray, float], percentile: float, least: float
) -> list[Box]:
    centre, side = tile
    matrix = crop_matrix(centre, side, 0.0, DETECTOR_PX, frame.pixel_aspect)
    linear = linear_crop(frame, matrix, DETECTOR_PX)
    stops = exposure_of(linear.amax(0).numpy(), percentile)
    given = run_on(engines.detector, to_display(linear, stops, frame.colour_space))
    anchors = _anchors()
    scores = sigmoid(output(engines.detector, given, len(anchors)))
    values = output(engines.detector, given, len(anchors) * 16).reshape(-1, 16) / DETECTOR_PX
    boxes = []
    for row in np.flatnonzero(scores >= least):
        middle, extent = values[row, :2] + anchors[row], values[row, 2:4]
        if extent.min() <= 0.0 or _cut_by_rim(middle, float(extent.max()), frame, centre, side):
            continue
        eyes = values[row, 4:8].reshape(2, 2)
        angle = float(np.arctan2(eyes[1, 1] - eyes[0, 1], eyes[1, 0] - eyes[0, 0]))
        where = centre + (middle - 0.5) * side
        boxes.append(Box(where, float(extent.max()) * side, angle, float(scores[row])))
    return merge_boxes(boxes)


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
