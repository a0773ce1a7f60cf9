"""Nouns check their shapes once, when they are made, and cannot be changed."""

import dataclasses

import numpy as np
import pytest
import torch

from ff_vfx.errors import BadInput, TrackLost
from ff_vfx.types.face import Face, FaceTrack
from ff_vfx.types.frame import Frame
from ff_vfx.types.identity import Identity
from ff_vfx.types.layer import Layer
from ff_vfx.types.window import Window

WINDOW = Window(0, 0, 4, 3)


def test_a_frame_whose_pixels_do_not_fit_its_window_is_refused():
    with pytest.raises(BadInput, match="do not fit the data window"):
        Frame(torch.zeros(3, 4, 4), 1, "ACEScg", WINDOW, WINDOW)


def test_a_frame_of_whole_numbers_is_refused():
    with pytest.raises(BadInput, match="float16 or float32"):
        Frame(torch.zeros(3, 3, 4, dtype=torch.uint8), 1, "ACEScg", WINDOW, WINDOW)


def test_a_frame_cannot_be_changed():
    frame = Frame(torch.zeros(4, 3, 4, dtype=torch.float16), -7, "ACEScg", WINDOW, WINDOW)
    with pytest.raises(dataclasses.FrozenInstanceError):
        frame.number = 8  # type: ignore[misc]


def test_a_layer_whose_coverage_does_not_fit_is_refused():
    with pytest.raises(BadInput, match="do not fit"):
        Layer(torch.zeros(3, 3, 4), torch.zeros(1, 3, 3), WINDOW, "ACEScg")


def test_a_face_with_too_few_points_is_refused():
    with pytest.raises(BadInput, match="do not fit"):
        Face(np.zeros((68, 3)), 1.0, np.zeros((3, 4)), np.eye(3))


def test_a_performer_without_stills_is_refused():
    with pytest.raises(BadInput, match="no stills"):
        Identity("c", ())


def track() -> FaceTrack:
    n = 2
    return FaceTrack(
        "face0", np.array([10, 11]), ("tracked", "lost"), ("", "hidden by a hand"), np.ones(n), np.ones(n),
        np.zeros((n, 478, 3)), np.zeros((n, 478, 3)), np.zeros((n, 3, 4)), np.zeros((n, 3, 3)),
    )  # fmt: skip


def test_a_track_gives_the_face_of_a_frame():
    assert track().face(10).status == "tracked"


def test_a_track_says_why_a_face_is_lost():
    with pytest.raises(TrackLost, match="frame 11: face0: hidden by a hand"):
        track().face(11)


def test_a_frame_outside_the_track_is_said_to_be_so():
    with pytest.raises(TrackLost, match="frame 12: outside the track"):
        track().face(12)
