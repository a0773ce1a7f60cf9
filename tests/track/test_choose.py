"""Whose face."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.errors import BadInput, FaceNotFound
from ff_vfx.track import choose_track, track_plate
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings
from tests.track.made import made_solve, made_track
from tests.track.shots import MemoryPlate, frame_of, grey, paste, picture_of

PLATE = MemoryPlate({1001: lambda: grey(8, 8)}, (8, 8))
LEFT = made_track("face0", lost=(5, 6, 7, 8))
RIGHT = replace(made_track("face1"), landmarks=made_track().landmarks + (150.0, 20.0, 0.0))
PAIR = made_solve(LEFT, RIGHT)


def test_nothing_said_is_the_largest_for_longest():
    assert choose_track(PAIR, PLATE, "").name == "face1"


def test_a_number_counts_from_the_left():
    assert choose_track(PAIR, PLATE, "0").name == "face0"
    assert choose_track(PAIR, PLATE, "1").name == "face1"
    with pytest.raises(FaceNotFound, match="face 2: the shot has 2; count from 0 at the left, up to 1"):
        choose_track(PAIR, PLATE, "2")


def test_a_pixel_is_the_nearest():
    assert choose_track(PAIR, PLATE, "340, 200").name == "face1"
    assert choose_track(PAIR, PLATE, "10.5,200").name == "face0"


def test_a_name_is_itself():
    assert choose_track(PAIR, PLATE, "face1").name == "face1"


def test_nobody_is_told_with_the_remedy():
    with pytest.raises(FaceNotFound, match="no face on any frame; lower track.confidence"):
        choose_track(replace(made_solve(), tracks=()), PLATE, "")


def test_anything_else_is_told():
    with pytest.raises(BadInput, match="give nothing, a number from the left"):
        choose_track(PAIR, PLATE, "no/such/file.png")


def test_a_picture_from_the_shot_finds_its_person(engines, shots, tmp_path):
    def frame(k: int) -> np.ndarray:
        canvas = paste(grey(256, 520), picture_of("s010", 1001 + k), 0, 0, 0.5)
        return paste(canvas, picture_of("s020", 1001 + k), 262, 0, 0.5)

    plate = MemoryPlate({k: (lambda k=k: frame(k)) for k in range(3)}, (520, 256))  # type: ignore[misc]
    solve = track_plate(plate, TrackSettings(crop_variants=2), engines)
    for shot, name in (("s010", "0"), ("s020", "1")):
        path = tmp_path / f"{shot}.exr"
        path.write_bytes(b"read by the function given")

        def read(_: Path, shot: str = shot) -> Frame:
            return frame_of(picture_of(shot, 1009))

        chosen = choose_track(solve, plate, str(path), engines, open_still=read)
        assert chosen is choose_track(solve, plate, name, engines)
    with pytest.raises(BadInput, match="a picture needs the networks and a reader"):
        choose_track(solve, plate, str(path))
