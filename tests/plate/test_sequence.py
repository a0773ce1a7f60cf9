from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.errors import BadInput, FrameBroken, FrameMissing, PlateError, UnknownColourSpace
from ff_vfx.plate import open_plate, read_still
from tests.plate.making import DATA, box, noise, write_exr

S010 = DATA / "shots" / "s010"


def sequence(folder: Path, numbers: list[int], name: str = "p.{:04d}.exr") -> str:
    for n in numbers:
        write_exr(folder / name.format(n), channels={c: noise(6, 8, abs(n)) for c in "RGB"})
    return str(folder / "p.####.exr")


@pytest.mark.parametrize("token", ["####", "%04d", "$F4", "@@@@"])
def test_a_plate_opens_by_every_pattern(tmp_path: Path, token: str) -> None:
    sequence(tmp_path, [9, 10, 11])
    plate = open_plate(str(tmp_path / f"p.{token}.exr"))
    assert list(plate.numbers) == [9, 10, 11] and plate.size == (8, 6) and plate.colour_space == "ACEScg"
    assert [plate.read(n).number for n in (11, 9, 10)] == [11, 9, 10]


def test_mixed_padding_and_negative_numbers_are_one_plate(tmp_path: Path) -> None:
    sequence(tmp_path, [-2, 0, 1])
    write_exr(tmp_path / "p.-1.exr", channels={c: noise(6, 8, 77) for c in "RGB"})
    plate = open_plate(str(tmp_path / "p.####.exr"))
    assert list(plate.numbers) == [-2, -1, 0, 1]
    assert np.array_equal(plate.read(-1).pixels[0].numpy(), noise(6, 8, 77))
    assert plate.read(-2).number == -2


def test_a_hole_is_listed_and_fails_alone(tmp_path: Path) -> None:
    plate = open_plate(sequence(tmp_path, [1, 2, 4]))
    assert list(plate.numbers) == [1, 2, 3, 4]
    with pytest.raises(FrameMissing, match=r"frame 3: is missing from the sequence .*p\.####\.exr; render or copy it"):
        plate.read(3)
    with pytest.raises(FrameMissing, match="frame 9: is outside the plate 1-4"):
        plate.read(9)
    assert plate.read(4).number == 4


def test_a_file_that_vanished_after_opening_is_missing(tmp_path: Path) -> None:
    plate = open_plate(sequence(tmp_path, [1, 2]))
    (tmp_path / "p.0002.exr").unlink()
    with pytest.raises(FrameMissing, match=r"frame 2: .*p\.0002\.exr: is gone"):
        plate.read(2)


def test_a_frame_of_another_size_is_broken_a_moving_data_window_is_not(tmp_path: Path) -> None:
    pattern = sequence(tmp_path, [1])
    write_exr(tmp_path / "p.0002.exr", size=(9, 6))
    small = {c: noise(2, 3, 0) for c in "RGB"}
    windows: dict[str, Any] = {"dataWindow": box(-1, 2, 2, 4), "displayWindow": box(0, 0, 8, 6)}
    write_exr(tmp_path / "p.0003.exr", channels=small, **windows)
    plate = open_plate(pattern)
    with pytest.raises(
        FrameBroken, match=r"frame 2: .*: is 9x6, the sequence \(by p\.0001\.exr\) 8x6; render it again"
    ):
        plate.read(2)
    assert plate.read(3).data_window.x0 == -1


def test_the_first_readable_frame_speaks_for_a_plate_that_starts_broken(tmp_path: Path) -> None:
    pattern = sequence(tmp_path, [2])
    (tmp_path / "p.0001.exr").write_bytes(b"")
    plate = open_plate(pattern)
    assert plate.size == (8, 6)
    with pytest.raises(FrameBroken, match=r"frame 1: .*p\.0001\.exr: the file is empty \(0 bytes\)"):
        plate.read(1)
    (tmp_path / "p.0002.exr").write_bytes(b"")
    with pytest.raises(PlateError, match="frame 1: .*empty"):
        open_plate(pattern)


def test_nothing_there_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file in .* matches; check the name and the frame token"):
        open_plate(str(tmp_path / "p.####.exr"))
    with pytest.raises(BadInput, match="No such file or directory; check the path"):
        open_plate(str(tmp_path / "none" / "p.####.exr"))
    with pytest.raises(BadInput, match="no such file; name a file, a movie"):
        open_plate(str(tmp_path / "p.exr"))
    with pytest.raises(BadInput, match="still .*: no such file"):
        read_still(tmp_path / "p.exr")


def test_the_rate_is_the_headers_else_24(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", framesPerSecond=Fraction(30000, 1001))
    write_exr(tmp_path / "b.exr")
    assert open_plate(str(tmp_path / "a.exr")).rate == Fraction(30000, 1001)
    assert open_plate(str(tmp_path / "b.exr")).rate == 24


def test_a_single_file_is_a_plate_of_one_frame(tmp_path: Path) -> None:
    plate = open_plate(str(write_exr(tmp_path / "p.1007.exr")))
    assert list(plate.numbers) == [1007]


def test_the_key_follows_names_and_content_and_not_times(tmp_path: Path) -> None:
    pattern = sequence(tmp_path, [1, 2])
    key = open_plate(pattern).key
    os.utime(tmp_path / "p.0002.exr", ns=(1, 1))
    assert open_plate(pattern).key == key, "a copy is the same plate"
    held = (tmp_path / "p.0002.exr").read_bytes()
    (tmp_path / "p.0002.exr").write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
    assert open_plate(pattern).key != key


def test_a_file_that_does_not_say_its_space_is_asked_for(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", chromaticities=(0.1, 0.2, 0.3, 0.4, 0.5, 0.4, 0.3, 0.3))
    with pytest.raises(
        UnknownColourSpace, match=r"a\.exr\): which colour space is it in\? .*does not say; name it with --plate-colour"
    ):
        open_plate(str(tmp_path / "a.exr"))
    with pytest.raises(UnknownColourSpace, match="--stills-colour"):
        read_still(tmp_path / "a.exr")
    with pytest.raises(UnknownColourSpace, match="nearest"):
        open_plate(str(tmp_path / "a.exr"), colour_space="ACESgc")
    assert open_plate(str(tmp_path / "a.exr"), colour_space="acescg").colour_space == "ACEScg"
    assert open_plate(str(tmp_path / "a.exr"), colour_space="data").colour_space == "Raw"


@pytest.mark.parametrize(
    ("header", "space"),
    [
        ({"colorInteropID": "lin_ap0_scene"}, "ACES2065-1"),
        ({"colorInteropID": "lin_rec709_scene"}, "Linear Rec.709 (sRGB)"),
        ({"oiio:ColorSpace": "ACEScg"}, "ACEScg"),
        ({"colorspace": "arri_logc4"}, "ARRI LogC4"),
        ({"colorspace": "no such thing"}, "ACEScg"),
        ({"chromaticities": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)}, "ACES2065-1"),
        ({"chromaticities": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)}, "Linear Rec.709 (sRGB)"),
    ],
)
def test_a_file_that_says_its_space_is_believed(tmp_path: Path, header: dict[str, Any], space: str) -> None:
    assert open_plate(str(write_exr(tmp_path / "a.exr", **header))).colour_space == space


@pytest.mark.shared
@pytest.mark.skipif(not S010.is_dir(), reason="shared/data/shots/s010 is not here")
def test_the_example_shot_opens_and_reads() -> None:
    plate = open_plate(str(S010 / "plate.####.exr"))
    assert (len(plate.numbers), plate.size, plate.rate, plate.colour_space) == (16, (512, 512), Fraction(24), "ACEScg")
    assert plate.read(1016).pixels.shape == (3, 512, 512)
    assert read_still(S010 / "performer" / "still_0.png").colour_space == "sRGB - Texture"
