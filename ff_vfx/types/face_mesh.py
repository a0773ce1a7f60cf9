"""The face's dense mesh: what its 478 points are and how they are joined. Read by track (pose), fuse and composite.

The points are those of the embedded landmark network (468 of the surface, then 5 an iris). Canonical shape, texture
coordinates and triangles are ours: measured on synthetic heads, see docs/decisions/0003-face-mesh.md. `_l` and `_r`
are the left and right of the PICTURE.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np

SURFACE = 468  # points of the face itself; the irises follow


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """Topology and rest shape.

    canonical: (478, 3) float64; x right, y down, z away from the viewer (the nose's tip is negative); unit: the
        distance of the outer eye corners; origin between them.
    uv: (468, 2) in [0, 1], a cylindrical unwrap, v down. triangles: (898, 3) int, skin first.
    triangle_parts: 'skin' | 'eye_l' | 'eye_r' | 'mouth' -> (first, last + 1) row of `triangles`; eyes and mouth are
        the openings between lids and lips.
    mirror: (478,) the point on the other side. rigid: (k,) points that expression hardly moves.
    loops: closed rings in order: oval, lips_outer, lips_inner, eye_l, eye_r, brow_l, brow_r.
    iris_l, iris_r: 5 indices each, the centre first.
    """

    canonical: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    triangle_parts: Mapping[str, tuple[int, int]]
    mirror: np.ndarray
    rigid: np.ndarray
    loops: Mapping[str, np.ndarray]
    iris_l: np.ndarray
    iris_r: np.ndarray


@cache
def face_mesh() -> FaceMesh:
    """The one mesh; read from the package once. Its arrays are read-only."""
    data = json.loads(files("ff_vfx.types").joinpath("face_mesh.json").read_text())

    def array(values: list[object], dtype: type) -> np.ndarray:
        made: np.ndarray = np.array(values, dtype)
        made.flags.writeable = False
        return made

    return FaceMesh(
        canonical=array(data["canonical"], np.float64),
        uv=array(data["uv"], np.float64),
        triangles=array(data["triangles"], np.int64),
        triangle_parts={name: (first, last) for name, (first, last) in data["triangle_parts"].items()},
        mirror=array(data["mirror"], np.int64),
        rigid=array(data["rigid"], np.int64),
        loops={name: array(ring, np.int64) for name, ring in data["loops"].items()},
        iris_l=array(list(range(468, 473)), np.int64),
        iris_r=array(list(range(473, 478)), np.int64),
    )


def ring_points(points: np.ndarray, mesh: FaceMesh, sizes: Sequence[float]) -> np.ndarray:
    """The face's points followed by its oval at each ring's size, (468 + rings * 36, 2). points: (468+, 2|3)."""
    oval = points[mesh.loops["oval"], :2]
    centre = oval.mean(0)
    return np.concatenate([points[:SURFACE, :2]] + [centre + (oval - centre) * size for size in sizes])


def ring_triangles(mesh: FaceMesh, count: int) -> np.ndarray:
    """(t, 3): the strips between the oval and its `count` rings, as rows of `ring_points`."""
    n = len(mesh.loops["oval"])
    circles = [mesh.loops["oval"]] + [SURFACE + k * n + np.arange(n) for k in range(count)]
    strips = []
    for inner, outer in pairwise(circles):
        after_inner, after_outer = np.roll(inner, -1), np.roll(outer, -1)
        strips += [np.stack([inner, after_inner, outer], 1), np.stack([after_inner, after_outer, outer], 1)]
    return np.concatenate(strips)
