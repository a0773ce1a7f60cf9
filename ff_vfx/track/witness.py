"""A second opinion on where a face's points are, from a network that shares nothing with the mesh. Read by the gallery.

The mesh network can be pleased by a wall or a hand; two networks rarely agree on a face that is none.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from ff_vfx.errors import ModelError
from ff_vfx.track.ask import run_on
from ff_vfx.track.finders import Finder, Found
from ff_vfx.track.look import exposure_of, linear_crop, to_display
from ff_vfx.track.pose import CROP_HEIGHTS, aspect_of
from ff_vfx.types.engine import Engine
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame
from ff_vfx.types.template import five_points

Groups = tuple[tuple[int, ...], ...]
_LEAST = 0.3  # score of a face in a crop that is known to be one
_NEAR = 0.25  # of the crop: how far from its middle such a face may lie
_FACE_HEIGHTS = 1.5  # side of a landmark network's picture. Source: the package's own crop, 1.5 of the face's box
_OUTER_L, _OUTER_R = 33, 263
# Source: the published mark-ups. 106: four points around each eye, tip of the nose, corners of the mouth. 68: iBUG's.
_GROUPS_106: Groups = ((33, 35, 39, 40), (87, 89, 93, 94), (86,), (52,), (61,))
_GROUPS_68: Groups = ((36, 39), (42, 45), (30,), (48,), (54,))


class Witness(Protocol):
    """Looks for itself at the place where a face is said to be."""

    def points(self, frame: Frame, face: Face) -> np.ndarray | None:
        """(5, 2) plate px in a template's order, (4, 2) with the middle of the mouth, or None where it sees nobody."""
        ...


class PointsWitness:
    """A landmark network of 106 or 68 points."""

    def __init__(self, engine: Engine) -> None:
        """Raises ModelError where its picture is not square or its output is of another size."""
        spec = engine.spec
        count = spec.outputs[0].shape[-1]
        side = spec.inputs[0].shape[-1]
        if count not in (212, 204, 3309) or spec.kind != "landmarks" or side is None:
            raise ModelError(f"model {spec.name}: {count} numbers for {side} px; 212, 204 or 3309 for a fixed size are")
        self._engine, self._side, self._count = engine, side, count

    def points(self, frame: Frame, face: Face) -> np.ndarray | None:
        part = _part(_FACE_HEIGHTS / CROP_HEIGHTS, self._side)
        given = run_on(self._engine, _shown(frame, face.crop_to_plate @ part, self._side))
        if self._count not in given:
            raise ModelError(f"model {self._engine.spec.name}: gives {sorted(given)} values, {self._count} are needed")
        if self._count == 212:
            found, groups = given[212].reshape(-1, 2), _GROUPS_106
        else:
            found, groups = given[self._count].reshape(-1, 3)[-68:, :2], _GROUPS_68
        five = np.stack([found[list(group)].mean(0) for group in groups])
        return _placed((five + 1.0) / 2.0 * self._side, face.crop_to_plate @ part)


class FinderWitness:
    """Whoever finds faces, shown the surroundings of one."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def points(self, frame: Frame, face: Face) -> np.ndarray | None:
        side = self._finder.side_px
        part = _part(1.0, side)
        found = self._finder.find(_shown(frame, face.crop_to_plate @ part, side), _LEAST)
        near = [one for one in found if one.points is not None and np.abs(one.middle - 0.5).max() < _NEAR]
        if not near:
            return None
        best: Found = max(near, key=lambda one: one.score)
        assert best.points is not None
        return _placed(best.points * side, face.crop_to_plate @ part)


def disagreement(frame: Frame, face: Face, witness: Witness) -> float:
    """Mean distance of a witness' points to the mesh's, in outer-eye distances; nan where it sees no face."""
    seen = witness.points(frame, face)
    if seen is None or not np.isfinite(seen).all():
        return float("nan")
    square = np.array([aspect_of(face.crop_to_plate), 1.0])
    mine = five_points(face.landmarks)
    if len(seen) == 4:
        mine = np.concatenate([mine[:3], mine[3:].mean(0, keepdims=True)])
    eyes = (face.landmarks[_OUTER_R, :2] - face.landmarks[_OUTER_L, :2]) * square
    return float(np.linalg.norm((seen - mine) * square, axis=1).mean() / max(float(np.linalg.norm(eyes)), 1e-6))


def _part(share: float, side: int) -> np.ndarray:
    """(3, 3) px of a picture to the unit crop, around its middle."""
    inset = (1.0 - share) / 2.0
    return np.array([[share / side, 0.0, inset], [0.0, share / side, inset], [0.0, 0.0, 1.0]])


def _shown(frame: Frame, matrix: np.ndarray, side: int) -> torch.Tensor:
    linear = linear_crop(frame, matrix, side)
    return to_display(linear, exposure_of(linear.amax(0).numpy()), frame.colour_space)


def _placed(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])
