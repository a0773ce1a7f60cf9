"""How faces differ and how they move: a small linear model in the space of the face mesh. Read by fuse.

Measured with the embedded landmark network on our own renders of the synthetic ICT-FaceKit heads (MIT; nobody real):
96 heads at rest in four poses, 2290 expressions of ten heads, each sample also mirrored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class FaceModes:
    """A face is mean + a . identity + b . expression + noise, with a and b of unit variance.

    All arrays float64 in the canonical space of FaceMesh (unit: the distance of the outer eye corners), read-only.

    mean: (478, 3) the mean face at rest.
    identity: (k, 478, 3) what differs between people at rest; each mode times its standard deviation.
    expression: (m, 478, 3) displacement from one's own rest, gaze included; each mode times its root mean square.
        Modes are symmetric or antisymmetric under FaceMesh.mirror, the largest first.
    noise: root mean square per coordinate that the expression modes leave over.
    """

    mean: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    noise: float


@cache
def face_modes() -> FaceModes:
    """The one model; read from the package once. Its arrays are read-only."""
    data = json.loads(files("ff_vfx.types").joinpath("face_modes.json").read_text())

    def array(values: list[object]) -> np.ndarray:
        made = np.array(values, np.float64) * data["unit"]
        made.flags.writeable = False
        return made

    return FaceModes(
        mean=array(data["mean"]),
        identity=array(data["identity"]),
        expression=array(data["expression"]),
        noise=float(data["noise"]),
    )
