"""Rotation, scale and crop from points."""

from __future__ import annotations

import numpy as np

from ff_vfx.image.fit import similarity
from ff_vfx.track.pose import angles_deg, aspect_of, crop_from, fit_pose, placement
from ff_vfx.types.face_mesh import face_mesh


def _turned(yaw_deg: float, roll_deg: float = 0.0) -> np.ndarray:
    yaw, roll = np.radians((yaw_deg, roll_deg))
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return tilt @ turn


def test_a_known_pose_is_found_exactly():
    pose = np.concatenate([150.0 * _turned(20.0, 8.0), [[300.0], [200.0], [10.0]]], 1)
    points = face_mesh().canonical @ pose[:, :3].T + pose[:, 3]
    assert np.allclose(fit_pose(points), pose, atol=1e-9)
    yaw, _, roll = angles_deg(pose)
    assert abs(yaw - 20.0) < 0.5 and abs(roll - 8.0) < 0.5


def test_a_moved_jaw_does_not_move_the_pose():
    points = face_mesh().canonical * 100.0
    opened = points.copy()
    jaw = [152, 148, 377, 17, 14, 87, 317]
    opened[jaw, 1] += 15.0
    assert np.allclose(fit_pose(opened), fit_pose(points), atol=1e-9)


def test_squeezed_pixels_come_back_from_the_crop():
    points = face_mesh().canonical * 100.0 + (400.0, 300.0, 0.0)
    squeezed = points / (2.0, 1.0, 1.0)
    pose = fit_pose(squeezed, 2.0)
    assert np.allclose(pose[0] * 2.0, fit_pose(points)[0])
    crop = crop_from(placement(pose, 2.0), 2.0)
    assert abs(aspect_of(crop) - 2.0) < 1e-9
    assert np.allclose(crop[0] * 2.0, crop_from(placement(fit_pose(points)))[0])


def test_a_mirrored_answer_is_never_given():
    points = np.random.default_rng(1).normal(size=(40, 3))
    matrix, _ = similarity(points, points * (1.0, 1.0, -1.0))
    assert np.linalg.det(matrix) > 0.0
