"""A made-up person who turns, is held for two frames and lost for three, on a plate whose pixels are not square."""

from __future__ import annotations

import numpy as np

from ff_vfx.export import Known, known_track
from ff_vfx.track.pose import crop_from, fit_pose, placement
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.solve import Grain, Solve

ASPECT = 2.0
FIRST = 1001
HELD, LOST = (1004, 1005), (1009, 1010, 1011)
WORST_PX = 0.01


def made_track(frames: int = 16, name: str = "face0", held=HELD, lost=LOST) -> FaceTrack:
    rng = np.random.default_rng(11)
    numbers = np.arange(FIRST, FIRST + frames)
    points = np.empty((frames, 478, 3))
    for row in range(frames):
        angle = 0.03 * row
        turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        points[row] = face_mesh().canonical @ turn.T * (311.7 + row) + (811.3 + 3.1 * row, 533.9 - 1.7 * row, 0.0)
    points = np.round((points + rng.normal(0, 0.3, points.shape)) / (ASPECT, 1.0, 1.0), 4)
    pose = np.round([fit_pose(p, ASPECT) for p in points], 6)
    crop = np.round([crop_from(placement(p, ASPECT), ASPECT) for p in pose], 6)
    status = ["lost" if n in lost else "held" if n in held else "tracked" for n in numbers.tolist()]
    gone = np.array([s == "lost" for s in status])
    points[gone] = pose[gone] = crop[gone] = np.nan
    there = (~gone).astype(float)
    reasons = tuple("" if s == "tracked" else "no face above confidence 0.50" for s in status)
    return FaceTrack(name, numbers, tuple(status), reasons, there, there, points, points.copy(), pose, crop)


def made_solve(*tracks: FaceTrack) -> Solve:
    return Solve("plate-key", "settings-key", (914, 1107), "ACEScg", tracks or (made_track(),), grain=Grain())


def made_known(offset: int = 0, **more) -> Known:
    track = made_track(**more)
    return known_track(made_solve(track), track, offset)
