from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import torch

from ff_vfx.errors import FrameBroken
from ff_vfx.plate import open_plate, read_still
from ff_vfx.types.window import Window
from tests.plate.making import DATA, box, noise, rich_exr, write_exr


def half_patterns() -> np.ndarray:
    """All 65,536 halves, as a picture."""
    return np.arange(65536, dtype=np.uint16).view(np.float16).reshape(256, 256)


def test_all_half_patterns_are_read_bit_for_bit(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "a.exr", size=(256, 256), channels={name: half_patterns() for name in "RGB"})
    frame = read_still(path)
    assert frame.pixels.dtype == torch.float16
    for plane in frame.pixels:
        assert np.array_equal(plane.numpy().view(np.uint16), half_patterns().view(np.uint16))


def test_float_stays_float_and_alpha_is_the_fourth_plane(tmp_path: Path) -> None:
    planes = {name: noise(6, 8, seed, "f4") for seed, name in enumerate("RGBA")}
    frame = read_still(write_exr(tmp_path / "a.exr", channels=planes))
    assert frame.pixels.dtype == torch.float32
    assert np.array_equal(frame.pixels.numpy(), np.stack([planes[name] for name in "RGBA"]))


def test_mixed_types_are_read_as_float_and_exactly(tmp_path: Path) -> None:
    planes = {"R": noise(6, 8, 0, "f4"), "G": noise(6, 8, 1), "B": noise(6, 8, 2)}
    frame = read_still(write_exr(tmp_path / "a.exr", channels=planes))
    assert frame.pixels.dtype == torch.float32
    assert np.array_equal(frame.pixels[1].numpy(), planes["G"].astype(np.float32))


def test_windows_aspect_space_and_number_are_the_files(tmp_path: Path) -> None:
    frame = read_still(rich_exr(tmp_path / "rich.1042.exr"))
    assert frame.data_window == Window(-2, -1, 12, 9)
    assert frame.display_window == Window(0, 0, 10, 8)
    assert (frame.pixel_aspect, frame.colour_space, frame.number) == (2.0, "ACEScg", 1042)


def test_a_layers_picture_is_found_when_there_is_no_plain_one(tmp_path: Path) -> None:
    planes = {f"{layer}.{name}": noise(6, 8, seed) for layer in ("alt", "beauty") for seed, name in enumerate("RGB")}
    planes["beauty.R"] = np.full((6, 8), 0.5, np.float16)
    frame = read_still(write_exr(tmp_path / "a.exr", channels=planes))
    assert bool((frame.pixels[0] == 0.5).all())


def test_the_picture_is_found_in_a_later_part(tmp_path: Path) -> None:
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, "displayWindow": box(0, 0, 8, 6)}
    depth = OpenEXR.Part({**header, "dataWindow": box(2, 2, 5, 4)}, {"Z": noise(2, 3, 0, "f4")}, "depth")
    planes = {name: noise(6, 8, seed) for seed, name in enumerate("RGB")}
    OpenEXR.File([depth, OpenEXR.Part({**header, "dataWindow": box(0, 0, 8, 6)}, planes, "rgb")]).write(
        str(tmp_path / "a.exr")
    )
    frame = read_still(tmp_path / "a.exr", colour_space="ACEScg")
    assert frame.data_window == Window(0, 0, 8, 6)


@pytest.mark.parametrize(
    ("planes", "message"),
    [
        ({"Y": noise(6, 8)}, "holds luminance alone"),
        ({"depth.Z": noise(6, 8)}, r"has no R, G, B channels \(it has depth.Z\); export R, G, B"),
        ({name: np.ones((6, 8), np.uint32) for name in "RGB"}, "whole numbers"),
    ],
)
def test_a_file_without_a_colour_picture_says_so(tmp_path: Path, planes: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(FrameBroken, match=message):
        read_still(write_exr(tmp_path / "a.exr", channels=planes))


def test_damage_inside_a_chunk_is_a_broken_frame(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "a.0005.exr", size=(64, 64))
    raw = bytearray(path.read_bytes())
    raw[-900:-300] = b"\xff" * 600
    path.write_bytes(raw)
    plate = open_plate(str(tmp_path / "a.####.exr"))
    with pytest.raises(FrameBroken, match=r"frame 5: .*a\.0005\.exr: .*(damaged|cannot be decoded).* copy it again"):
        plate.read(5)


def test_a_picture_of_nan_alone_is_broken_and_one_finite_pixel_saves_it(tmp_path: Path) -> None:
    nan = np.full((40, 40), np.nan, np.float16)
    path = write_exr(tmp_path / "a.exr", size=(40, 40), channels=dict.fromkeys("RGB", nan))
    with pytest.raises(FrameBroken, match="holds no finite pixel"):
        read_still(path)
    one = nan.copy()
    one[7, 9] = 0.25
    read_still(write_exr(tmp_path / "b.exr", size=(40, 40), channels={"R": one, "G": nan, "B": nan}))


def test_frames_read_by_many_threads_are_those_read_alone(tmp_path: Path) -> None:
    for n in range(1, 9):
        write_exr(tmp_path / f"a.{n:04d}.exr", channels={name: noise(6, 8, n) for name in "RGB"})
    plate = open_plate(str(tmp_path / "a.####.exr"))
    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(plate.read, [*range(8, 0, -1)] * 3))
    for frame in frames:
        assert np.array_equal(frame.pixels[0].numpy(), noise(6, 8, frame.number))


@pytest.mark.shared
@pytest.mark.skipif(not (DATA / "exr" / "Desk.exr").is_file(), reason="shared/data/exr/Desk.exr is not here")
def test_a_real_photograph_is_read_whole() -> None:
    frame = read_still(DATA / "exr" / "Desk.exr", colour_space="lin_rec709")
    assert tuple(frame.pixels.shape) == (4, 874, 644)
    assert float(frame.pixels[:3].float().max()) > 10
