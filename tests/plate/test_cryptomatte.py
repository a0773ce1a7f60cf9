from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import torch

from ff_vfx.plate import read_still, write_frame
from ff_vfx.plate.cryptomatte import encode, id_of, rank_count
from ff_vfx.types.layers import CryptoIds, Layers
from ff_vfx.types.settings import OutputSettings
from ff_vfx.types.window import Window
from tests.plate.making import write_exr


def random_ids(names: list[str], height: int = 8, width: int = 10) -> CryptoIds:
    torch.manual_seed(3)
    planes = torch.rand(len(names), height, width)
    planes = planes / planes.sum(0) * (torch.rand(height, width) > 0.3)
    return CryptoIds("ffParts", dict(zip(names, planes, strict=True)))


def test_known_ids_of_the_specification() -> None:
    assert id_of("hello") == 0x248BFA47 and id_of("world") == 0xFB963CFB
    for i in range(20000):
        assert id_of(f"n{i}") >> 23 & 255 not in (0, 255)


def test_ranks_are_even_and_at_most_six() -> None:
    assert [rank_count(n) for n in (1, 2, 3, 5, 6, 9)] == [2, 2, 4, 6, 6, 6]


def test_ranks_go_down_and_empty_ones_have_no_id() -> None:
    channels, _ = encode(random_ids(["a", "b", "c", "d"]))
    cover = np.stack([channels[n] for n in ("ffParts00.G", "ffParts00.A", "ffParts01.G", "ffParts01.A")])
    ids = np.stack([channels[n] for n in ("ffParts00.R", "ffParts00.B", "ffParts01.R", "ffParts01.B")])
    assert bool((np.diff(cover, axis=0) <= 0).all())
    assert bool(((ids == 0) == (cover == 0)).all()) and all(plane.dtype == np.float32 for plane in channels.values())


def test_coverage_that_adds_up_to_more_than_one_is_scaled() -> None:
    ids = CryptoIds(
        "k", {"a": torch.full((2, 2), 0.9), "b": torch.full((2, 2), 0.6), "c": torch.full((2, 2), float("nan"))}
    )
    channels, _ = encode(ids)
    assert np.allclose(channels["k00.G"], 0.6) and np.allclose(channels["k00.A"], 0.4)


@pytest.mark.parametrize("layers", ["all", "face"])
def test_the_reference_decoder_reads_back_each_mask(tmp_path: Path, layers: str) -> None:
    oracle = pytest.importorskip("cryptomatte_api")
    ids = random_ids(["skin", "lips", "eye_l", "eye_r", "mouth"])
    people = CryptoIds("ffPeople", {"face0 é": torch.rand(8, 10)})
    frame = read_still(write_exr(tmp_path / "in.exr", size=(10, 8)))
    window = frame.data_window
    made = Layers(frame, window, torch.zeros(3, 8, 10), torch.zeros(1, 8, 10), cryptomattes=(ids, people))
    write_frame(made, tmp_path / "out.exr", OutputSettings(layers=layers))
    found = {matte.metadata().name(): matte for matte in oracle.Cryptomatte.load(tmp_path / "out.exr")}
    assert set(found) == {"ffParts", "ffPeople"}
    for kind in (ids, people):
        for name, plane in kind.coverage.items():
            assert np.allclose(found[kind.kind].mask(name), plane.numpy(), atol=1e-6), name


def test_cryptomattes_are_floats_over_the_whole_plate_with_zero_outside(tmp_path: Path) -> None:
    frame = read_still(write_exr(tmp_path / "in.exr", size=(30, 20)))
    made = Layers(
        frame, Window(5, 5, 15, 13), torch.zeros(3, 8, 10), torch.zeros(1, 8, 10), cryptomattes=(random_ids(["a"]),)
    )
    write_frame(made, tmp_path / "out.exr", OutputSettings())
    part = OpenEXR.File(str(tmp_path / "out.exr"), separate_channels=True).parts[0]
    plane = part.channels["ffParts00.R"].pixels
    assert plane.shape == (20, 30) and plane.dtype == np.float32 and not plane[:5].any() and plane[5:13, 5:15].any()
    key = f"cryptomatte/{id_of('ffParts'):08x}"[:19]
    assert part.header[f"{key}/conversion"] == "uint32_to_float32" and part.header[f"{key}/hash"] == "MurmurHash3_32"
    assert part.header[f"{key}/manifest"] == f'{{"a":"{id_of("a"):08x}"}}'
