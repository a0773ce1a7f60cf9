"""Draws docs/pictures/face_mesh.png: the mesh at rest with its landmark numbers. `make docs`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ff_vfx.types.face_mesh import face_mesh

PICTURE = Path(__file__).parent / "pictures" / "face_mesh.png"
_SIDE, _SCALE = 1400, 640.0
_PAPER, _LINE, _INK, _IRIS = (250, 250, 250), (205, 205, 205), (40, 40, 40), (190, 90, 20)


def picture() -> np.ndarray:
    """(h, w, 3) uint8, blue first as OpenCV has it."""
    mesh = face_mesh()
    points = mesh.canonical[:, :2] * _SCALE + np.array([_SIDE / 2, _SIDE * 0.34])
    canvas = np.full((_SIDE, _SIDE, 3), _PAPER, np.uint8)
    for triangle in mesh.triangles:
        cv2.polylines(canvas, [points[triangle].round().astype(np.int32)], True, _LINE, 1, cv2.LINE_AA)
    for number, (x, y) in enumerate(points):
        colour = _INK if number < 468 else _IRIS
        cv2.circle(canvas, (round(x), round(y)), 2, colour, -1, cv2.LINE_AA)
        at = (round(x) + 3, round(y) - 3)
        cv2.putText(canvas, str(number), at, cv2.FONT_HERSHEY_SIMPLEX, 0.33, colour, 1, cv2.LINE_AA)
    return canvas


if __name__ == "__main__":
    cv2.imwrite(str(PICTURE), picture())
