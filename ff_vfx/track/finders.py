"""Whoever finds faces in one square picture: the embedded network, or any detector of a known layout. Read by search.

A finder knows nothing of frames: it is shown display RGB and answers in parts of the picture's side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from ff_vfx.engine.pictures import to_network
from ff_vfx.errors import ModelError
from ff_vfx.track.ask import output, run_on, sigmoid
from ff_vfx.track.decode import Boxes, by_width, decoder_of
from ff_vfx.types.engine import Engine

_EMBEDDED_PX, _POINTS_WIDTH = 128, 10
_MOST = 200  # candidates of one picture, the best
_TIGHTER = 0.8  # side of the embedded network's box in the longer sides of others', which reach up to the hair


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A likely face, in parts of the picture's side: middle (2,), side (its longer one); roll angle in radians.

    points: (5, 2) in a template's order, (4, 2) with the middle of the mouth for its corners, or None.
    """

    middle: np.ndarray
    side: float
    angle: float
    score: float
    points: np.ndarray | None = None


class Finder(Protocol):
    """side_px: of the picture it is shown. smallest_tile: plate px below which tiles help it no more. coarse: levels

    of tiles searched at once. turns: angles at which it looks again where nobody was found, radians. gives_points:
    whether what it finds has points.
    """

    gives_points: bool
    side_px: int
    smallest_tile: float
    coarse: int
    turns: tuple[float, ...]

    def find(self, picture: torch.Tensor, least: float) -> list[Found]:
        """All likely faces, overlapping ones too. picture: (3, side_px, side_px) display RGB. least: score."""
        ...


class EmbeddedFinder:
    """The short-range network: 128 px, six points, quick; loses faces under about 15 % of what it is shown."""

    gives_points, side_px, smallest_tile, coarse = True, _EMBEDDED_PX, 256.0, 3
    turns: tuple[float, ...] = ()

    def __init__(self, engine: Engine) -> None:
        self._engine, self._anchors = engine, _anchors()

    def find(self, picture: torch.Tensor, least: float) -> list[Found]:
        given = run_on(self._engine, picture)
        anchors = self._anchors
        scores = sigmoid(output(self._engine, given, len(anchors)))
        values = output(self._engine, given, len(anchors) * 16).reshape(-1, 16) / _EMBEDDED_PX
        found = []
        for row in np.flatnonzero(scores >= least):
            middle, extent = values[row, :2] + anchors[row], values[row, 2:4]
            if extent.min() <= 0.0:
                continue
            eyes = values[row, 4:8].reshape(2, 2)
            angle = float(np.arctan2(eyes[1, 1] - eyes[0, 1], eyes[1, 0] - eyes[0, 0]))
            points = values[row, 4:12].reshape(4, 2) + anchors[row]
            found.append(Found(middle, float(extent.max()), angle, float(scores[row]), points))
        return found


class NetworkFinder:
    """SCRFD, YuNet, RetinaFace or UltraFace, told apart by their outputs; smaller faces than the embedded one."""

    coarse = 1
    turns: tuple[float, ...] = (np.pi / 2.0, -np.pi / 2.0, np.pi)

    def __init__(self, engine: Engine, side_px: int) -> None:
        """Args:
            engine: kind 'face_detector'. side_px: where its own picture's size is open; taken to its multiple.

        Raises:
            ModelError: another kind, no picture, or outputs of no known layout.
        """
        spec = engine.spec
        if spec.kind != "face_detector" or len(spec.inputs) != 1 or len(spec.inputs[0].shape) != 4:
            raise ModelError(f"model {spec.name}: of kind '{spec.kind}'; a 'face_detector' of one picture is needed")
        axes = spec.inputs[0].shape
        height, width = axes[1:3] if spec.inputs[0].layout == "nhwc" else axes[2:4]
        open_px = max(side_px // spec.multiple, 1) * spec.multiple
        self._size = (height or open_px, width or open_px)
        self._engine, self._decode = engine, decoder_of(spec)
        self.gives_points = any(tensor.shape[-1] == _POINTS_WIDTH for tensor in spec.outputs)
        self.side_px = min(self._size)
        self.smallest_tile = float(self.side_px)

    def find(self, picture: torch.Tensor, least: float) -> list[Found]:
        spec = self._engine.spec
        shown = torch.zeros(1, 3, *self._size)
        shown[0, :, : picture.shape[1], : picture.shape[2]] = picture
        given = self._engine.run({spec.inputs[0].name: to_network(shown, spec.inputs[0])})
        boxes = self._decode(by_width(spec, given), self._size)
        likely = np.flatnonzero(boxes.scores >= least)
        best = likely[np.argsort(-boxes.scores[likely], kind="stable")][:_MOST]
        return [self._found(boxes, int(row)) for row in best if _is_box(boxes, int(row))]

    def _found(self, boxes: Boxes, row: int) -> Found:
        low, high = boxes.corners[row, :2] / self.side_px, boxes.corners[row, 2:] / self.side_px
        points, angle = None, 0.0
        if boxes.points is not None:
            points = boxes.points[row] / self.side_px
            across = points[1] - points[0]
            angle = float(np.arctan2(across[1], across[0]))
        return Found((low + high) / 2.0, float((high - low).max()) * _TIGHTER, angle, float(boxes.scores[row]), points)


def _is_box(boxes: Boxes, row: int) -> bool:
    corners = boxes.corners[row]
    points = boxes.points is None or np.isfinite(boxes.points[row]).all()
    return bool(np.isfinite(corners).all() and points and (corners[2:] > corners[:2]).all())


def _anchors() -> np.ndarray:
    """(896, 2) centres in [0, 1]. Source: the network's grids: 2 on each of 16 x 16 cells, 6 on each of 8 x 8."""
    grids = []
    for cells, each in ((16, 2), (8, 6)):
        at = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(at, at, indexing="ij")
        grids.append(np.repeat(np.stack([x.reshape(-1), y.reshape(-1)], 1), each, axis=0))
    return np.concatenate(grids)
