"""What an EXR's header says, as plain data."""

from __future__ import annotations

from pathlib import Path

import OpenEXR
import pytest

from ff_vfx.plate.exr_header import read_header
from ff_vfx.plate.header_facts import header_facts
from ff_vfx.types.delivery import HeaderFacts
from ff_vfx.types.window import Window
from tests.plate.making import noise, rich_exr, write_exr


def facts(path: Path, main: int = 0) -> HeaderFacts:
    return header_facts(read_header(path, path.name), main)


def test_windows_aspect_rate_and_timecode_are_as_stored(tmp_path: Path):
    found = facts(rich_exr(tmp_path / "a.exr"))
    assert (found.data_window, found.display_window) == (Window(-2, -1, 12, 9), Window(0, 0, 10, 8))
    assert (found.aspect, found.rate, len(found.timecode)) == (2.0, "24000/1001", 16)


def test_what_it_does_not_say_is_empty(tmp_path: Path):
    found = facts(write_exr(tmp_path / "a.exr"))
    assert (found.rate, found.timecode, found.spaces, found.interop) == ("", "", (), "")


def test_channels_have_their_types_and_those_of_other_parts_their_parts_name(tmp_path: Path):
    found = facts(rich_exr(tmp_path / "a.exr")).channels
    assert (found["R"], found["id"], found["depth.Z"], found["mattes:mask.a"]) == ("half", "uint", "float", "float")


def test_spaces_are_said_by_the_configs_own_names_and_unknown_ones_as_they_are(tmp_path: Path):
    path = write_exr(tmp_path / "a.exr", colorInteropID="lin_ap1_scene", colorspace="the show's own")
    found = facts(path)
    assert found.spaces == ("ACEScg", "the show's own") and found.primaries == "ACEScg"


@pytest.mark.parametrize(
    ("codec", "lossy"),
    [
        (OpenEXR.NO_COMPRESSION, set()), (OpenEXR.RLE_COMPRESSION, set()), (OpenEXR.ZIPS_COMPRESSION, set()),
        (OpenEXR.ZIP_COMPRESSION, set()), (OpenEXR.PIZ_COMPRESSION, set()), (OpenEXR.PXR24_COMPRESSION, {"Z"}),
        (OpenEXR.B44_COMPRESSION, set("RGBZ")), (OpenEXR.B44A_COMPRESSION, set("RGBZ")),
        (OpenEXR.DWAA_COMPRESSION, set("RGBZ")), (OpenEXR.DWAB_COMPRESSION, set("RGBZ")),
    ],
)  # fmt: skip
def test_a_codec_that_bends_values_is_named_for_each_channel_it_may_bend(
    tmp_path: Path, codec: object, lossy: set[str]
):
    planes = {name: noise(6, 8, seed) for seed, name in enumerate("RGB")} | {"Z": noise(6, 8, 9, "f4")}
    assert set(facts(write_exr(tmp_path / "a.exr", channels=planes, compression=codec)).lossy) == lossy


def test_texts_and_numbers_are_told_and_nothing_else(tmp_path: Path):
    found = facts(rich_exr(tmp_path / "a.exr")).attributes
    assert (found["owner"], found["take"], found["focus"]) == ("hé", 7, 1.5)
    assert not {"matrix", "studioBlob", "preview"} & set(found)
