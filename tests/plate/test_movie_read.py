from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch

from ff_vfx.errors import FrameBroken, FrameMissing, UnknownColourSpace
from ff_vfx.plate import open_plate, write_movie
from ff_vfx.plate.sequence import open_plate as open_from
from ff_vfx.plate.yuv import rgb_of

RATE = Fraction(24000, 1001)
COUNT = 12


def pictures(count: int = COUNT, width: int = 64, height: int = 48, dtype: str = "uint8") -> list[np.ndarray]:
    """Smooth colours that change with the frame, so that chroma at half size loses next to nothing."""
    x, y = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    top = np.iinfo(dtype).max
    made = []
    for n in range(count):
        t = n / max(count - 1, 1)
        planes = [x * 0.6 + 0.2 + 0 * y, y * 0.6 + 0.2 + 0 * x, np.full((height, width), 0.15 + 0.7 * t)]
        made.append((np.stack(planes, 2) * top).round().astype(dtype))
    return made


@pytest.mark.parametrize(("codec", "name"), [("h264", "a.mp4"), ("h265-10", "a.mp4"), ("prores", "a.mov")])
def test_what_is_written_is_read_back_frame_for_frame(tmp_path: Path, codec: str, name: str) -> None:
    write_movie(pictures(dtype="uint16"), tmp_path / name, rate=RATE, codec=codec)  # type: ignore[arg-type]
    plate = open_plate(str(tmp_path / name))
    assert list(plate.numbers) == list(range(1, COUNT + 1))
    assert (plate.rate, plate.size, plate.colour_space) == (RATE, (64, 48), "Camera Rec.709")
    order = [7, 1, 12, 2, 3, 11, 12]
    frames = {n: plate.read(n) for n in order}
    for n, frame in frames.items():
        wanted = np.moveaxis(pictures(dtype="uint16")[n - 1], 2, 0) / 65535
        assert float(np.abs(frame.pixels.float().numpy() - wanted).max()) < 0.03, n
        assert frame.number == n and frame.pixels.dtype == torch.float16


def test_a_frame_alone_is_the_frame_in_any_order_and_from_any_thread(tmp_path: Path) -> None:
    write_movie(pictures(), tmp_path / "a.mp4", rate=RATE)
    one, other = open_plate(str(tmp_path / "a.mp4")), open_plate(str(tmp_path / "a.mp4"))
    forward = [one.read(n).pixels for n in one.numbers]
    with ThreadPoolExecutor(4) as threads:
        shuffled = dict(zip([5, 3, 12, 1, 8, 8, 2], threads.map(other.read, [5, 3, 12, 1, 8, 8, 2]), strict=True))
    for n, frame in shuffled.items():
        assert torch.equal(frame.pixels, forward[n - 1])


def test_numbers_start_where_told_and_end_with_the_movie(tmp_path: Path) -> None:
    write_movie(pictures(3), tmp_path / "a.mp4", rate=Fraction(25))
    plate = open_from(str(tmp_path / "a.mp4"), first=1001)
    assert list(plate.numbers) == [1001, 1002, 1003] and plate.rate == 25
    with pytest.raises(FrameMissing, match=r"frame 1004: .*a\.mp4: the movie has frames 1001-1003; ask"):
        plate.read(1004)


def encoded(path: Path, layout: str, matrix: int, full: bool, codec: str = "libx264") -> np.ndarray:
    """One flat colour, lossless, converted here by the standards' own numbers; the colour comes back."""
    rgb = np.array([0.8, 0.3, 0.1])
    kr, kb = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}[matrix]
    bits = 10 if "10" in layout else 12 if "12" in layout else 8
    y = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2]
    cb, cr = (rgb[2] - y) / (2 * (1 - kb)), (rgb[0] - y) / (2 * (1 - kr))
    top, unit = (1 << bits) - 1, 1 << (bits - 8)
    codes = [y * top, cb * top + 128 * unit, cr * top + 128 * unit]
    if not full:
        codes = [(16 + 219 * y) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(
            codec, rate=24, options={"qp": "0", "x265-params": "lossless=1:log-level=error"}
        )
        stream.width, stream.height, stream.pix_fmt = 64, 32, layout
        frame = av.VideoFrame(64, 32, layout)
        for plane, code in zip(frame.planes, codes, strict=True):
            dtype = np.uint8 if bits == 8 else np.dtype("<u2")
            plane.update(np.full(plane.buffer_size // np.dtype(dtype).itemsize, round(code), dtype).tobytes())
        for target in (stream.codec_context, frame):
            target.colorspace, target.color_range = matrix, 2 if full else 1
            target.color_primaries, target.color_trc = 1, 13
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    return rgb


@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p10le", "yuv444p"])
@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize("full", [False, True])
def test_matrix_range_and_bits_are_the_streams_own(tmp_path: Path, layout: str, matrix: int, full: bool) -> None:
    rgb = encoded(tmp_path / "a.mkv", layout, matrix, full)
    plate = open_plate(str(tmp_path / "a.mkv"))
    assert plate.colour_space == "sRGB - Texture"
    tolerance = 0.002 if "10" in layout else 0.006
    assert float(np.abs(plate.read(1).pixels[:, 16, 32].float().numpy() - rgb).max()) < tolerance


def test_twelve_bits_become_float32(tmp_path: Path) -> None:
    rgb = encoded(tmp_path / "a.mkv", "yuv422p12le", 1, False, "libx265")
    frame = open_plate(str(tmp_path / "a.mkv")).read(1)
    assert frame.pixels.dtype == torch.float32
    assert float(np.abs(frame.pixels[:, 16, 32].numpy() - rgb).max()) < 0.0006


def test_codes_beyond_white_and_black_are_kept() -> None:
    frame = av.VideoFrame(16, 16, "yuv420p")
    for plane, code in zip(frame.planes, (250, 128, 128), strict=True):
        plane.update(bytes([code]) * plane.buffer_size)
    frame.color_range = 1
    assert np.allclose(rgb_of(frame), (250 - 16) / 219)


def test_odd_sizes_and_packed_rgb_are_read() -> None:
    for layout in ("rgb24", "gbrp", "gbrp10le", "yuv420p", "yuv411p"):
        frame = av.VideoFrame(33, 21, layout)
        for plane in frame.planes:
            plane.update(b"\x10" * plane.buffer_size)
        assert rgb_of(frame).shape == (3, 21, 33), layout


def test_a_movie_without_a_tag_is_asked_for_its_space(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream: Any = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24").reformat(format="yuv420p")
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    with pytest.raises(UnknownColourSpace, match="which colour space is it in"):
        open_plate(str(tmp_path / "a.mp4"))
    assert open_plate(str(tmp_path / "a.mp4"), colour_space="srgb_tx").read(1).colour_space == "sRGB - Texture"


def test_a_broken_movie_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(FrameBroken, match=r"a\.mp4: cannot be opened as a movie .*copy or export it again"):
        open_plate(str(tmp_path / "a.mp4"))
    write_movie(pictures(), tmp_path / "b.mp4", rate=RATE)
    plate = open_plate(str(tmp_path / "b.mp4"))
    raw = bytearray((tmp_path / "b.mp4").read_bytes())
    start = raw.index(b"mdat")
    size = int.from_bytes(raw[start - 4 : start], "big")
    raw[start + 4 : start + size - 4] = bytes(size - 8)
    (tmp_path / "b.mp4").write_bytes(raw)
    with pytest.raises(FrameBroken, match=r"frame 1: .*b\.mp4: cannot be decoded"):
        plate.read(1)
