"""A whole shot: steadier than the detector, no lag, and every trouble of a shot told in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ff_vfx.errors import FrameBroken, TrackLost
from ff_vfx.track import track_plate
from ff_vfx.track.gaps import steady
from ff_vfx.track.pose import placement
from ff_vfx.track.solve_file import solve_text
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Keyframe, Solve
from tests.track.shots import MESH_68, MemoryPlate, grey, head_of, paste, picture_of, shot_plate, truth_of

QUICK = TrackSettings(crop_variants=2, hold_frames=2, ramp_frames=2)
STILL_PARTS = [*range(0, 36), *range(48, 68)]  # of the 68: all but the eyes, whose blink is an event and not jitter
EYES = list(range(36, 48))


def _small(shot: str, number: int) -> Callable[[], np.ndarray]:
    return lambda: paste(grey(256, 256), picture_of(shot, number), 0, 0, 0.5)


def _off_truth(points: np.ndarray, shot: str) -> np.ndarray:
    return points[:, MESH_68, :2] - truth_of(shot)[0]


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).sum(-1).mean()))


@pytest.mark.parametrize("shot", ["s010", "s020"])
def test_jitter_is_at_most_half_the_detectors(solves: dict[str, Solve], shot):
    track = solves[shot].tracks[0]
    raw, smooth = (np.diff(_off_truth(p, shot)[:, STILL_PARTS], 2, axis=0) for p in (track.raw, track.landmarks))
    assert _rms(smooth) <= 0.5 * _rms(raw)


@pytest.mark.parametrize("shot", ["s010", "s020"])
def test_the_points_are_nearer_to_the_truth_than_the_detectors(solves: dict[str, Solve], shot):
    track = solves[shot].tracks[0]
    for part in (STILL_PARTS, EYES):
        raw, smooth = (_off_truth(p, shot)[:, part] for p in (track.raw, track.landmarks))
        assert _rms(smooth) <= _rms(raw)
        assert _rms(smooth - smooth.mean(0)) <= 1.001 * _rms(raw - raw.mean(0))


@pytest.mark.parametrize("shot", ["s010", "s020"])
def test_a_blink_keeps_its_frames_and_its_depth(solves: dict[str, Solve], shot):
    track, truth = solves[shot].tracks[0], truth_of(shot)[0]
    true = np.linalg.norm(truth[:, [37, 38, 43, 44]] - truth[:, [41, 40, 47, 46]], axis=-1).mean(1)
    pairs = ([159, 386], [145, 374])
    raw, smooth = (
        np.linalg.norm(p[:, pairs[0], :2] - p[:, pairs[1], :2], axis=-1).mean(1) for p in (track.raw, track.landmarks)
    )
    assert abs(int(smooth.argmin()) - int(true.argmin())) <= 1
    assert smooth.min() < 0.4 * np.median(smooth)
    assert np.abs(smooth - raw).max() < 1.0


@pytest.mark.parametrize("shot", ["s010", "s020"])
def test_the_crop_is_steadier_than_the_pose(solves: dict[str, Solve], shot):
    track = solves[shot].tracks[0]
    wanted = np.array([placement(p) for p in track.pose])
    centres = np.array([c[:2] @ (0.5, 0.5, 1.0) for c in track.crop_to_plate])
    assert _rms(np.diff(centres, 2, axis=0)) < 0.7 * _rms(np.diff(wanted[:, :2], 2, axis=0))
    assert np.abs(centres - steady(wanted, 2.0)[:, :2]).max() < 0.01


def test_a_clean_shot_is_tracked_on_every_frame(solves: dict[str, Solve]):
    for solve in solves.values():
        (track,) = solve.tracks
        assert set(track.status) == {"tracked"} and set(track.reasons) == {""}
        assert (track.weight == 1.0).all() and (track.confidence > 0.8).all() and solve.cuts == ()
        assert dict(solve.made_with).keys() >= {"ff_vfx", "opencv", "models"}
        assert 0.0 < solve.exposure_stops < 2.0


def test_the_grain_is_the_one_the_shot_was_given(solves: dict[str, Solve]):
    for solve in solves.values():
        for slope, floor in zip(solve.grain.slope, solve.grain.floor, strict=True):
            for value in (0.05, 0.2, 0.8):
                stops = 0.5 * np.log2((slope * value + floor) / (8e-5 * value + 4e-6))
                assert abs(stops) < 0.15
        assert abs(solve.grain.sigma_px - 0.5) < 0.05


def test_the_same_plate_gives_the_same_solve_and_progress_is_told(engines, shots):
    plate = MemoryPlate({n: _small("s010", n) for n in (1001, 1002, 1003)}, (256, 256))
    told: list[tuple[int, int]] = []
    texts = [
        solve_text(track_plate(plate, QUICK, engines, progress=lambda done, of: told.append((done, of))))
        for _ in range(2)
    ]
    assert texts[0] == texts[1]
    assert told[:3] == [(1, 3), (2, 3), (3, 3)]


def test_a_plate_without_a_face_gives_an_empty_solve(engines):
    solve = track_plate(MemoryPlate({n: lambda: grey(200, 300) for n in (1, 2, 3)}, (300, 200)), QUICK, engines)
    assert solve.tracks == () and solve.exposure_stops == 0.0


def test_one_frame_is_a_shot(engines, shots):
    (track,) = track_plate(MemoryPlate({7: _small("s010", 1001)}, (256, 256)), QUICK, engines).tracks
    assert track.face(7).status == "tracked"
    with pytest.raises(TrackLost, match="frame 8: outside the track face0"):
        track.face(8)


def test_a_broken_frame_is_held_from_both_sides_and_says_why(engines, shots):
    frames: dict[int, Callable[[], np.ndarray] | Exception] = {n: _small("s010", n) for n in range(1001, 1007)}
    whole = track_plate(MemoryPlate(frames, (256, 256)), QUICK, engines).tracks[0]
    frames[1003] = FrameBroken("frame 1003: the file is truncated; render it again")
    frames[1004] = lambda: np.full((256, 256, 3), np.nan, np.float32)
    held = track_plate(MemoryPlate(frames, (256, 256)), QUICK, engines).tracks[0]
    assert held.status[2:4] == ("held", "held")
    assert "truncated" in held.reasons[2] and "no face above confidence 0.50" in held.reasons[3]
    assert np.abs(held.landmarks[2:4, :, :2] - whole.landmarks[2:4, :, :2]).mean() < 1.0
    assert (held.weight == 1.0).all()
    assert np.isnan(held.raw[2]).all()


def test_a_long_gap_is_lost_and_fades_on_both_sides(engines, shots):
    frames: dict[int, Callable[[], np.ndarray] | Exception] = {n: _small("s010", n) for n in range(1001, 1013)}
    for n in (1005, 1006, 1007, 1008):
        frames[n] = lambda: grey(256, 256)
    solve = track_plate(MemoryPlate(frames, (256, 256)), QUICK.model_copy(update={"cut_threshold": 1.0}), engines)
    (track,) = solve.tracks
    assert track.status == ("tracked",) * 4 + ("lost",) * 4 + ("tracked",) * 4
    assert np.allclose(track.weight, [1, 1, 2 / 3, 1 / 3, 0, 0, 0, 0, 1 / 3, 2 / 3, 1, 1], atol=1e-3)
    with pytest.raises(TrackLost, match=r"frame 1006: face0: no face above confidence 0\.50"):
        track.face(1006)


def test_a_hard_cut_splits_the_take_and_the_people(engines, shots):
    frames = {n: _small("s010", 1000 + n) for n in (1, 2, 3, 4)} | {n: _small("s020", 1000 + n) for n in (5, 6, 7, 8)}
    solve = track_plate(MemoryPlate(frames, (256, 256)), QUICK, engines)
    assert solve.cuts == (5,)
    alone = track_plate(MemoryPlate({n: frames[n] for n in (5, 6, 7, 8)}, (256, 256)), QUICK, engines).tracks[0]
    after = next(t for t in solve.tracks if t.status[4] == "tracked")
    # Found from another start, the raw points differ by up to 0.32 px already.
    assert np.abs(after.landmarks[4:] - alone.landmarks).max() < 0.5, "a cut must not be smoothed over"


def _moving_pair(row: int, swap: bool = True) -> np.ndarray:
    """Two heads that pass each other, the first in front."""
    ahead, behind = 20.0 + 26.0 * row, 300.0 - 26.0 * row
    if not swap:
        ahead, behind = 20.0, 300.0
    canvas = grey(300, 560)
    for shot, x in (("s020", behind), ("s010", ahead)):
        number = 1001 + row
        canvas = paste(canvas, picture_of(shot, number), x, 20.0, 0.5, head_of(shot, number))
    return canvas


def _walk(track: FaceTrack) -> np.ndarray:
    return track.landmarks[:, :468, 0].mean(1)


def test_two_people_keep_their_names_when_they_cross(engines, shots):
    plate = MemoryPlate({k: (lambda k=k: _moving_pair(k)) for k in range(12)}, (560, 300))  # type: ignore[misc]
    solve = track_plate(plate, TrackSettings(crop_variants=2), engines)
    assert len(solve.tracks) == 2
    right = next(t for t in solve.tracks if _walk(t)[0] < 200)
    left = next(t for t in solve.tracks if _walk(t)[0] > 300)
    assert _walk(right)[-1] > 300 and _walk(left)[-1] < 200, (right.status, left.status)


def test_a_face_that_leaves_and_comes_back_is_the_same_person(engines, shots):
    def frame(k: int) -> np.ndarray:
        number = 1001 + k // 2
        x = -300.0 * np.sin(np.pi * k / 25.0)
        return paste(grey(256, 256), picture_of("s010", number), x, 0, 0.5, head_of("s010", number))

    plate = MemoryPlate({k: (lambda k=k: frame(k)) for k in range(26)}, (256, 256))  # type: ignore[misc]
    (track,) = track_plate(plate, QUICK, engines).tracks
    assert track.status[0] == track.status[-1] == "tracked" and "lost" in track.status
    assert {track.reasons[k] for k in range(26) if track.status[k] == "lost"} <= {
        "the face has left the picture",
        "no face above confidence 0.50",
    }


def test_somebody_who_is_found_late_is_traced_back(engines, shots):
    def frame(k: int) -> np.ndarray:
        canvas = paste(grey(256, 520), picture_of("s010", 1001 + k), 0, 0, 0.5)
        return canvas if k < 3 else paste(canvas, picture_of("s020", 1001 + k), 262, 0, 0.5)

    plate = MemoryPlate({k: (lambda k=k: frame(k)) for k in range(15)}, (520, 256))  # type: ignore[misc]
    solve = track_plate(plate, QUICK.model_copy(update={"cut_threshold": 1.0}), engines)
    assert len(solve.tracks) == 2
    assert solve.tracks[1].status == ("lost",) * 3 + ("tracked",) * 12


def test_a_keyframe_survives_a_second_tracking(engines, shots):
    plate = MemoryPlate({n: _small("s010", n) for n in range(1001, 1006)}, (256, 256))
    first = track_plate(plate, QUICK, engines)
    x, y = first.tracks[0].landmarks[2, 152, :2] + (4.0, 3.0)
    keyed = track_plate(plate, QUICK, engines, keyframes=[Keyframe("face0", 1003, 152, float(x), float(y), 2)])
    again = track_plate(plate, QUICK, engines, keyframes=keyed.keyframes)
    face = again.tracks[0].face(1003)
    assert np.allclose(face.landmarks[152, :2], (x, y), atol=1e-4) and face.status == "keyframe"
    assert solve_text(again) == solve_text(keyed)


def test_smoothing_can_be_switched_off(engines, shots):
    plate = MemoryPlate({n: _small("s010", n) for n in range(1001, 1004)}, (256, 256))
    (track,) = track_plate(plate, QUICK.model_copy(update={"smoother": "none"}), engines).tracks
    assert np.array_equal(track.landmarks, track.raw)


def test_nobody_writes_into_the_plate(engines, shots):
    plate = shot_plate("s010")
    kept = plate.read(1001)
    before = kept.pixels.clone()
    frozen = MemoryPlate({1: lambda: np.zeros((1, 1, 3))}, (512, 512))
    frozen.read = lambda number: kept  # type: ignore[method-assign]
    track_plate(frozen, QUICK, engines)
    assert bool((kept.pixels == before).all())
