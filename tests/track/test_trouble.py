"""Trouble before the camera: a hand in front of the face, flicker, lost and doubled frames, a camera that rolls."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ff_vfx.track import track_plate
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.solve import Solve
from tests.track.shots import MESH_68, MemoryPlate, picture_of, truth_of

POST = TrackSettings()


def _plate(pictures: list[np.ndarray]) -> MemoryPlate:
    made = {1001 + k: (lambda p=p: p) for k, p in enumerate(pictures)}
    return MemoryPlate(made, (512, 512))  # type: ignore[arg-type]


def _with_a_bar(picture: np.ndarray, row: int, width: float, speed: float, start: float) -> np.ndarray:
    """A skin-coloured, shaded, grainy bar with a soft edge."""
    y, x = np.mgrid[:512, :512].astype(np.float32)
    away = np.abs(x - start - speed * row + 0.15 * (y - 256.0))
    share = np.clip((width / 2.0 - away) / 4.0 + 0.5, 0.0, 1.0)[..., None]
    skin = np.array([0.42, 0.27, 0.19]) * (1.0 - 0.35 * (2.0 * away / width) ** 2)[..., None]
    skin = skin + np.random.default_rng(row).normal(size=skin.shape) * np.sqrt(8e-5 * np.maximum(skin, 0.0) + 4e-6)
    return (picture * (1.0 - share) + skin * share).astype(np.float32)


def _off(track: FaceTrack, clean: FaceTrack, truth: np.ndarray) -> np.ndarray:
    """(n,) px rms of the 68 points; the constant offset of the two tables of landmarks is the clean solve's."""
    bias = (clean.landmarks[:, MESH_68, :2] - truth).mean(0)
    return np.sqrt(((track.landmarks[:, MESH_68, :2] - truth - bias) ** 2).sum(-1).mean(1))


@pytest.mark.parametrize(
    ("shot", "width", "speed", "start", "worst"),
    [("s010", 30, 25, 100, 1.5), ("s010", 60, 25, 100, 1.7), ("s020", 60, 25, 100, 1.5), ("s020", 60, -25, 430, 1.5)],
)
def test_a_hand_before_the_face_does_not_drag_it(engines, solves: dict[str, Solve], shot, width, speed, start, worst):
    clean, truth = solves[shot].tracks[0], truth_of(shot)[0]
    pictures = [_with_a_bar(picture_of(shot, 1001 + k), k, width, speed, start) for k in range(16)]
    solve = track_plate(_plate(pictures), POST, engines)
    (track,) = solve.tracks
    assert solve.cuts == () and set(track.status) == {"tracked"}
    off, usual = _off(track, clean, truth), _off(clean, clean, truth)
    assert np.sqrt((off**2).mean() / (usual**2).mean()) <= worst, (off.round(1), usual.round(1))
    assert np.abs(np.diff(off)).max() < 2.0, "no jump where it begins or ends"


@pytest.mark.parametrize("stops", [0.15, 0.5])
def test_flicker_of_the_light_does_not_move_the_face(engines, solves: dict[str, Solve], stops):
    gains = 2.0 ** np.random.default_rng(0).uniform(-stops, stops, 16)
    pictures = [(picture_of("s010", 1001 + k) * gain).astype(np.float32) for k, gain in enumerate(gains)]
    solve = track_plate(_plate(pictures), POST, engines)
    clean, truth = solves["s010"].tracks[0], truth_of("s010")[0]
    assert solve.cuts == () and len(solve.tracks) == 1
    assert _off(solve.tracks[0], clean, truth).mean() <= 1.05 * _off(clean, clean, truth).mean()


@pytest.mark.parametrize(
    "rows", [[0, 1, 2, 3, 6, 7, 8, 11, 12, 13, 14, 15], [0, 1, 2, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10, 10, 11]]
)
def test_lost_and_doubled_frames_are_followed_and_are_no_cut(engines, solves: dict[str, Solve], rows):
    solve = track_plate(_plate([picture_of("s020", 1001 + k) for k in rows]), POST, engines)
    (track,) = solve.tracks
    assert solve.cuts == () and set(track.status) == {"tracked"}
    clean = solves["s020"].tracks[0]
    apart = track.landmarks[:, :468, :2] - clean.landmarks[rows, :468, :2]
    assert np.sqrt((apart**2).sum(-1).mean()) < 1.2


def test_a_camera_that_rolls_from_the_first_frame_is_no_cut(engines, shots):
    pictures = []
    for k in range(6):
        turn = cv2.getRotationMatrix2D((255.5, 255.5), 10.0 * k, 1.0)
        pictures.append(cv2.warpAffine(picture_of("s010", 1001 + k), turn, (512, 512), borderMode=cv2.BORDER_REPLICATE))
    solve = track_plate(_plate(pictures), TrackSettings(crop_variants=2), engines)
    assert solve.cuts == () and [t.status for t in solve.tracks] == [("tracked",) * 6]
