"""ff_vfx.fuse.mesh.shape: whose proportions, whose pose."""

import numpy as np
import pytest

from ff_vfx.fuse.mesh.shape import (
    facing,
    fit_pose,
    fit_size,
    performer_rest,
    plate_rest,
    target_points,
    to_canonical,
    to_plate,
)
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.face_modes import face_modes
from tests.synthetic import posed_face, track_of

MESH = face_mesh()


def longer_jaw(amount: float = 0.1) -> np.ndarray:
    shape = MESH.canonical.copy()
    shape[:, 1] += amount * np.clip(shape[:, 1] - 0.4, 0, None)
    return shape


def closed_lids(shape: np.ndarray, left_open: float) -> np.ndarray:
    moved = shape.copy()
    for name in ("eye_l", "eye_r"):
        ring = MESH.loops[name]
        lower, upper = ring[1:8], ring[9:16][::-1]
        moved[upper] = moved[lower] + left_open * (moved[upper] - moved[lower])
    return moved


def test_removing_and_giving_back_a_pose_is_nothing():
    face = posed_face(yaw=0.4)
    assert np.allclose(to_plate(to_canonical(face), face), face.landmarks)


def test_a_pose_is_found_from_rigid_points_alone():
    face = posed_face(closed_lids(MESH.canonical, 0.0), yaw=0.3)
    matrix, offset = fit_pose(MESH.canonical, face.landmarks, MESH.rigid)
    assert np.allclose(matrix, face.pose[:, :3], atol=0.5) and np.allclose(offset, face.pose[:, 3], atol=1.0)


def test_the_nose_looks_at_the_camera_and_a_turned_cheek_does_not():
    ahead, turned = facing(posed_face().landmarks, MESH), facing(posed_face(yaw=0.9).landmarks, MESH)
    assert ahead[4] > 0.3 and ahead.mean() > 0.4
    assert min(turned[234], turned[454]) < 0.0 < max(turned[234], turned[454])


def test_with_no_shape_the_plates_own_points_come_back():
    face = posed_face(yaw=0.2)
    target = target_points(face, MESH.canonical, longer_jaw(), MESH, (0.0, 1.0))
    assert np.allclose(target, face.landmarks, atol=1e-9)


def test_the_performers_jaw_is_carried():
    face = posed_face()
    target = target_points(face, MESH.canonical, longer_jaw(), MESH, (1.0, 1.0))
    assert target[152, 1] - face.landmarks[152, 1] == pytest.approx(
        60.0 * 0.1 * (MESH.canonical[152, 1] - 0.4), rel=0.01
    )


def test_a_blink_closes_a_performers_larger_eyes_too():
    large = closed_lids(MESH.canonical, 1.6)
    blink = posed_face(closed_lids(MESH.canonical, 0.05))
    target = target_points(blink, MESH.canonical, large, MESH, (1.0, 1.0))
    gap = np.linalg.norm(target[159, :2] - target[145, :2])
    open_gap = 60.0 * np.linalg.norm(large[159] - large[145])
    assert gap < 0.2 * open_gap


def test_an_actor_who_smiles_all_through_is_not_taken_for_a_smiling_face():
    modes = face_modes()
    smile = modes.mean + 1.5 * modes.expression[1]
    rest = plate_rest(track_of({n: posed_face(smile) for n in range(1, 5)}), None)
    left = np.linalg.norm((rest - modes.mean)[:468])
    assert left < 0.5 * np.linalg.norm((smile - modes.mean)[:468])


def test_a_neutral_frame_of_the_artist_is_believed():
    modes = face_modes()
    open_ = modes.mean + 2.0 * modes.expression[0]
    track = track_of({n: posed_face(modes.mean if n == 3 else open_) for n in range(1, 9)})
    lips = lambda shape: np.linalg.norm(shape[14] - shape[13])  # noqa: E731
    assert abs(lips(plate_rest(track, 3)) - lips(modes.mean)) < 0.2 * abs(lips(open_) - lips(modes.mean))


def test_the_performers_own_proportions_survive_the_model():
    shape = longer_jaw(0.15)
    found = performer_rest([posed_face(shape, yaw=yaw) for yaw in (-0.4, 0.0, 0.4)])
    assert np.linalg.norm((found - shape)[:468], axis=1).mean() < 0.01


def test_a_face_of_the_same_proportions_keeps_its_size():
    assert np.allclose(fit_size(MESH.canonical, MESH.canonical, MESH), MESH.canonical)
