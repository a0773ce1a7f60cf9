from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
import torch

from ff_vfx.errors import FrameBroken, UnknownColourSpace
from ff_vfx.plate import open_plate, read_still, write_frame
from ff_vfx.types.settings import OutputSettings
from tests.plate.making import untouched

RAMP = {"uint8": 255, "uint16": 65535, "float": 1.0}


def save(path: Path, channels: int = 3, kind: str = "uint8", **attributes: object) -> np.ndarray:
    """A random picture of that many channels as a file; what was stored comes back."""
    values = np.random.default_rng(1).random((12, 20, channels))
    stored = (values * RAMP[kind]).astype({"float": np.float32}.get(kind, kind))
    spec = oiio.ImageSpec(20, 12, channels, kind)
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    file: Any = oiio.ImageOutput.create(str(path))
    assert file.open(str(path), spec) and file.write_image(stored) and file.close()
    return stored


@pytest.mark.parametrize("ending", ["png", "tif", "dpx"])
@pytest.mark.parametrize(("kind", "dtype"), [("uint8", torch.float16), ("uint16", torch.float32)])
def test_integer_pictures_are_codes_over_the_largest(
    tmp_path: Path, ending: str, kind: str, dtype: torch.dtype
) -> None:
    stored = save(tmp_path / f"a.0003.{ending}", kind=kind)
    frame = open_plate(str(tmp_path / f"a.####.{ending}"), colour_space="srgb_tx").read(3)
    assert frame.pixels.dtype == dtype and frame.colour_space == "sRGB - Texture"
    back = (frame.pixels.float().numpy() * RAMP[kind]).round().astype(kind)
    assert np.array_equal(np.moveaxis(back, 0, 2), stored)


def test_ten_bit_dpx_is_read_to_within_a_quarter_code(tmp_path: Path) -> None:
    stored = save(tmp_path / "a.dpx", kind="uint16", oiio__BitsPerSample=10)
    frame = read_still(tmp_path / "a.dpx", colour_space="arri_logc3_ei800")
    assert frame.pixels.dtype == torch.float16
    codes = np.moveaxis(frame.pixels.float().numpy(), 0, 2) * 1023
    assert float(np.abs(codes - (stored >> 6)).max()) < 0.3


def test_float_tiff_is_unbounded_and_asks_for_its_space(tmp_path: Path) -> None:
    save(tmp_path / "a.tif", kind="float")
    with pytest.raises(UnknownColourSpace, match="does not say"):
        read_still(tmp_path / "a.tif")
    assert read_still(tmp_path / "a.tif", colour_space="ACEScg").pixels.dtype == torch.float32


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_untagged_integer_stills_count_as_srgb(tmp_path: Path, name: str) -> None:
    save(tmp_path / name)
    assert read_still(tmp_path / name).colour_space == "sRGB - Texture"
    assert open_plate(str(tmp_path / name)).colour_space == "sRGB - Texture"


def test_dpx_says_its_space_or_is_asked(tmp_path: Path) -> None:
    save(tmp_path / "a.dpx")
    with pytest.raises(UnknownColourSpace, match="which colour space"):
        read_still(tmp_path / "a.dpx")
    save(tmp_path / "b.dpx", dpx__Transfer="ITU-R 709-4")
    assert read_still(tmp_path / "b.dpx").colour_space == "Camera Rec.709"
    save(tmp_path / "c.dpx", dpx__Transfer="Printing density")
    with pytest.raises(UnknownColourSpace, match="says 'Printing density', which the config does not know"):
        read_still(tmp_path / "c.dpx")


def test_grey_becomes_colour_and_alpha_is_kept(tmp_path: Path) -> None:
    save(tmp_path / "grey.png", channels=1)
    save(tmp_path / "rgba.png", channels=4)
    grey, rgba = read_still(tmp_path / "grey.png").pixels, read_still(tmp_path / "rgba.png").pixels
    assert grey.shape == (3, 12, 20) and torch.equal(grey[0], grey[2])
    assert rgba.shape == (4, 12, 20)


def test_a_png_frame_can_be_written_as_exr(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    frame = read_still(tmp_path / "a.png")
    write_frame(untouched(frame), tmp_path / "a.exr", OutputSettings())
    back = read_still(tmp_path / "a.exr")
    assert torch.equal(back.pixels[:3], frame.pixels) and back.colour_space == frame.colour_space


@pytest.mark.parametrize("ending", ["png", "tif", "dpx"])
def test_empty_and_truncated_pictures_are_broken_frames(tmp_path: Path, ending: str) -> None:
    for n in (1, 2, 3):
        save(tmp_path / f"a.{n:04d}.{ending}")
    plate = open_plate(str(tmp_path / f"a.####.{ending}"), colour_space="srgb_tx")
    (tmp_path / f"a.0002.{ending}").write_bytes(b"")
    raw = (tmp_path / f"a.0003.{ending}").read_bytes()
    (tmp_path / f"a.0003.{ending}").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(FrameBroken, match=r"frame 2: .*the file is empty \(0 bytes\); render or copy it again"):
        plate.read(2)
    with pytest.raises(FrameBroken, match=r"frame 3: .*(truncated|cannot be read).*; render or copy it again"):
        plate.read(3)
