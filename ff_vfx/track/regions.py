"""Which points move with the head and which by themselves. Read by smoothing and keyframes."""

from __future__ import annotations

from functools import cache

import numpy as np

from ff_vfx.types.face_mesh import face_mesh

_LID_REACH = 0.09  # of the outer-eye distance: lids and their halo
_LIP_REACH = 0.07
LIDS = range(6)  # rows of `soft_groups` that are lids and irises


@cache
def soft_groups() -> tuple[np.ndarray, ...]:
    """Points that move together and fast: upper and lower lids and iris of each eye, upper and lower lip, each brow."""
    mesh = face_mesh()
    shape = mesh.canonical
    groups: list[np.ndarray] = []
    taken = np.zeros(len(shape), bool)
    eyes = (("eye_l", mesh.iris_l), ("eye_r", mesh.iris_r))
    lips = mesh.loops["lips_outer"]
    middle = shape[mesh.loops["lips_inner"], 1].mean()
    parts = []
    for name, iris in eyes:
        ring = mesh.loops[name]
        parts += [(ring[9:], _LID_REACH), (ring[:9], _LID_REACH), (iris, 0.0)]
    parts += [(lips[shape[lips, 1] <= middle], _LIP_REACH), (lips[shape[lips, 1] > middle], _LIP_REACH)]
    inner = mesh.loops["lips_inner"]
    parts[-2] = (np.concatenate([parts[-2][0], inner[shape[inner, 1] <= middle]]), _LIP_REACH)
    parts[-1] = (np.concatenate([parts[-1][0], inner[shape[inner, 1] > middle]]), _LIP_REACH)
    parts += [(mesh.loops["brow_l"], 0.0), (mesh.loops["brow_r"], 0.0)]
    irises = np.concatenate([mesh.iris_l, mesh.iris_r])
    owned = np.concatenate([core for core, _ in parts])
    for core, reach in parts:
        near = np.linalg.norm(shape[:, None, :2] - shape[None, core, :2], axis=2).min(1) <= reach
        near[owned] = False
        near[irises] = False
        near[core] = True
        near &= ~taken
        taken |= near
        groups.append(_fixed(np.flatnonzero(near)))
    return tuple(groups)


@cache
def firm_points() -> np.ndarray:
    """Points of the surface in no soft group."""
    soft = np.concatenate(soft_groups())
    return _fixed(np.setdiff1d(np.arange(468), soft))


@cache
def mesh_distance() -> np.ndarray:
    """(478, 478) distance over the surface, outer-eye distances; what lies across a slit (lids, lips) is far."""
    mesh = face_mesh()
    shape = mesh.canonical
    first, last = mesh.triangle_parts["skin"]
    far = np.full((len(shape), len(shape)), np.inf)
    triangles = mesh.triangles[first:last]
    for a, b in ((0, 1), (1, 2), (2, 0)):
        i, j = triangles[:, a], triangles[:, b]
        far[i, j] = far[j, i] = np.linalg.norm(shape[i] - shape[j], axis=1)
    for iris in (mesh.iris_l, mesh.iris_r):
        far[np.ix_(iris, iris)] = np.linalg.norm(shape[iris][:, None] - shape[iris][None], axis=2)
    np.fill_diagonal(far, 0.0)
    for k in range(len(shape)):
        far = np.minimum(far, far[:, k : k + 1] + far[k : k + 1])
    far.flags.writeable = False
    return far


def _fixed(indices: np.ndarray) -> np.ndarray:
    indices.flags.writeable = False
    return indices
