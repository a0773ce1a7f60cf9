from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio
import pytest

from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.plate import write_movie, write_png

GREY = np.full((20, 30, 3), 90, np.uint8)


@pytest.mark.parametrize(
    ("codec", "name", "found", "layout"),
    [
        ("h264", "a.mp4", "h264", "yuv420p"),
        ("h264", "a.mkv", "h264", "yuv420p"),
        ("h265-10", "a.mp4", "hevc", "yuv420p10le"),
        ("prores", "a.mov", "prores", "yuv422p10le"),
    ],
)
def test_a_movie_says_its_codec_rate_and_colours(
    tmp_path: Path, codec: str, name: str, found: str, layout: str
) -> None:
    write_movie([GREY] * 5, tmp_path / name, rate=Fraction(24000, 1001), codec=codec)  # type: ignore[arg-type]
    with av.open(str(tmp_path / name)) as container:
        stream: Any = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == (found, layout)
        assert abs(stream.average_rate - Fraction(24000, 1001)) < Fraction(1, 100)
        frames = list(container.decode(stream))
    assert len(frames) == 5
    tags = [(int(f.color_primaries), int(f.color_trc), int(f.colorspace), int(f.color_range)) for f in frames]
    assert set(tags) == {(1, 1, 1, 1)}
    assert os.listdir(tmp_path) == [name]


def test_odd_sizes_get_one_more_row_and_column(tmp_path: Path) -> None:
    write_movie([np.full((21, 33, 3), 200, np.uint8)] * 2, tmp_path / "a.mp4", rate=Fraction(24))
    with av.open(str(tmp_path / "a.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (34, 22)
        assert int(np.abs(frame.to_ndarray(format="rgb24").astype(int) - 200).max()) < 4


def test_sixteen_bits_reach_a_ten_bit_codec(tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.linspace(20000, 21000, 64).astype(np.uint16)[None, :, None], (16, 64, 3))
    write_movie([ramp] * 2, tmp_path / "a.mov", rate=Fraction(24), codec="prores")
    with av.open(str(tmp_path / "a.mov")) as container:
        luma = np.frombuffer(bytes(next(container.decode(video=0)).planes[0]), "<u2")[:64]
    assert len(np.unique(luma)) > 8  # 8 bits would leave 4 or 5


@pytest.mark.parametrize(
    ("pictures", "name", "message"),
    [
        ([], "a.mp4", "no picture to put in the movie"),
        ([GREY, GREY[:10]], "a.mp4", r"picture 1 is \(10, 30, 3\) uint8, the first \(20, 30, 3\)"),
        ([GREY.astype(float)], "a.mp4", "give .* uint8 or uint16"),
        ([GREY], "a.avi", "a h264 movie ends in .mp4 or .mov or .mkv; rename it"),
    ],
)
def test_what_cannot_be_a_movie_is_refused(tmp_path: Path, pictures: list[np.ndarray], name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        write_movie(pictures, tmp_path / name, rate=Fraction(24))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("raised", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_movie_leaves_nothing_and_the_old_one(tmp_path: Path, raised: type[BaseException]) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")

    def supply() -> Iterator[np.ndarray]:
        yield GREY
        raise raised

    with pytest.raises(raised):
        write_movie(supply(), tmp_path / "a.mp4", rate=Fraction(24))
    assert os.listdir(tmp_path) == ["a.mp4"] and (tmp_path / "a.mp4").read_bytes() == b"old"


def test_a_png_is_read_by_another_program_and_is_tagged(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    write_png(picture[:, ::-1], tmp_path / "a.png")
    back: Any = oiio.ImageInput.open(str(tmp_path / "a.png"))
    assert np.array_equal(back.read_image(oiio.UNKNOWN), picture[:, ::-1])
    assert "srgb" in str(back.spec().getattribute("oiio:ColorSpace")).lower()
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_png_that_cannot_be_written_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="give .* uint8"):
        write_png(GREY[..., 0], tmp_path / "a.png")
    with pytest.raises(WriteRefused, match="its folder does not exist"):
        write_png(GREY, tmp_path / "none" / "a.png")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ff_vfx.plate.atomic.os.fsync", full)
    with pytest.raises(WriteRefused, match="the disk is full; free some space"):
        write_png(GREY, tmp_path / "a.png")
    assert os.listdir(tmp_path) == []
