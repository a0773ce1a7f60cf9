"""A made-up solve, no pictures and no networks needed. Read by the tests of files and keyframes."""

from __future__ import annotations

import numpy as np

from ff_vfx.track.pose import crop_from, fit_pose, placement
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.solve import Grain, Solve


def made_track(name: str = "face0", frames: int = 9, lost: tuple[int, ...] = (), first: int = 1001) -> FaceTrack:
    rng = np.random.default_rng(5)
    drift = np.arange(frames)[:, None, None] * (1.5, -0.5, 0.0)
    points = np.round(face_mesh().canonical * 120.0 + (200.0, 180.0, 0.0) + drift, 4)
    raw = np.round(points + rng.normal(0, 0.4, points.shape), 4)
    pose = np.round([fit_pose(p) for p in points], 6)
    crop = np.round([crop_from(placement(p)) for p in pose], 6)
    for row in lost:
        points[row] = raw[row] = pose[row] = crop[row] = np.nan
    gone = ["lost" if k in lost else "tracked" for k in range(frames)]
    return FaceTrack(
        name,
        np.arange(first, first + frames),
        tuple(gone),
        tuple("no face above confidence 0.50" if s == "lost" else "" for s in gone),
        np.array([0.0 if s == "lost" else 0.9876 for s in gone]),
        np.array([0.0 if s == "lost" else 1.0 for s in gone]),
        points,
        raw,
        pose,
        crop,
    )


def made_solve(*tracks: FaceTrack, cuts: tuple[int, ...] = ()) -> Solve:
    return Solve(
        "plate-key", "settings-key", (400, 360), "ACEScg", tracks or (made_track(),), cuts, 0.7312,
        Grain((8e-5, 7.91e-5, 8.2e-5), (4e-6, 4e-6, 3.9e-6), 0.4987), (), (("ff_vfx", "0.1.0"),),
    )  # fmt: skip
