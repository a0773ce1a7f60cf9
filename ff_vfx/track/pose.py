"""Where a face's points put it: rotation and scale against the canonical mesh, and the upright crop around it.

Read by detection, the smoothing pass and keyframes. Points are plate px; `aspect` is the plate's pixel aspect, and all
lengths are measured in square px (x times aspect).
"""

from __future__ import annotations

import numpy as np

from ff_vfx.image.fit import similarity
from ff_vfx.types.face_mesh import face_mesh

CROP_HEIGHTS = 1.8  # the crop's side in face heights: chin, ears and forehead with a margin
_CHIN, _TOP, _EYE_L, _EYE_R = 152, 10, 33, 263


def fit_pose(landmarks: np.ndarray, aspect: float = 1.0) -> np.ndarray:
    """(3, 4): canonical points to plate x, y, z, by the points that expression hardly moves. landmarks: (478, 3)."""
    mesh = face_mesh()
    square = landmarks[mesh.rigid] * np.array([aspect, 1.0, 1.0])
    matrix, offset = similarity(mesh.canonical[mesh.rigid], square)
    pose = np.concatenate([matrix, offset[:, None]], 1)
    pose[0] /= aspect
    return pose


def placement(pose: np.ndarray, aspect: float = 1.0) -> np.ndarray:
    """(4,) centre x, y in square px, log of the face's height, roll in radians: what the crop follows.

    It comes from the pose and not from the points, so that a smile or an open jaw does not move the crop.
    """
    square = pose.copy()
    square[0] *= aspect
    mesh = face_mesh()
    scale = np.cbrt(max(np.linalg.det(square[:, :3]), 1e-12))
    oval = mesh.canonical[mesh.loops["oval"]]
    middle = np.array([0.0, (oval[:, 1].min() + oval[:, 1].max()) / 2.0, oval[:, 2].mean()])
    centre = square[:, :3] @ middle + square[:, 3]
    height = scale * np.linalg.norm(mesh.canonical[_CHIN] - mesh.canonical[_TOP])
    eyes = square[:, :3] @ (mesh.canonical[_EYE_R] - mesh.canonical[_EYE_L])
    return np.array([centre[0], centre[1], np.log(height), np.arctan2(eyes[1], eyes[0])])


def crop_from(place: np.ndarray, aspect: float = 1.0) -> np.ndarray:
    """(3, 3) unit crop to plate px, from `placement`."""
    side = CROP_HEIGHTS * np.exp(place[2])
    cos, sin = np.cos(place[3]) * side, np.sin(place[3]) * side
    matrix = np.array(
        [[cos, -sin, place[0] - (cos - sin) / 2.0], [sin, cos, place[1] - (sin + cos) / 2.0], [0.0, 0.0, 1.0]]
    )
    matrix[0] /= aspect
    return matrix


def aspect_of(crop_to_plate: np.ndarray) -> float:
    """The pixel aspect that a crop was made with, read back from it."""
    return float(np.linalg.norm(crop_to_plate[1, :2]) / np.linalg.norm(crop_to_plate[0, :2]))


def angles_deg(pose: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch, roll in degrees, for people to read: yaw > 0 turns to the picture's right, pitch > 0 looks down."""
    aspect = float(np.linalg.norm(pose[1, :3])) / max(float(np.linalg.norm(pose[0, :3])), 1e-12)
    rotation = pose[:, :3] * np.array([[aspect], [1.0], [1.0]])
    rotation = rotation / np.cbrt(max(np.linalg.det(rotation), 1e-12))
    yaw = np.degrees(np.arctan2(-rotation[0, 2], np.hypot(rotation[1, 2], rotation[2, 2])))
    pitch = np.degrees(np.arctan2(-rotation[1, 2], rotation[2, 2]))
    roll = np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))
    return float(yaw), float(pitch), float(roll)
