from __future__ import annotations

from pathlib import Path

import pytest

from ff_vfx.errors import BadInput
from ff_vfx.plate import output_path, parse_frames, sequence_path
from ff_vfx.plate.sequence_path import own_number


@pytest.mark.parametrize("token", ["####", "@@@@", "%04d", "$F4"])
def test_every_padding_style_names_the_same_files(token: str) -> None:
    pattern = f"/shots/a.{token}.exr"
    assert output_path(pattern, 7) == Path("/shots/a.0007.exr")
    assert output_path(pattern, 1001) == Path("/shots/a.1001.exr")
    assert output_path(pattern, 123456) == Path("/shots/a.123456.exr")
    assert output_path(pattern, -5) == Path("/shots/a.-005.exr")


@pytest.mark.parametrize(("token", "name"), [("#", "5"), ("%d", "5"), ("$F", "5"), ("@@", "05"), ("%3d", "005")])
def test_shorter_paddings_are_understood(token: str, name: str) -> None:
    assert output_path(f"b_{token}.png", 5) == Path(f"b_{name}.png")


def test_a_pattern_without_a_token_is_one_file() -> None:
    assert output_path("out/one.exr", 1234) == Path("out/one.exr")
    assert not sequence_path("out/one.exr").numbered


def test_files_are_found_whatever_their_padding_and_the_asked_padding_wins(tmp_path: Path) -> None:
    for name in ("a.1.exr", "a.0001.exr", "a.-0003.exr", "a.10000.exr", "a.x.exr", "b.0001.exr", "a.0002.exr.tmp"):
        (tmp_path / name).touch()
    found = sequence_path(str(tmp_path / "a.####.exr")).found()
    assert list(found) == [-3, 1, 10000]
    assert found[1].name == "a.0001.exr"


def test_a_dash_before_the_number_is_part_of_the_name_where_the_pattern_says_so(tmp_path: Path) -> None:
    (tmp_path / "a-0005.exr").touch()
    assert list(sequence_path(str(tmp_path / "a-####.exr")).found()) == [5]
    assert list(sequence_path(str(tmp_path / "a#####.exr")).found()) == [-5]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("", "no path given"), ("a.##.%04d.exr", "more than one frame token"), ("s_##/a.####.exr", "one in the folder")],
)
def test_a_bad_pattern_says_what_to_write(pattern: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        sequence_path(pattern)


def test_a_single_file_has_the_number_in_its_name_or_one() -> None:
    assert [own_number(Path(n)) for n in ("a.1001.exr", "a_7.png", "a.-2.exr", "front.exr")] == [1001, 7, -2, 1]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", list(range(1001, 1017))),
        ("1003", [1003]),
        ("1001-1004", [1001, 1002, 1003, 1004]),
        ("1001-1016x5", [1001, 1006, 1011, 1016]),
        ("1012, 1001,1010-1012", [1001, 1010, 1011, 1012]),
    ],
)
def test_ranges_are_read_as_people_type_them(text: str, numbers: list[int]) -> None:
    assert parse_frames(text, range(1001, 1017)) == numbers


def test_negative_ranges_are_read() -> None:
    assert parse_frames("-5--1", range(-10, 11)) == [-5, -4, -3, -2, -1]
    assert parse_frames("-2-2x2", range(-10, 11)) == [-2, 0, 2]
    assert parse_frames("-3", range(-10, 11)) == [-3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1010-1001", "'1010-1001' runs backwards; write 1001-1010"),
        ("1,", "1 is outside the plate, which has 1001-1016; ask for those"),
        ("1001,,1002", "'' is no range; write"),
        ("1010-1020", "1020 is outside"),
        ("abc", "'abc' is no range"),
        ("1001-1004x0", "steps by 0"),
    ],
)
def test_a_bad_range_says_where_what_and_how(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_frames(text, range(1001, 1017))


def test_a_range_that_holds_no_frame_of_a_sparse_plate_is_refused() -> None:
    with pytest.raises(BadInput, match="none of them is in the plate"):
        parse_frames("1002-1003", [1001, 1005])
