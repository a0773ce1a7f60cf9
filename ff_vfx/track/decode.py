"""What the outputs of well-known face detectors mean, told apart by their widths. Read by finders alone.

A detector's manifest needs no more than the shapes. All positions here are px of the picture the network was shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec

_PRIORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))  # RetinaFace: stride and sides
_SPREAD = (0.1, 0.2)  # RetinaFace and SSD: of centre and of log size


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """scores: (n,) in [0, 1]. corners: (n, 4) x0, y0, x1, y1. points: (n, 5, 2) in a template's order, or None."""

    scores: np.ndarray
    corners: np.ndarray
    points: np.ndarray | None = None


Arrays = list[np.ndarray]  # one output each, (rows, width), in the manifest's order
Decoder = Callable[[Mapping[int, Arrays], tuple[int, int]], Boxes]


def decoder_of(spec: EngineSpec) -> Decoder:
    """How to read this detector.

    Raises:
        ModelError: its outputs are of none of the known layouts.
    """
    widths = Counter(tensor.shape[-1] for tensor in spec.outputs)
    for layout, decoder in _LAYOUTS:
        if widths == Counter(layout):
            return decoder
    raise ModelError(
        f"model {spec.name}: a face_detector with {len(spec.outputs)} outputs of widths "
        f"{sorted(w or 0 for w in widths.elements())} is not known; use one in the layout of SCRFD (1, 4 and perhaps "
        "10, for 3 or 5 strides), YuNet (1, 1, 4, 10, 3 strides), RetinaFace (4, 2, 10) or UltraFace (2, 4)"
    )


def by_width(spec: EngineSpec, given: Mapping[str, np.ndarray]) -> dict[int, Arrays]:
    """The outputs as float64 rows, those with the most rows first: the finest stride."""
    found: dict[int, Arrays] = {}
    for tensor in spec.outputs:
        array = given[tensor.name].astype(np.float64)
        found.setdefault(array.shape[-1], []).append(array.reshape(-1, array.shape[-1]))
    return {width: sorted(arrays, key=lambda a: -len(a)) for width, arrays in found.items()}


def _scrfd(outputs: Mapping[int, Arrays], size: tuple[int, int]) -> Boxes:
    """Source: SCRFD, Guo et al. 2021, as exported by its authors: distances in strides from each cell's corner."""
    parts = []
    for level, (score, edges) in enumerate(zip(outputs[1], outputs[4], strict=True)):
        stride = 8 * 2**level
        at = _cells(size, stride, len(score))
        low, high = at - edges[:, :2] * stride, at + edges[:, 2:] * stride
        points = outputs[10][level].reshape(-1, 5, 2) * stride + at[:, None] if 10 in outputs else None
        parts.append(Boxes(score[:, 0], np.concatenate([low, high], 1), points))
    return _joined(parts)


def _yunet(outputs: Mapping[int, Arrays], size: tuple[int, int]) -> Boxes:
    """Source: YuNet, Wu et al. 2023: centre and log size in strides; a score is the root of class times object."""
    parts = []
    for level, values in enumerate(outputs[4]):
        stride = 8 * 2**level
        at = _cells(size, stride, len(values))
        first, second = (np.clip(a[:, 0], 0.0, 1.0) for a in outputs[1][2 * level : 2 * level + 2])
        centre, half = at + values[:, :2] * stride, np.exp(np.clip(values[:, 2:], -20.0, 20.0)) * stride / 2.0
        points = outputs[10][level].reshape(-1, 5, 2) * stride + at[:, None]
        parts.append(Boxes(np.sqrt(first * second), np.concatenate([centre - half, centre + half], 1), points))
    return _joined(parts)


def _retinaface(outputs: Mapping[int, Arrays], size: tuple[int, int]) -> Boxes:
    """Source: RetinaFace, Deng et al. 2020, in its widespread form with MobileNet: SSD's priors and variances."""
    place, values = _priors(size), outputs[4][0]
    if len(place) != len(values):
        raise ModelError(f"a detector of RetinaFace's layout gave {len(values)} boxes, {len(place)} are needed")
    centre = place[:, :2] + values[:, :2] * _SPREAD[0] * place[:, 2:]
    half = place[:, 2:] * np.exp(np.clip(values[:, 2:] * _SPREAD[1], -20.0, 20.0)) / 2.0
    points = place[:, None, :2] + outputs[10][0].reshape(-1, 5, 2) * _SPREAD[0] * place[:, None, 2:]
    return Boxes(_second_of(outputs[2][0]), np.concatenate([centre - half, centre + half], 1), points)


def _ultraface(outputs: Mapping[int, Arrays], size: tuple[int, int]) -> Boxes:
    """Source: Ultra-Light-Fast-Generic-Face-Detector-1MB, Linzaer 2019: corners in parts of the picture."""
    height, width = size
    return Boxes(_second_of(outputs[2][0]), outputs[4][0] * (width, height, width, height))


_LAYOUTS: tuple[tuple[dict[int, int], Decoder], ...] = (
    ({1: 3, 4: 3, 10: 3}, _scrfd),
    ({1: 5, 4: 5, 10: 5}, _scrfd),
    ({1: 3, 4: 3}, _scrfd),
    ({1: 5, 4: 5}, _scrfd),
    ({1: 6, 4: 3, 10: 3}, _yunet),
    ({4: 1, 2: 1, 10: 1}, _retinaface),
    ({2: 1, 4: 1}, _ultraface),
)


def _cells(size: tuple[int, int], stride: int, rows: int) -> np.ndarray:
    """(rows, 2) the corner of each cell, each as often as it has anchors."""
    height, width = (-(-side // stride) for side in size)
    if rows % (height * width) or not rows:
        raise ModelError(f"a detector gave {rows} rows at stride {stride}; a multiple of {height * width} is needed")
    y, x = np.mgrid[:height, :width]
    return np.asarray(np.repeat(np.stack([x.ravel(), y.ravel()], 1) * stride, rows // (height * width), axis=0))


def _priors(size: tuple[int, int]) -> np.ndarray:
    """(n, 4) centre and size of each."""
    found = []
    for stride, sides in _PRIORS:
        corner = _cells(size, stride, -(-size[0] // stride) * -(-size[1] // stride)) + stride / 2.0
        each = [np.concatenate([corner, np.full_like(corner, side)], 1) for side in sides]
        found.append(np.stack(each, 1).reshape(-1, 4))
    return np.concatenate(found)


def _second_of(classes: np.ndarray) -> np.ndarray:
    """The belief in the second of two classes, from probabilities or from what a softmax would make into them."""
    if np.all(classes >= 0.0) and np.allclose(classes.sum(1), 1.0, atol=1e-3):
        return np.asarray(classes[:, 1])
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(classes[:, 0] - classes[:, 1], -60.0, 60.0))))


def _joined(parts: list[Boxes]) -> Boxes:
    points = [part.points for part in parts if part.points is not None]
    return Boxes(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.corners for part in parts]),
        np.concatenate(points) if points else None,
    )
