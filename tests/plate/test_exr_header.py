from __future__ import annotations

import struct
from pathlib import Path

import OpenEXR
import pytest

from ff_vfx.errors import FrameBroken, HostileFile
from ff_vfx.plate import open_plate
from ff_vfx.plate.exr_header import read_header
from tests.plate.making import channel_list, header_attributes, raw_exr, rich_exr, write_exr

WHERE = "frame 7: x.exr"
BIG = (0, 0, 70000, 10)


def refused(tmp_path: Path, raw: bytes, kind: type[Exception], message: str) -> None:
    (tmp_path / "x.exr").write_bytes(raw)
    with pytest.raises(kind, match=message) as caught:
        read_header(tmp_path / "x.exr", WHERE)
    assert str(caught.value).startswith(WHERE)


def test_a_header_is_read_as_the_library_reads_it(tmp_path: Path) -> None:
    parts = read_header(rich_exr(tmp_path / "rich.exr"), WHERE)
    assert [part.name for part in parts] == ["beauty", "mattes"]
    assert (parts[0].data_window.x0, parts[0].data_window.x1, parts[0].display_window.x1) == (-2, 12, 10)
    assert list(parts[0].channels) == ["B", "G", "R", "depth.Z", "id"]
    assert parts[0].numbers("framesPerSecond", "iI") == (24000, 1001)
    assert parts[0].text("owner") == "hé"


@pytest.mark.parametrize("data", [BIG, (0, 0, 10, 2**31 - 2), (-(2**30), 0, 2**30, 5), (0, 0, 50000, 50000)])
def test_a_huge_window_is_not_believed(tmp_path: Path, data: tuple[int, int, int, int]) -> None:
    refused(tmp_path, raw_exr(header_attributes(data)), HostileFile, "data window claims .* are read")


@pytest.mark.parametrize("data", [(0, 0, -1, 5), (10, 0, 5, 5), (0, 9, 5, 2)])
def test_a_window_of_no_or_negative_size_is_not_believed(tmp_path: Path, data: tuple[int, int, int, int]) -> None:
    refused(tmp_path, raw_exr(header_attributes(data)), HostileFile, "negative or zero size; it was not read")


def test_a_huge_display_window_is_not_believed(tmp_path: Path) -> None:
    refused(tmp_path, raw_exr(header_attributes(display=BIG)), HostileFile, "display window claims")


def test_thousands_of_channels_are_not_believed(tmp_path: Path) -> None:
    many = channel_list([f"c{i}" for i in range(2000)])
    refused(tmp_path, raw_exr(header_attributes(channels=many)), HostileFile, "more than 1024 channels")


def test_a_size_no_compression_reaches_is_not_believed(tmp_path: Path) -> None:
    raw = raw_exr(header_attributes((0, 0, 30000, 30000)))
    refused(tmp_path, raw, HostileFile, "30001x30001 with 3 channels in .* no compression can do")


def test_an_absurd_attribute_size_is_not_believed(tmp_path: Path) -> None:
    start = raw_exr([])[:8] + b"note\0string\0"
    refused(tmp_path, start + struct.pack("<i", 2**31 - 1) + b"x" * 50, HostileFile, "'note' claims 2147483647 bytes")
    refused(tmp_path, start + struct.pack("<i", -4) + b"x" * 50, HostileFile, "claims -4 bytes")


def test_an_endless_name_is_not_believed(tmp_path: Path) -> None:
    refused(tmp_path, raw_exr([])[:8] + b"n" * 400, HostileFile, "longer than 255 bytes")
    refused(tmp_path, raw_exr(header_attributes(channels=b"c" * 400)), HostileFile, "channel's name is longer")


def test_endless_attributes_and_parts_are_not_believed(tmp_path: Path) -> None:
    refused(tmp_path, raw_exr([(f"a{i}", "int", b"1234") for i in range(5000)]), HostileFile, "longer than any picture")
    header = raw_exr(header_attributes(), body=b"")[8:]
    refused(tmp_path, raw_exr([], flags=0x1000)[:8] + header * 300 + b"\0", HostileFile, "more than 256 parts")


def test_huge_tiles_are_not_believed_and_textures_are_no_plates(tmp_path: Path) -> None:
    tiles = [*header_attributes(), ("tiles", "tiledesc", struct.pack("<IIB", 2**31, 16, 0))]
    refused(tmp_path, raw_exr(tiles, flags=0x200), HostileFile, "tiles of more than 65536")
    tiles[-1] = ("tiles", "tiledesc", struct.pack("<IIB", 16, 16, 1))
    refused(tmp_path, raw_exr(tiles, flags=0x200), FrameBroken, "mip-mapped texture; export it with one level")


def test_an_impossible_channel_type_is_not_believed(tmp_path: Path) -> None:
    refused(tmp_path, raw_exr(header_attributes(channels=channel_list(["R"], kind=9))), HostileFile, "impossible type")
    refused(tmp_path, raw_exr(header_attributes(channels=channel_list(["R"], sampling=0))), HostileFile, "impossible")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"empty \(0 bytes\); render or copy it again"),
        (b"\x76\x2f", "is not an EXR file; render or copy it again"),
        (b"GIF89a..........", "is not an EXR file"),
        (raw_exr(header_attributes())[:60], "truncated inside the header"),
        (raw_exr([("compression", "compression", b"\3")]), "lacks channels, dataWindow, displayWindow"),
        (raw_exr([]), "header is empty"),
        (raw_exr(header_attributes((0, 0, 79, 59), compression=0)), "truncated: 80x60 with 3 channels uncompressed"),
        (raw_exr(header_attributes()), "truncated: chunks are missing; render or copy it again"),
        (raw_exr(header_attributes(channels=channel_list(["RY", "BY", "Y"], sampling=2))), "subsampled .*export full"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, raw: bytes, message: str) -> None:
    refused(tmp_path, raw, FrameBroken, message)


@pytest.mark.parametrize("compression", [OpenEXR.NO_COMPRESSION, OpenEXR.ZIP_COMPRESSION, OpenEXR.PIZ_COMPRESSION])
@pytest.mark.parametrize("lost", [1, 40, 300])
def test_a_truncated_file_is_found_without_decoding(tmp_path: Path, compression: object, lost: int) -> None:
    path = write_exr(tmp_path / "x.exr", size=(40, 30), compression=compression)
    read_header(path, WHERE)
    refused(tmp_path, path.read_bytes()[:-lost], FrameBroken, "truncated")


def test_a_truncated_multipart_file_is_found(tmp_path: Path) -> None:
    path = rich_exr(tmp_path / "x.exr")
    refused(tmp_path, path.read_bytes()[:-1], FrameBroken, "truncated: .* bytes of at least")


def test_random_damage_never_ends_in_anything_but_our_errors(tmp_path: Path) -> None:
    import random

    good = rich_exr(tmp_path / "good.exr").read_bytes()
    path = tmp_path / "x.exr"
    for seed in range(300):
        chance = random.Random(seed)
        raw = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            raw[chance.randrange(8, 1400)] = chance.randrange(256)
        path.write_bytes(raw)
        try:
            read_header(path, WHERE)
        except (FrameBroken, HostileFile):
            pass


def test_a_hostile_frame_names_itself_when_its_plate_is_read(tmp_path: Path) -> None:
    write_exr(tmp_path / "p.0001.exr")
    (tmp_path / "p.0002.exr").write_bytes(raw_exr(header_attributes(BIG)))
    plate = open_plate(str(tmp_path / "p.####.exr"))
    plate.read(1)
    with pytest.raises(HostileFile, match=r"frame 2: .*p\.0002\.exr: its data window claims"):
        plate.read(2)
