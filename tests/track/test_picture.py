"""Pictures for people."""

from __future__ import annotations

import numpy as np

from ff_vfx.track import overlay, track_sheet
from ff_vfx.track.picture import jitter
from tests.track.made import made_track

SHOWN = np.full((360, 400, 3), 90, np.uint8)


def test_an_overlay_draws_on_a_copy():
    face = made_track().face(1001)
    drawn = overlay(SHOWN, face)
    assert drawn.shape == SHOWN.shape and drawn.dtype == np.uint8
    assert (SHOWN == 90).all() and (drawn != 90).any()
    x, y = face.landmarks[159, :2].astype(int)
    assert (drawn[y - 2 : y + 3, x - 2 : x + 3] != 90).any()


def test_a_frame_without_a_face_says_why():
    assert (overlay(SHOWN, None, "the face has left the picture")[:60] != 90).any()
    assert not (overlay(SHOWN, None, "")[120:] != 90).any()


def test_a_face_far_outside_the_picture_does_no_harm():
    track = made_track()
    track.landmarks[0] += 1e7
    assert overlay(SHOWN, track.face(1001)).shape == SHOWN.shape


def test_a_sheet_holds_frames_and_curves_and_missing_frames():
    track = made_track(lost=(3, 4))
    sheet = track_sheet(track, lambda n: None if n == 1002 else SHOWN, cuts=(1006,), shown=5, columns=3)
    assert sheet.dtype == np.uint8 and sheet.shape[1] == 1280 and sheet.shape[0] > 2 * 400


def test_a_sheet_of_one_frame_works():
    assert track_sheet(made_track(frames=1), lambda _: SHOWN).shape[1] == 1280


def test_jitter_of_straight_motion_is_nothing():
    found = jitter(made_track(lost=(8,)).landmarks)
    assert np.nanmax(found) < 1e-3 and np.isnan(found[[0, 7, 8]]).all()
