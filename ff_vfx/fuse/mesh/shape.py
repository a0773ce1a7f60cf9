"""Whose proportions, whose pose: where the performer's mesh lies on the plate's face. Read by the mesh fuser.

Everything here is on (478, 3) point arrays in canonical space (see FaceMesh) or plate pixels; no pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ff_vfx.fuse.mesh.expression import separate
from ff_vfx.image.fit import similarity
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.face_mesh import FaceMesh
from ff_vfx.types.face_modes import face_modes

_FRONTAL = 20.0  # how firmly frontal views decide a shape, per squared radian: the network is truest from the front
_BY_EYES = 0.67  # see fit_size
_SHUT = 0.25  # of an open eye: what the network still sees open in a shut one (0.2-0.4 on our shots)
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


def frontality(faces: Sequence[Face]) -> np.ndarray:
    """(n,) how much each view should count for its person's shape: the more it faces the camera, the more."""
    ahead = [face.pose[2, 2] / np.cbrt(np.linalg.det(face.pose[:, :3])) for face in faces]
    angles = np.arccos(np.clip(ahead, -1.0, 1.0))
    weights: np.ndarray = np.exp(-_FRONTAL * angles**2) + 0.01
    return weights


def fit_pose(shape: np.ndarray, points: np.ndarray, rigid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """scale * rotation (3, 3) and offset (3,) that bring a shape's rigid points onto a face. Source: Umeyama 1991."""
    return similarity(shape[rigid], points[rigid])


def fit_size(performer: np.ndarray, rest: np.ndarray, mesh: FaceMesh) -> np.ndarray:
    """The performer's shape at the size that suits the plate actor's head.

    Two measures of a face's size disagree where proportions do: its rigid points (both shapes share those already) and
    the distance of its eyes, by which a viewer judges. The size used is nearer the eyes', about the rigid points.

    Args:
        performer, rest: (478, 3) canonical.

    Source: ours, by trial; error to ground truth on s010 / s020, part of the untouched plate's: rigid points alone
        0.91 / 0.73, half way 0.81 / 0.82, eyes alone 0.71 / 0.91. Which size a head wants is a matter of the head:
        FuseSettings.scale is there for that.
    """
    his, theirs = ([shape[mesh.loops[eye]].mean(0) for eye in ("eye_l", "eye_r")] for shape in (performer, rest))
    by_eyes = np.linalg.norm(theirs[1] - theirs[0]) / np.linalg.norm(his[1] - his[0])
    centre = performer[mesh.rigid].mean(0)
    return (performer - centre) * (1.0 + _BY_EYES * (by_eyes - 1.0)) + centre


def performer_rest(faces: Sequence[Face]) -> np.ndarray:
    """The performer's shape, (478, 3) canonical, from stills in which he is believed at rest."""
    shapes = np.stack([to_canonical(face) for face in faces])
    return separate(shapes, frontality(faces), face_modes(), at_rest=True)[0]


def plate_rest(track: FaceTrack, neutral_frame: int | None) -> np.ndarray:
    """The plate actor's face at rest, (478, 3) canonical, though he may smile all through the shot.

    Args:
        neutral_frame: the artist's word for a frame at rest; None looks at the whole shot.
    """
    numbers = [int(n) for n, status in zip(track.numbers, track.status, strict=True) if status != "lost"]
    told = neutral_frame in numbers
    faces = [track.face(n) for n in numbers if not told or n == neutral_frame]
    shapes = np.stack([to_canonical(face) for face in faces])
    return separate(shapes, frontality(faces), face_modes(), at_rest=told)[0]


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
        wanted = gap_performer * np.clip((ratio - _SHUT) / (1.0 - _SHUT), 0.0, 1.3)
        change = wanted - (gap + gap_performer - gap_rest)
        for points, share in ((upper, 0.8), (lower, -0.2)):
            reach = np.linalg.norm(mesh.canonical[:468, None, :2] - mesh.canonical[None, points, :2], axis=2)
            pull = np.exp(-0.5 * (reach / _LID_SPREAD) ** 2) / _LID_SPREAD
            pull /= np.maximum(pull.sum(1, keepdims=True), 1.0 / _LID_SPREAD)
            side = np.ones(468)
            side[lower if share > 0 else upper] = 0.0
            correction[:468] += share * side[:, None] * (pull @ change)
    return correction
