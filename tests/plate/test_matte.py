from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
import torch

from ff_vfx.errors import FrameBroken
from ff_vfx.plate import read_matte
from ff_vfx.types.window import Window
from tests.plate.making import box, noise, write_exr

WHOLE = Window(0, 0, 8, 6)
HALVES = np.linspace(0, 1, 48, dtype=np.float16).reshape(6, 8)
ONES = np.ones((6, 8), np.float16)


@pytest.mark.parametrize(
    ("planes", "chosen"),
    [
        ({"A": HALVES, "R": ONES, "G": ONES, "B": ONES}, "A"),
        ({"A": ONES, "R": HALVES, "G": ONES, "B": ONES}, "R"),
        ({"A": ONES, "R": ONES, "G": ONES, "B": ONES, "mask.a": HALVES}, "mask.a"),
        ({"matte": HALVES}, "matte"),
        ({"Y": HALVES}, "Y"),
        ({"odd": HALVES}, "odd"),
    ],
)
def test_the_matte_is_the_channel_an_artist_would_mean(
    tmp_path: Path, planes: dict[str, np.ndarray], chosen: str
) -> None:
    write_exr(tmp_path / "m.0005.exr", channels=planes)
    matte = read_matte(str(tmp_path / "m.####.exr"), 5, WHOLE)
    assert matte is not None and matte.dtype == torch.float32 and matte.shape == (1, 6, 8)
    assert np.array_equal(matte[0].numpy(), planes[chosen].astype(np.float32))


def test_a_frame_without_a_file_has_no_matte(tmp_path: Path) -> None:
    write_exr(tmp_path / "m.0005.exr", channels={"A": HALVES})
    assert read_matte(str(tmp_path / "m.####.exr"), 6, WHOLE) is None
    assert read_matte(str(tmp_path / "none.exr"), 6, WHOLE) is None


def test_one_file_serves_every_frame_and_any_padding_is_found(tmp_path: Path) -> None:
    write_exr(tmp_path / "m.exr", channels={"A": HALVES})
    write_exr(tmp_path / "m.5.exr", channels={"A": HALVES})
    assert read_matte(str(tmp_path / "m.exr"), 1234, WHOLE) is not None
    assert read_matte(str(tmp_path / "m.####.exr"), 5, WHOLE) is not None


def test_it_is_placed_in_plate_pixels_with_zero_outside(tmp_path: Path) -> None:
    small = np.full((2, 3), 0.5, np.float32)
    write_exr(tmp_path / "m.exr", channels={"A": small}, dataWindow=box(-1, 2, 2, 4), displayWindow=box(0, 0, 8, 6))
    matte = read_matte(str(tmp_path / "m.exr"), 1, Window(-3, 1, 4, 5))
    assert matte is not None
    wanted = np.zeros((4, 7), np.float32)
    wanted[1:3, 2:5] = 0.5
    assert np.array_equal(matte[0].numpy(), wanted)
    far = read_matte(str(tmp_path / "m.exr"), 1, Window(50, 50, 52, 52))
    assert far is not None and not far.any()


def test_values_are_held_in_zero_to_one(tmp_path: Path) -> None:
    wild = HALVES.copy()
    wild[0, :4] = (-3, 7, np.nan, np.inf)
    write_exr(tmp_path / "m.exr", channels={"A": wild})
    matte = read_matte(str(tmp_path / "m.exr"), 1, WHOLE)
    assert matte is not None and matte[0, 0, :4].tolist() == [0, 1, 0, 1]


def test_a_png_matte_is_read(tmp_path: Path) -> None:
    picture = np.zeros((6, 8, 1), np.uint8)
    picture[2, 3] = 255
    file: Any = oiio.ImageOutput.create(str(tmp_path / "m.png"))
    assert (
        file.open(str(tmp_path / "m.png"), oiio.ImageSpec(8, 6, 1, "uint8"))
        and file.write_image(picture)
        and file.close()
    )
    matte = read_matte(str(tmp_path / "m.png"), 1, WHOLE)
    assert matte is not None and matte[0, 2, 3] == 1 and matte.sum() == 1


def test_a_matte_that_cannot_be_read_or_has_no_channel_says_so(tmp_path: Path) -> None:
    (tmp_path / "m.exr").write_bytes(b"")
    with pytest.raises(FrameBroken, match=r"frame 3: matte .*m\.exr: the file is empty"):
        read_matte(str(tmp_path / "m.exr"), 3, WHOLE)
    write_exr(tmp_path / "n.exr", channels={"u": noise(6, 8), "v": noise(6, 8)})
    with pytest.raises(FrameBroken, match=r"has no channel A, mask.a, matte, R or Y \(it has u, v\); rename one"):
        read_matte(str(tmp_path / "n.exr"), 3, WHOLE)
