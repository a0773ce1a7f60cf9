"""The plate's motion under a face, against true motion."""

from __future__ import annotations

import numpy as np

from ff_vfx.track import detect_faces
from ff_vfx.track.motion import displacement, flow_crop, flow_side
from ff_vfx.track.regions import firm_points
from ff_vfx.types.settings import TrackSettings
from tests.track.shots import frame_of, picture_of, truth_of


def test_true_motion_is_found_within_half_a_pixel_where_it_is_trusted(engines, shots):
    flow = truth_of("s010")[1]
    for row in (0, 6, 12):
        a, b = (frame_of(picture_of("s010", 1001 + row + k)) for k in (0, 1))
        before, after = (detect_faces(f, engines, TrackSettings(crop_variants=2))[0] for f in (a, b))
        side = flow_side(before)
        points = before.landmarks[:, :2]
        moved, trust = displacement(flow_crop(a, before, side), flow_crop(b, after, side), points)
        at = np.clip(points.astype(int), 0, 511)
        true = flow[row][at[:, 1], at[:, 0]].astype(np.float64)
        sure = np.intersect1d(np.flatnonzero(trust > 0.5), firm_points())
        assert len(sure) > 150
        assert np.median(np.linalg.norm(moved[sure] - true[sure], axis=1)) < 0.5


def test_a_frame_against_itself_does_not_move(engines, shots):
    frame = frame_of(picture_of("s010", 1003))
    face = detect_faces(frame, engines, TrackSettings(crop_variants=1))[0]
    crop = flow_crop(frame, face, 256)
    moved, trust = displacement(crop, crop, face.landmarks[:, :2])
    assert np.abs(moved).max() < 0.02 and trust.mean() > 0.9


def test_points_outside_the_crop_are_not_trusted(engines, shots):
    frame = frame_of(picture_of("s010", 1003))
    face = detect_faces(frame, engines, TrackSettings(crop_variants=1))[0]
    crop = flow_crop(frame, face, 128)
    moved, trust = displacement(crop, crop, np.array([[-900.0, 20.0], [1e6, 1e6]]))
    assert (trust == 0.0).all() and (moved == 0.0).all()
