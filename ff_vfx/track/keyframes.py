"""An artist's word, stronger than the tracker's. Read by `track_plate`, by whoever loads a solve, and by the door.

Applying a keyframe twice changes nothing the second time, so a file may be loaded, merged and saved again and again.
Taking one away needs a re-track: the file keeps what is shown, not what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ff_vfx.errors import BadInput
from ff_vfx.track.pose import aspect_of, crop_from, fit_pose, placement
from ff_vfx.track.regions import mesh_distance
from ff_vfx.types.face import LANDMARKS, FaceTrack
from ff_vfx.types.solve import Keyframe, Solve

DIGITS = 4  # of a pixel; the solve file keeps no more, and neither does memory
MATRIX_DIGITS = 6
_SPREAD = 0.12  # how far a correction reaches over the mesh, outer-eye distances


def merge_keyframes(solve: Solve, keyframes: Iterable[Keyframe]) -> Solve:
    """The solve with these keyframes added and applied; a later one on the same point and frame wins.

    Args:
        keyframes: positions in plate px; those of a track or frame that the solve lacks are kept and do nothing.

    Returns:
        A new solve. At its frame a keyed landmark lies exactly where the artist put it (to 1e-4 px); neighbours on the
        mesh and on the frames within reach follow smoothly, never across a cut or a lost frame.

    Raises:
        BadInput: a landmark number or position that cannot be.
    """
    merged: dict[tuple[str, int, int], Keyframe] = {}
    for key in (*solve.keyframes, *keyframes):
        checked = _checked(key)
        merged.pop((key.track, key.number, key.landmark), None)
        merged[key.track, key.number, key.landmark] = checked
    keys = tuple(sorted(merged.values(), key=lambda k: (k.track, k.number, k.landmark)))
    tracks = tuple(_keyed(track, [k for k in keys if k.track == track.name], solve.cuts) for track in solve.tracks)
    return replace(solve, tracks=tracks, keyframes=keys)


def unused_keyframes(solve: Solve) -> tuple[Keyframe, ...]:
    """Keyframes that do nothing because their track or frame is not in the solve; for a report to the artist."""
    known = {t.name: set(t.numbers.tolist()) for t in solve.tracks}
    return tuple(k for k in solve.keyframes if k.number not in known.get(k.track, set()))


def _checked(key: Keyframe) -> Keyframe:
    where = f"keyframe of {key.track} on frame {key.number}"
    if not 0 <= key.landmark < LANDMARKS:
        raise BadInput(f"{where}: landmark {key.landmark}; give one from 0 to {LANDMARKS - 1}")
    if not np.isfinite((key.x, key.y)).all() or max(abs(key.x), abs(key.y)) > 1e6:
        raise BadInput(f"{where}: position {key.x}, {key.y}; give plate pixels")
    if not 0 <= key.reach_frames <= 10_000:
        raise BadInput(f"{where}: reach_frames {key.reach_frames}; give 0 to 10000")
    return replace(key, x=round(float(key.x), DIGITS) + 0.0, y=round(float(key.y), DIGITS) + 0.0)


def _keyed(track: FaceTrack, keys: list[Keyframe], cuts: tuple[int, ...]) -> FaceTrack:
    row_of = {int(n): i for i, n in enumerate(track.numbers)}
    keys = [k for k in keys if k.number in row_of]
    if not keys or all(s == "lost" for s in track.status):
        return track
    keyed_rows = sorted({row_of[k.number] for k in keys})
    points = track.landmarks.copy()
    for row in keyed_rows:
        if track.status[row] == "lost":
            points[row] = _borrowed(track, row, [k for k in keys if row_of[k.number] == row])
    points = np.round(points + _corrections(points, keys, row_of, _takes(track.numbers, cuts)), DIGITS) + 0.0
    for key in keys:
        points[row_of[key.number], key.landmark, :2] = (key.x, key.y)
    return _rebuilt(track, points, keyed_rows)


def _takes(numbers: np.ndarray, cuts: tuple[int, ...]) -> np.ndarray:
    """(n,) which take each row is in."""
    return np.searchsorted(np.array(sorted(cuts), np.int64), numbers, side="right")


def _borrowed(track: FaceTrack, row: int, keys: list[Keyframe]) -> np.ndarray:
    """A whole face for a frame that has none: that of its neighbours, moved to where the keys are."""
    known = np.flatnonzero([s != "lost" for s in track.status])
    before, after = known[known < row], known[known > row]
    if len(before) and len(after):
        a, b = int(before[-1]), int(after[0])
        share = (row - a) / (b - a)
        face = (1.0 - share) * track.landmarks[a] + share * track.landmarks[b]
    else:
        face = track.landmarks[int(before[-1] if len(before) else after[0])].copy()
    marks = [k.landmark for k in keys]
    face[:, :2] += np.mean([(k.x, k.y) for k in keys], 0) - face[marks, :2].mean(0)
    return face


def _corrections(points: np.ndarray, keys: list[Keyframe], row_of: dict[int, int], takes: np.ndarray) -> np.ndarray:
    """(n, 478, 3): a smooth field that is each key's error at its own point and frame."""
    rows = np.array([row_of[k.number] for k in keys])
    marks = np.array([k.landmark for k in keys])
    wanted = np.array([(k.x, k.y) for k in keys]) - points[rows, marks, :2]
    reach = np.array([k.reach_frames for k in keys]) + 1.0
    over_mesh = np.exp(-0.5 * (mesh_distance()[marks] / _SPREAD) ** 2)  # (keys, 478)
    away = np.abs(np.arange(len(points))[None] - rows[:, None]) / reach[:, None]
    over_time = np.where(away < 1.0, 0.5 + 0.5 * np.cos(np.pi * np.minimum(away, 1.0)), 0.0)
    over_time[takes[None] != takes[rows][:, None]] = 0.0
    felt = over_time[:, rows].T * over_mesh[:, marks].T  # how key j moves key k's point
    pull = np.linalg.lstsq(felt, wanted, rcond=1e-8)[0]
    field = np.zeros_like(points)
    field[..., :2] = np.einsum("kn,kp,kc->npc", over_time, over_mesh, pull)
    return field


def _rebuilt(track: FaceTrack, points: np.ndarray, keyed_rows: list[int]) -> FaceTrack:
    status, reasons = list(track.status), list(track.reasons)
    pose, crop, weight = track.pose.copy(), track.crop_to_plate.copy(), track.weight.copy()
    aspect = aspect_of(track.crop_to_plate[[s != "lost" for s in track.status]][0])
    same = np.all((points == track.landmarks) | np.isnan(points), axis=(1, 2))
    for row in np.flatnonzero(~same).tolist():
        pose[row] = np.round(fit_pose(points[row], aspect), MATRIX_DIGITS) + 0.0
        if status[row] == "lost":
            crop[row] = np.round(crop_from(placement(pose[row], aspect), aspect), MATRIX_DIGITS) + 0.0
            weight[row] = 1.0
    for row in keyed_rows:
        status[row], reasons[row] = "keyframe", "set by hand"
    return replace(
        track,
        landmarks=points,
        pose=pose,
        crop_to_plate=crop,
        weight=weight,
        status=tuple(status),
        reasons=tuple(reasons),
    )
