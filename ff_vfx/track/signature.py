"""Which of the people in this shot is this? Read by the shot's pass and by the choice of a face.

Not a recogniser: proportions of the mesh and colours of a small aligned picture. It tells the few people of one shot
apart in one light; it cannot tell whether two pictures taken elsewhere show one person.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.track.look import exposure_of, linear_crop, to_display
from ff_vfx.track.pose import aspect_of
from ff_vfx.types.face import Face
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame

_SIDE = 32
_CELLS = 4
_SHAPE_WEIGHT, _COLOUR_WEIGHT, _PATTERN_WEIGHT = 6.0, 3.0, 1.0
_FACE_PART = 0.5  # of the crop: skin, brows, eyes, lips, and little else


def signature(frame: Frame, face: Face) -> np.ndarray:
    """(n,) numbers; compare two with `unlikeness`."""
    return np.concatenate([_shape(face) * _SHAPE_WEIGHT, _look(frame, face)])


def unlikeness(a: np.ndarray, b: np.ndarray) -> float:
    """0 for the same picture; about 1 is the border between one person and another in one shot."""
    return float(np.sqrt(np.square(a - b).sum()))


def _shape(face: Face) -> np.ndarray:
    """Rigid points with the pose removed, relative to the average face; depth is the network's guess and left out."""
    mesh = face_mesh()
    aspect = np.array([aspect_of(face.crop_to_plate), 1.0, 1.0])
    matrix, offset = face.pose[:, :3] * aspect[:, None], face.pose[:, 3] * aspect
    rest = (face.landmarks * aspect - offset) @ np.linalg.inv(matrix).T - mesh.canonical
    return np.asarray(rest[mesh.rigid, :2].reshape(-1)) / np.sqrt(len(mesh.rigid)) * 2.0


def _look(frame: Frame, face: Face) -> np.ndarray:
    """Chroma of 4 x 4 cells and a grey 8 x 8 pattern, exposure removed."""
    inset = (1.0 - _FACE_PART) / 2.0
    unit = np.array([[_FACE_PART / _SIDE, 0.0, inset], [0.0, _FACE_PART / _SIDE, inset], [0.0, 0.0, 1.0]])
    linear = linear_crop(frame, face.crop_to_plate @ unit, _SIDE)
    shown = to_display(linear, exposure_of(linear.amax(0).numpy()), frame.colour_space).numpy().astype(np.float64)
    cells = shown.reshape(3, _CELLS, _SIDE // _CELLS, _CELLS, _SIDE // _CELLS).mean((2, 4)) + 0.05
    chroma = np.log2(np.stack([cells[0] / cells[1], cells[2] / cells[1]])).reshape(-1)
    grey = shown.mean(0).reshape(8, _SIDE // 8, 8, _SIDE // 8).mean((1, 3))
    grey = (grey - grey.mean()) / (grey.std() + 0.05)
    return np.concatenate(
        [chroma / np.sqrt(chroma.size) * _COLOUR_WEIGHT, grey.reshape(-1) / np.sqrt(grey.size) * _PATTERN_WEIGHT]
    )
