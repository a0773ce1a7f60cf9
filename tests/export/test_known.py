"""What of a track is handed on."""

import numpy as np
import pytest

from ff_vfx.errors import BadInput, FaceNotFound
from ff_vfx.export import known_track
from tests.export.made import ASPECT, FIRST, HELD, LOST, made_known, made_solve, made_track


def test_lost_frames_are_left_out_and_held_ones_named():
    known = made_known()
    assert known.held == HELD and known.lost == LOST
    assert sorted({*known.numbers.tolist(), *LOST}) == list(range(FIRST, FIRST + 16))
    assert np.isfinite(known.points).all() and np.isfinite(known.crops).all()


def test_the_offset_moves_every_number_and_nothing_else():
    plain, moved = made_known(), made_known(offset=-1001)
    assert (moved.numbers == plain.numbers - 1001).all() and moved.span == (0, 15)
    assert moved.held == (3, 4) and moved.lost == (8, 9, 10)
    assert (moved.points == plain.points).all()


def test_the_pixel_aspect_is_read_back_from_the_crops():
    assert made_known().pixel_aspect == pytest.approx(ASPECT, abs=1e-4)


def test_a_row_is_asked_for_by_the_plates_own_number():
    known = made_known(offset=-1001)
    assert known.numbers[known.row(1012)] == 11
    with pytest.raises(
        BadInput, match=r"reference 1010: face0 has no face on that frame; choose one of 1001-1008, 1012"
    ):
        known.row(1010)


def test_presence_is_level_over_every_stretch_by_two_keys_at_each_end():
    assert made_known().presence() == [
        (1001, 1), (1002, 1), (1007, 1), (1008, 1), (1009, 0), (1010, 0), (1011, 0), (1012, 1), (1013, 1), (1015, 1),
        (1016, 1),
    ]  # fmt: skip
    assert made_known(lost=()).presence() == []


def test_a_single_frame_between_losses_has_one_key():
    known = made_known(frames=5, lost=(1001, 1002, 1004, 1005), held=())
    assert known.presence() == [(1001, 0), (1002, 0), (1003, 1), (1004, 0), (1005, 0)]


def test_somebody_who_is_never_there_cannot_be_exported():
    track = made_track(frames=2, lost=(1001, 1002))
    with pytest.raises(FaceNotFound, match="nothing to export"):
        known_track(made_solve(track), track)
