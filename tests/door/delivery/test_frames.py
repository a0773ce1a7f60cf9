"""Finished files read to their ends: hostile ones are facts, plates of other kinds are compared, strays are seen."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from ff_vfx.door.delivery.frames import Beneath, half_written, read_frame, read_frames, strays_of
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.plate import sequence_path, write_frame
from ff_vfx.types.delivery import DeliveredFrame
from ff_vfx.types.settings import OutputSettings
from ff_vfx.types.window import Window
from tests.plate.making import layers_of, rich_exr, untouched, write_exr

FLIPS = 60


def finished(folder: Path, plate: str, numbers: Sequence[int], colour: str = "") -> tuple[Path, Beneath]:
    """Frames as a render writes them, over a plate; the last is the plate alone."""
    opened = open_plate_to_render(plate, colour)
    folder.mkdir()
    for number in numbers:
        frame = opened.read(number)
        layers = untouched(frame) if number == numbers[-1] else layers_of(frame, Window(1, 1, 7, 5))
        write_frame(layers, folder / f"comp.{number}.exr", OutputSettings())
    return folder, Beneath(opened, "", False)


def read(folder: Path, beneath: Beneath) -> dict[int, DeliveredFrame]:
    files = sequence_path(str(folder / "comp.####.exr")).found()
    return read_frames(files, beneath, lambda stage, done, total: None)


def test_frames_are_compared_with_a_plate_of_odd_windows_many_parts_and_its_own_nans(tmp_path: Path):
    (tmp_path / "plate").mkdir()
    for number in (1, 2):
        rich_exr(tmp_path / "plate" / f"plate.{number:04d}.exr")
    folder, beneath = finished(tmp_path / "out", str(tmp_path / "plate" / "plate.####.exr"), (1, 2))
    for number in (1, 2):
        (folder / f"comp.{number}.exr").rename(folder / f"comp.{number:04d}.exr")
    found = read(folder, beneath)
    for frame in found.values():
        assert frame.fault == "" and frame.pixels and frame.pixels.compared
        assert (frame.pixels.changed, frame.pixels.not_finite) == ({}, {})
    made = found[1].pixels
    assert made and made.generated and made.covered > 0 and found[2].pixels and not found[2].pixels.generated


def test_frames_over_png_are_compared_with_the_plate_as_it_was_worked_on(tmp_path: Path):
    (tmp_path / "plate").mkdir()
    for number in (1001, 1002):
        pixels = np.random.default_rng(number).integers(0, 65535, (6, 8, 3), dtype=np.uint16)
        path = str(tmp_path / "plate" / f"plate.{number}.png")
        buffer = oiio.ImageBuf(oiio.ImageSpec(8, 6, 3, "uint16"))
        assert buffer.set_pixels(oiio.ROI(), pixels) and buffer.write(path)
    folder, beneath = finished(tmp_path / "out", str(tmp_path / "plate" / "plate.####.png"), (1001, 1002))
    found = read(folder, beneath)
    assert all(frame.pixels and frame.pixels.compared and not frame.pixels.changed for frame in found.values())
    assert all(frame.plate is None and not frame.plate_fault for frame in found.values())


def test_a_plates_frame_that_is_gone_is_said_with_the_frame_that_needed_it(tmp_path: Path):
    (tmp_path / "plate").mkdir()
    for number in (1001, 1002, 1003):
        write_exr(tmp_path / "plate" / f"plate.{number}.exr")
    folder, beneath = finished(tmp_path / "out", str(tmp_path / "plate" / "plate.####.exr"), (1001, 1002, 1003))
    (tmp_path / "plate" / "plate.1002.exr").unlink()
    found = read(folder, beneath)[1002]
    assert found.fault == "" and "1002" in found.plate_fault and found.pixels and not found.pixels.compared


def test_whatever_a_files_bytes_are_it_is_a_fact_or_another_hash_and_never_an_error(tmp_path: Path):
    (tmp_path / "plate").mkdir()
    write_exr(tmp_path / "plate" / "plate.1001.exr", size=(16, 12))
    write_exr(tmp_path / "plate" / "plate.1002.exr", size=(16, 12))
    folder, beneath = finished(tmp_path / "out", str(tmp_path / "plate" / "plate.####.exr"), (1001, 1002))
    file = folder / "comp.1001.exr"
    sound, content, chance = read_frame(1001, file, beneath), file.read_bytes(), random.Random(7)
    assert sound.fault == ""
    for _ in range(FLIPS):
        spoilt = bytearray(content)
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(spoilt))
        found = read_frame(1001, file, beneath)
        assert found.fault or found.sha256 != sound.sha256
    for length in range(0, len(content), max(len(content) // 40, 1)):
        file.write_bytes(content[:length])
        assert read_frame(1001, file, beneath).fault


def test_a_folder_instead_of_a_file_is_a_fact(tmp_path: Path):
    (tmp_path / "comp.1001.exr").mkdir()
    assert read_frame(1001, tmp_path / "comp.1001.exr", Beneath(None, "", False)).fault


def test_strays_are_what_a_broken_run_left_and_second_files_and_nothing_else(tmp_path: Path):
    names = ("comp.1001.exr", "comp.1002.exr", "comp.01001.exr", ".comp.1001.exr.77-140.tmp", "comp.ffmanifest.json")
    for name in (*names, ".other.1001.exr.77-140.tmp", "notes.txt", ".comp.1001.exr.swp", "compA.1001.exr"):
        (tmp_path / name).touch()
    path = sequence_path(str(tmp_path / "comp.####.exr"))
    assert strays_of(path, path.found()) == (".comp.1001.exr.77-140.tmp", "comp.01001.exr")
    assert half_written(".comp.1001.exr.77-140.tmp") == "comp.1001.exr" and half_written("comp.1001.exr") == ""


def test_a_file_that_claims_many_times_what_the_others_have_is_not_decoded(tmp_path: Path):
    for number in (1001, 1002, 1003):
        write_exr(tmp_path / f"comp.{number}.exr")
    black = {name: np.zeros((512, 512), np.float16) for name in "RGB"}
    write_exr(tmp_path / "comp.1004.exr", size=(512, 512), channels=black)
    found = read(tmp_path, Beneath(None, "", False))
    assert "many times what the other frames have" in found[1004].fault
    assert [number for number, frame in found.items() if frame.fault] == [1004]


def test_an_interrupt_ends_the_reading_at_once(tmp_path: Path):
    for number in range(1001, 1041):
        write_exr(tmp_path / f"comp.{number}.exr")
    read_so_far = []

    def stop(stage: str, done: int, total: int) -> None:
        read_so_far.append(done)
        raise KeyboardInterrupt

    files = sequence_path(str(tmp_path / "comp.####.exr")).found()
    with pytest.raises(KeyboardInterrupt):
        read_frames(files, Beneath(None, "", False), stop)
    assert read_so_far == [1]
