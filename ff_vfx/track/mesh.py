"""478 points on one face: the mesh network on fixed crops, lids and irises from the eye network. Read by detection.

All positions in here are square px (plate px with x times the pixel aspect); z is in the same scale.
"""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.track.ask import output, run_on, sigmoid
from ff_vfx.track.look import Patch, crop_matrix, display_patch
from ff_vfx.track.networks import Detectors
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame

MESH_PX, EYE_PX = 192, 64
_MARGIN = 1.5  # the crop's side in sides of the mesh's box. Source: the network's own training crops
_EYE_MARGIN = 2.3  # the eye crop's side in eye widths, likewise
_SURFACE = 468
_DOUBTFUL = 0.03  # rms difference of the crops' meshes, outer-eye distances, that halves the confidence
# Crops that are averaged: shift x, y in sides, scale, turn in radians. Fixed, so that the same frame gives the same
# points; spread evenly around none, so that any first few hardly bias. Random ones measured worse.
_VARIANTS = (
    (0.0, 0.0, 1.0, 0.0), (0.02, 0.0, 1.03, 0.02), (-0.02, 0.01, 0.97, -0.02), (0.0, -0.02, 1.05, 0.03),
    (0.01, 0.02, 0.95, -0.03), (-0.01, -0.01, 1.02, -0.04), (0.015, -0.015, 0.98, 0.04), (-0.015, 0.015, 1.0, 0.01),
    (0.025, 0.01, 0.99, -0.01), (-0.025, -0.01, 1.01, 0.015), (0.005, 0.025, 1.04, -0.015),
    (-0.005, -0.025, 0.96, 0.025),
    (0.03, -0.005, 1.0, 0.0), (-0.03, 0.005, 1.0, 0.0), (0.0, 0.03, 1.0, -0.025), (0.0, -0.03, 1.0, 0.02),
)  # fmt: skip
_EYE_VARIANTS = ((0.0, 0.0, 1.0), (0.02, -0.02, 1.08), (-0.02, 0.02, 0.93), (-0.03, -0.03, 1.0), (0.03, 0.02, 1.04))
# Mesh points of the eye network's first 48 of 71: lids, a halo, a wider halo. Found by nearest points, ours. Its brows
# and cheeks are left alone: a blink threw them 15 px off on s020.
_EYE_POINTS = np.array(
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
     130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
     226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189)
)  # fmt: skip
_EYE_SHARE = np.repeat((1.0, 1.0, 0.5), 16)[:, None]  # how far the eye network is believed against the mesh network
_CORNERS = ((33, 133), (362, 263))  # of the eye on the picture's left, of the other; left end first


def face_box(points: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Centre, side and angle of the next crop: the mesh's box along the eye line, widened."""
    eyes = points[263, :2] - points[33, :2]
    angle = float(np.arctan2(eyes[1], eyes[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    along = points[:_SURFACE, :2] @ turn.T
    low, high = along.min(0), along.max(0)
    return turn.T @ ((low + high) / 2.0), _MARGIN * float((high - low).max()), angle


def mesh_once(
    frame: Frame, engines: Detectors, box: tuple[np.ndarray, float, float], stops: float
) -> tuple[np.ndarray, float]:
    """The mesh in one crop: (468, 3) square px and the network's own belief that a face is there, [0, 1]."""
    matrix = _box_matrix(box, MESH_PX, frame.pixel_aspect)
    return _mesh_in(display_patch(frame, matrix, MESH_PX, stops), engines, matrix, frame.pixel_aspect)


def _box_matrix(box: tuple[np.ndarray, float, float], size: int, aspect: float) -> np.ndarray:
    return crop_matrix(box[0], box[1], box[2], size, aspect)


def _mesh_in(patch: Patch, engines: Detectors, matrix: np.ndarray, aspect: float) -> tuple[np.ndarray, float]:
    given = run_on(engines.mesh, patch.crop(matrix, MESH_PX))
    points = output(engines.mesh, given, _SURFACE * 3).reshape(_SURFACE, 3)
    score = float(sigmoid(output(engines.mesh, given, 1))[0])
    return _to_square(points, matrix, aspect), score


def _to_square(points: np.ndarray, matrix: np.ndarray, aspect: float) -> np.ndarray:
    square = matrix[:2].copy()
    square[0] *= aspect
    placed = points.copy()
    placed[:, :2] = points[:, :2] @ square[:, :2].T + square[:, 2]
    placed[:, 2] = points[:, 2] * np.linalg.norm(square[:, 0])
    return placed


def mesh_points(
    frame: Frame, engines: Detectors, start: np.ndarray, stops: float, variants: int
) -> tuple[np.ndarray, float]:
    """All points of one face, averaged over fixed crops.

    Args:
        start: (>= 468, 2|3) a mesh good enough to crop by, square px. variants: 1-16 crops.

    Returns:
        (478, 3) square px, and the confidence: the network's mean score, less the more the crops disagree.
    """
    centre, side, angle = face_box(start)
    aspect = frame.pixel_aspect
    patch = display_patch(frame, _box_matrix((centre, side, angle), MESH_PX, aspect), MESH_PX, stops)
    tries = []
    for dx, dy, scale, turn in _VARIANTS[:variants]:
        box = (centre + np.array([dx, dy]) * side, side * scale, angle + turn)
        tries.append(_mesh_in(patch, engines, _box_matrix(box, MESH_PX, aspect), aspect))
    points = np.concatenate([np.mean([p for p, _ in tries], 0), np.zeros((10, 3))])
    for eye in (0, 1):
        _refine_eye(frame, engines, points, eye, (stops, variants))
    return points, float(np.mean([s for _, s in tries])) * _agreement(np.stack([p for p, _ in tries]))


def _agreement(meshes: np.ndarray) -> float:
    """1 where all crops gave one mesh, 1/2 where they differ by `_DOUBTFUL`. meshes: (crops, 468, 3)."""
    unit = float(np.linalg.norm(meshes[:, 33, :2].mean(0) - meshes[:, 263, :2].mean(0)))
    spread = float(np.sqrt(meshes[..., :2].var(0).sum(-1).mean())) / max(unit, 1e-6)
    return 1.0 / (1.0 + (spread / _DOUBTFUL) ** 2)


def _refine_eye(frame: Frame, engines: Detectors, points: np.ndarray, eye: int, how: tuple[float, int]) -> None:
    """Lids, halo and brow of one eye and its iris, into `points` (ours alone; nobody else holds it yet)."""
    left, right = (points[i, :2] for i in _CORNERS[eye])
    width = float(np.linalg.norm(right - left))
    if width < 1e-3:
        width = float(np.linalg.norm(points[263, :2] - points[33, :2])) / 3.0
    axis = points[263, :2] - points[33, :2]
    angle = float(np.arctan2(axis[1], axis[0]))
    stops, variants = how
    aspect, side, middle = frame.pixel_aspect, width * _EYE_MARGIN, (left + right) / 2.0
    patch = display_patch(frame, crop_matrix(middle, side, angle, EYE_PX, aspect), EYE_PX, stops)
    tries = []
    for dx, dy, scale in _EYE_VARIANTS[: max(1, (variants + 1) // 2)]:
        matrix = crop_matrix(middle + np.array([dx, dy]) * side, side * scale, angle, EYE_PX, aspect)
        tries.append(_eye_in(patch, engines, matrix, eye, aspect))
    mean = np.mean(tries, 0)
    mesh = face_mesh()
    lids = _EYE_POINTS if eye == 0 else mesh.mirror[_EYE_POINTS]
    points[lids, :2] += _EYE_SHARE * (mean[: len(lids)] - points[lids, :2])
    iris = mesh.iris_l if eye == 0 else mesh.iris_r
    points[iris, :2] = mean[71:]
    points[iris, 2] = points[list(_CORNERS[eye]), 2].mean()


def _eye_in(patch: Patch, engines: Detectors, matrix: np.ndarray, eye: int, aspect: float) -> np.ndarray:
    """(76, 2) square px: 71 around the eye, 5 of the iris. The network knows one eye; the other is shown mirrored."""
    picture = patch.crop(matrix, EYE_PX)
    given = run_on(engines.iris, torch.flip(picture, [2]) if eye else picture)
    seen = np.concatenate(
        [output(engines.iris, given, 213).reshape(71, 3), output(engines.iris, given, 15).reshape(5, 3)]
    )
    if eye:
        seen[:, 0] = EYE_PX - seen[:, 0]
    return _to_square(seen, matrix, aspect)[:, :2]
