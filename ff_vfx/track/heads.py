"""From a face to the head it is part of: hair, ears and chin too, following the pose. Read by covering.

A head is an ellipsoid behind the face, which a weak-perspective camera sees as an ellipse at any turn of it; a second
ellipse holds all points of the face, so that an open jaw is inside. A box alone gives a disc.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.pose import placement
from ff_vfx.track.sweep import Sighting
from ff_vfx.types.face import Face
from ff_vfx.types.heads import Head

# Canonical units (outer-eye distance, some 90 mm). Source: ours, from head breadth 155, length 197 and height 235 mm
# (Gordon et al. 2014, means of men), with 25 mm of hair at the sides and 40 mm above.
_CENTRE = np.array([0.0, -0.15, 0.65])
_AXES = np.array([1.12, 1.6, 1.35])
_FACE_RIM = 1.15  # the face's ellipse in that of its points
FACE_SIDE = 0.9  # side of a finder's box in face heights
_BOX_RADIUS, _BOX_UP = 1.0, 0.12  # of a disc around a box, and how far it lies above, in sides of the box
_BOX_FACE = 1.2  # a box may have caught a part of the face only: its cells are larger
_SURFACE = 468


def head_of_face(face: Face, aspect: float = 1.0, *, state: str = "seen") -> Head:
    """The head of a tracked face. aspect: the plate's pixel aspect."""
    skull = np.concatenate(
        [symmetric(face.pose[:2, :3] * _AXES), (face.pose[:2, :3] @ _CENTRE + face.pose[:2, 3])[:, None]], 1
    )
    place = placement(face.pose, aspect)
    side = FACE_SIDE * float(np.exp(place[2]))
    shapes = np.stack([_around(face.landmarks[:_SURFACE, :2]), skull])
    anchor = place[:2] / (aspect, 1.0)
    return Head(shapes, float(place[3]), side, state, face.confidence, aspect, "face", anchor)


def head_of_box(sighting: Sighting, aspect: float = 1.0, *, state: str = "seen") -> Head:
    """The head around a box that a finder saw."""
    radius = _BOX_RADIUS * sighting.side
    up = np.array([np.sin(sighting.angle), -np.cos(sighting.angle)]) * _BOX_UP * sighting.side
    shape = np.array([[radius, 0.0, sighting.x + up[0]], [0.0, radius, sighting.y + up[1]]])
    shape[0] /= aspect
    return Head(shape[None], sighting.angle, _BOX_FACE * sighting.side, state, sighting.score, aspect, "box")


def head_by_hand(x: float, y: float, radius: float, aspect: float = 1.0) -> Head:
    """A disc that somebody drew: x, y plate px, radius in plate px of the height."""
    shape = np.array([[radius / aspect, 0.0, x], [0.0, radius, y]])
    return Head(shape[None], 0.0, 1.2 * radius, "hand", 1.0, aspect, "hand")


def symmetric(axes: np.ndarray) -> np.ndarray:
    """(2, 2): the ellipse that (2, 3) axes make of the unit ball, as a matrix that varies smoothly with them."""
    values, vectors = np.linalg.eigh(axes @ axes.T)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 1e-6))) @ vectors.T)


def _around(points: np.ndarray) -> np.ndarray:
    """(2, 3): an ellipse that holds all points (n, 2), with a rim."""
    middle = (points.min(0) + points.max(0)) / 2.0
    shape = symmetric((points - middle).T / np.sqrt(len(points)))
    radius = np.linalg.norm((points - middle) @ np.linalg.inv(shape).T, axis=1).max()
    return np.concatenate([shape * radius * _FACE_RIM, middle[:, None]], 1)
