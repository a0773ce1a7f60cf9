"""Pictures of how sure steadying was."""

from __future__ import annotations

import numpy as np

from ff_vfx.image.overlay import ArtistsSay, FrameDoubt, doubt_colours, doubt_curves, doubt_overlay

TOLD = FrameDoubt(1001, {"face": 0.6, "eyes": 0.1, "mouth": 0.4, "votes": 3.0}, "drawn")


def test_sure_is_blue_and_unsure_is_orange():
    unsure, sure = doubt_colours(np.array([[0.0, 1.0]], np.float32))[0]
    assert unsure[0] > unsure[2] and sure[2] > sure[0]


def test_what_is_not_covered_is_shown_as_it_is_and_the_numbers_stand_below():
    picture = np.full((60, 300, 3), 100, np.uint8)
    coverage = np.zeros((60, 300), np.float32)
    coverage[:, :100] = 1.0
    shown = doubt_overlay(picture, np.zeros_like(coverage), coverage, TOLD)
    assert shown.shape == (118, 300, 3) and (shown[:60, 100:] == 100).all()
    assert (shown[:60, :100] != 100).any() and (picture == 100).all()
    assert (shown[60:] > 150).any(), "legend and numbers"


def test_curves_of_one_frame_and_of_a_shot_with_holes_and_marks_are_drawn():
    shot = [TOLD, FrameDoubt(1002), FrameDoubt(1003, TOLD.told, "carried")]
    for frames in ([TOLD], [FrameDoubt(7)], shot):
        assert doubt_curves(frames, ArtistsSay()).shape == (650, 1280, 3)
    said = doubt_curves(shot, ArtistsSay({1001: 1.0, 1002: 0.0, 1003: 1.0}, (1003,)))
    assert (said != doubt_curves(shot, ArtistsSay())).any()
