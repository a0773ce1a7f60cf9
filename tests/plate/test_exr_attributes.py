"""An EXR with other attributes and the same pixels."""

from __future__ import annotations

import os
from pathlib import Path

import OpenEXR
import pytest

from ff_vfx.errors import FrameBroken
from ff_vfx.plate.exr_attributes import copy_with_attributes
from ff_vfx.plate.exr_header import read_header
from tests.plate.making import contents, noise, rich_exr, write_exr


def test_an_attribute_is_changed_one_put_in_one_taken_out_and_all_else_stays(tmp_path: Path):
    source, target = write_exr(tmp_path / "a.exr", owner="me", take=7), tmp_path / "b.exr"
    copy_with_attributes(source, target, 0, {"owner": ("string", b"you"), "scene": ("string", b"12"), "take": None})
    (_, old, pixels), (_, new, same) = contents(source)[0], contents(target)[0]
    assert same == pixels
    assert new == {**{name: old[name] for name in old if name != "take"}, "owner": "str 'you'", "scene": "str '12'"}


@pytest.mark.parametrize("main", [0, 1])
def test_of_several_parts_one_is_changed_and_every_pixel_of_all_stays(tmp_path: Path, main: int):
    source, target = rich_exr(tmp_path / "a.exr"), tmp_path / "b.exr"
    copy_with_attributes(source, target, main, {"comments": ("string", b"x" * 1000)})
    for index, (old, new) in enumerate(zip(contents(source), contents(target), strict=True)):
        assert (new[0], new[2]) == (old[0], old[2])
        assert new[1] == ({**old[1], "comments": f"str '{'x' * 1000}'"} if index == main else old[1])


def test_there_and_back_is_the_same_file_to_the_byte(tmp_path: Path):
    source, there, back = rich_exr(tmp_path / "a.exr"), tmp_path / "b.exr", tmp_path / "c.exr"
    header = read_header(source, "a")[0]
    names = ("owner", "take", "framesPerSecond", "timeCode", "studioBlob")
    copy_with_attributes(source, there, 0, dict.fromkeys(names))
    assert there.read_bytes() != source.read_bytes()
    copy_with_attributes(there, back, 0, {name: header.values[name] for name in names})
    assert back.read_bytes() == source.read_bytes()


def test_an_attribute_longer_than_what_headers_are_read_for_stays_whole(tmp_path: Path):
    source, target = write_exr(tmp_path / "a.exr", notes="n" * 200_000), tmp_path / "b.exr"
    copy_with_attributes(source, target, 0, {"owner": ("string", b"me")})
    assert OpenEXR.File(str(target)).header()["notes"] == "n" * 200_000


def test_tiles_keep_their_places(tmp_path: Path):
    source, target = tmp_path / "a.exr", tmp_path / "b.exr"
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 8
    planes = {name: noise(24, 32, seed) for seed, name in enumerate("RGB")}
    OpenEXR.File({"type": OpenEXR.tiledimage, "tiles": tiles}, planes).write(str(source))
    copy_with_attributes(source, target, 0, {"owner": ("string", b"me")})
    assert contents(target)[0][2] == contents(source)[0][2]


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path):
    source = write_exr(tmp_path / "a.exr")
    os.truncate(source, source.stat().st_size - 20)
    with pytest.raises(FrameBroken, match="truncated"):
        copy_with_attributes(source, tmp_path / "b.exr", 0, {})
