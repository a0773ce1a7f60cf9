"""Whose proportions, whose pose: where the performer's mesh lies on the plate's face. Read by the mesh fuser.

Everything here is on (478, 3) point arrays in canonical space (see FaceMesh) or plate pixels; no pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.face_mesh import FaceMesh

_DEPTH_TRUST = 0.05  # the network's z beside its x, y, as a least-squares weight; ours, by trial on s010 and s020
_ROUNDS = 4
_FRONTAL = 20.0  # how firmly frontal views decide a shape, per squared radian: the network is truest from the front
_LID_SPREAD = 0.05  # how far a lid's correction reaches into the skin, in outer-eye distances


def to_canonical(face: Face) -> np.ndarray:
    """The face's points with its pose removed, (478, 3)."""
    return (face.landmarks - face.pose[:, 3]) @ np.linalg.inv(face.pose[:, :3]).T


def to_plate(points: np.ndarray, face: Face) -> np.ndarray:
    """Canonical points where the face's pose puts them, plate pixels."""
    return points @ face.pose[:, :3].T + face.pose[:, 3]


def facing(points: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """How squarely each surface point looks at the camera, (468,) in [-1, 1]. points: plate or crop px, z away."""
    a, b, c = (points[mesh.triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    summed = np.zeros((468, 3))
    for k in range(3):
        np.add.at(summed, mesh.triangles[:, k], normals)
    return summed[:, 2] / np.maximum(np.linalg.norm(summed, axis=1), 1e-9)


def rest_shape(faces: Sequence[Face], weights: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """One person's shape from several views, so that depth comes from parallax and not from the network's guess.

    Args:
        faces: views of one person. weights: (n, 478) how much each view's point counts, e.g. at rest or not.

    Returns:
        (478, 3) canonical.

    Source: ours: weighted least squares of the weak-perspective views, the network's z as a weak prior.
    """
    shape = np.average([to_canonical(f) for f in faces], axis=0, weights=_broadcast(weights))
    trust = np.array([1.0, 1.0, _DEPTH_TRUST])
    for _ in range(_ROUNDS):
        normal = np.zeros((478, 3, 3))
        right = np.zeros((478, 3))
        for face, weight in zip(faces, weights, strict=True):
            matrix, offset = fit_pose(shape, face.landmarks, mesh.rigid)
            scale = np.cbrt(np.linalg.det(matrix))
            rows = (matrix / scale) * trust[:, None]
            seen = (face.landmarks - offset) / scale
            visible = weight.copy()
            visible[:468] *= np.clip(facing(face.landmarks, mesh), 0.0, 1.0) ** 2 + 0.02
            normal += visible[:, None, None] * (rows.T @ (matrix / scale))
            right += visible[:, None] * (seen @ rows)
        shape = np.linalg.solve(normal + 1e-9 * np.eye(3), right[..., None])[..., 0]
        shape = _aligned(shape, mesh)
    return shape


def frontality(faces: Sequence[Face]) -> np.ndarray:
    """(n, 478) how much each view should count for its person's shape: the more it faces the camera, the more."""
    ahead = [face.pose[2, 2] / np.cbrt(np.linalg.det(face.pose[:, :3])) for face in faces]
    angles = np.arccos(np.clip(ahead, -1.0, 1.0))
    return np.repeat((np.exp(-_FRONTAL * angles**2) + 0.01)[:, None], 478, 1)


def _broadcast(weights: np.ndarray) -> np.ndarray:
    return np.repeat(np.maximum(weights, 1e-9)[:, :, None], 3, 2)


def fit_pose(shape: np.ndarray, points: np.ndarray, rigid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """scale * rotation (3, 3) and offset (3,) that bring a shape's rigid points onto a face. Source: Umeyama 1991."""
    x, y = shape[rigid], points[rigid]
    mx, my = x.mean(0), y.mean(0)
    u, s, vt = np.linalg.svd((y - my).T @ (x - mx))
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    matrix = (u * flip) @ vt * ((s * flip).sum() / ((x - mx) ** 2).sum())
    return matrix, my - matrix @ mx


def _aligned(shape: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """Turned and scaled back onto the canonical rigid points, so that differences of people are of shape alone."""
    matrix, offset = fit_pose(shape, mesh.canonical, mesh.rigid)
    return shape @ matrix.T + offset


def fit_size(performer: np.ndarray, rest: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """The performer's shape at the size that suits the plate actor's head.

    Two measures of a face's size disagree where proportions do: its rigid points (both shapes share those already) and
    the distance of its eyes, by which a viewer judges. The size used lies half way, about the rigid points' centre.

    Args:
        performer, rest: (478, 3) canonical.

    Source: ours; error to ground truth on s010 / s020, part of the untouched plate's: rigid alone 0.83 / 0.71, eyes
        alone 0.73 / 0.86, half way 0.78 / 0.77.
    """
    his, theirs = ([shape[mesh.loops[eye]].mean(0) for eye in ("eye_l", "eye_r")] for shape in (performer, rest))
    by_eyes = np.linalg.norm(theirs[1] - theirs[0]) / np.linalg.norm(his[1] - his[0])
    centre = performer[mesh.rigid].mean(0)
    return (performer - centre) * (1.0 + by_eyes) / 2.0 + centre


def plate_rest(track: FaceTrack, mesh: FaceMesh, neutral_frame: int | None) -> np.ndarray:
    """The plate actor's face at rest, (478, 3) canonical: lips where they are closed, lids where they are open.

    Args:
        neutral_frame: the artist's word for a frame at rest; None looks through the shot.
    """
    numbers = [int(n) for n, status in zip(track.numbers, track.status, strict=True) if status != "lost"]
    if neutral_frame is not None:
        numbers = [int(neutral_frame)]
    faces = [track.face(n) for n in numbers]
    points = np.stack([to_canonical(f) for f in faces])
    below, around_eyes = _region_masks(mesh)
    lips = np.linalg.norm(points[:, 13] - points[:, 14], axis=1)
    lids = np.mean([np.linalg.norm(points[:, a] - points[:, b], axis=1) for a, b in ((159, 145), (386, 374))], 0)
    closed = np.exp(-(((lips - lips.min()) / 0.02) ** 2))
    open_ = np.exp(-(((lids - np.quantile(lids, 0.75)) / 0.015) ** 2)) + 1e-3
    weights = np.ones((len(faces), 478))
    weights *= 1.0 + below[None] * (closed[:, None] - 1.0)
    weights *= 1.0 + around_eyes[None] * (open_[:, None] - 1.0)
    return rest_shape(faces, weights, mesh)


def _region_masks(mesh: FaceMesh) -> tuple[np.ndarray, np.ndarray]:
    """(478,) each in [0, 1]: the lower face that lips and jaw move; the lids."""
    x = mesh.canonical
    below = np.clip((x[:, 1] - 0.35) / 0.2, 0.0, 1.0)
    eyes = [x[mesh.loops[name]] for name in ("eye_l", "eye_r")]
    gap = np.min([np.linalg.norm(x[:, None, :2] - eye[None, :, :2], axis=2).min(1) for eye in eyes], 0)
    around_eyes = np.clip(1.0 - gap / 0.12, 0.0, 1.0)
    below[468:] = 0.0
    return below, around_eyes


def target_points(
    face: Face, rest: np.ndarray, performer: np.ndarray, mesh: FaceMesh, amounts: tuple[float, float]
) -> np.ndarray:
    """Where the performer's mesh lies on this frame: his proportions, the plate's pose and expression.

    Args:
        rest: the plate actor's, performer: the performer's rest shape, (478, 3) canonical.
        amounts: (shape, expression): 0 keeps the plate actor's proportions; 1 is the plate's own expression.

    Returns:
        (478, 3) plate pixels.
    """
    shape, expression = amounts
    now = to_canonical(face)
    moved = rest + expression * (now - rest)
    target = moved + shape * (performer - rest)
    target = target + shape * _lid_correction(moved, rest, performer, mesh)
    # What the pose fit left over is motion too; it stays.
    return to_plate(target, face)


def _lid_correction(now: np.ndarray, rest: np.ndarray, performer: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """Lids open in proportion: a closed eye stays closed on a performer with larger eyes. (478, 3) canonical."""
    correction = np.zeros_like(now)
    for name in ("eye_l", "eye_r"):
        ring = mesh.loops[name]
        lower, upper = ring[1:8], ring[9:16][::-1]
        gap, gap_rest = now[upper] - now[lower], rest[upper] - rest[lower]
        gap_performer = performer[upper] - performer[lower]
        ratio = np.linalg.norm(gap, axis=1).mean() / max(np.linalg.norm(gap_rest, axis=1).mean(), 1e-6)
        wanted = gap_performer * min(ratio, 1.3)
        change = wanted - (gap + gap_performer - gap_rest)
        for points, share in ((upper, 0.8), (lower, -0.2)):
            reach = np.linalg.norm(mesh.canonical[:468, None, :2] - mesh.canonical[None, points, :2], axis=2)
            pull = np.exp(-0.5 * (reach / _LID_SPREAD) ** 2) / _LID_SPREAD
            pull /= np.maximum(pull.sum(1, keepdims=True), 1.0 / _LID_SPREAD)
            side = np.ones(468)
            side[lower if share > 0 else upper] = 0.0
            correction[:468] += share * side[:, None] * (pull @ change)
    return correction
