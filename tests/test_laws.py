"""The laws of the house on files: what a render may never do to a plate, and that frames do not know their order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import pytest

FRAMES = (1001, 1006, 1011, 1016)
LAYERS = ("ffFace", "ffRaw", "ffMatte", "ffAux", "ffSt", "forward", "backward", "ffPeople00", "ffParts00")


def channels(path: Path) -> dict[str, np.ndarray]:
    file = OpenEXR.File(str(path), separate_channels=True)
    return {name: np.asarray(channel.pixels) for name, channel in file.channels().items()}


@pytest.mark.parametrize("number", FRAMES)
def test_law_1_where_coverage_is_zero_the_file_has_the_plates_own_bits(rendered_example, example_shot, number):
    plate, made = channels(example_shot / f"plate.{number}.exr"), channels(rendered_example / f"comp.{number}.exr")
    outside = made["ffMatte.red"] == 0
    assert 0.2 < outside.mean() < 0.95
    for name in "RGB":
        assert made[name].dtype == plate[name].dtype == np.float16
        assert (made[name].view(np.uint16) == plate[name].view(np.uint16))[outside].all()
    assert (made["depth.Z"].view(np.uint32) == plate["depth.Z"].view(np.uint32)).all()


def test_law_1_attributes_and_windows_survive(rendered_example, example_shot):
    plate = OpenEXR.File(str(example_shot / "plate.1001.exr")).header()
    made = OpenEXR.File(str(rendered_example / "comp.1001.exr")).header()
    for name in set(plate) - {"channels", "type"}:
        assert str(made[name]) == str(plate[name]), name


def test_law_4_shuffled_chunks_in_processes_of_their_own_write_identical_files(
    rendered_example, example_shot, example_solve, models_dir, tmp_path
):
    for frames in ("1011", "1006,1003"):
        line = [
            "fuse", str(example_shot / "plate.####.exr"), "--performer", str(example_shot / "performer"),
            "--solve", str(example_solve), "-o", str(tmp_path / "comp.####.exr"),
            "--models", models_dir, "--frames", frames,
        ]  # fmt: skip
        subprocess.run([sys.executable, "-m", "ff_vfx.apps.cli", *line], check=True, capture_output=True, timeout=300)
    for number in (1003, 1006, 1011):
        whole, alone = (folder / f"comp.{number}.exr" for folder in (rendered_example, tmp_path))
        assert whole.read_bytes() == alone.read_bytes(), number


def test_layers_open_by_name_in_another_reader(rendered_example):
    picture = oiio.ImageInput.open(str(rendered_example / "comp.1006.exr"))
    assert picture is not None
    names = picture.spec().channelnames
    assert {name.split(".")[0] for name in names if "." in name} >= set(LAYERS)
    pixels = picture.read_image("float")
    assert pixels is not None
    of = {name: pixels[..., k] for k, name in enumerate(names)}
    inside = of["ffMatte.red"] == 1
    over = of["ffFace.R"][inside]
    assert np.allclose(over, of["R"][inside], atol=2e-3)
    assert of["ffMatte.red"].min() == 0.0 and of["ffMatte.red"].max() == 1.0
    assert abs(of["ffSt.u"][0, 0] - 0.5 / 512) < 1e-6 and abs(of["ffSt.v"][0, 0] - (1 - 0.5 / 512)) < 1e-6


def test_another_programs_cryptomatte_finds_the_person_and_the_parts(rendered_example):
    cryptomatte = pytest.importorskip("cryptomatte_api")
    file = rendered_example / "comp.1006.exr"
    found = {matte.metadata().name(): matte for matte in cryptomatte.Cryptomatte.load(file)}
    assert set(found) == {"ffPeople", "ffParts"}
    coverage = channels(file)["ffMatte.red"].astype(np.float32)
    person = np.asarray(found["ffPeople"].mask("face0")).reshape(coverage.shape)
    assert np.abs(person - coverage).max() < 2e-3
    parts = {
        name: np.asarray(found["ffParts"].mask(name)).reshape(coverage.shape) for name in ("skin", "lips", "eye_l")
    }
    assert parts["skin"].sum() > parts["lips"].sum() > parts["eye_l"].sum() > 20


def test_the_report_tells_of_every_frame(rendered_example, example_shot, example_solve, models_dir, tmp_path):
    report = tmp_path / "report.json"
    line = ["fuse", str(example_shot / "plate.####.exr"), "--performer", str(example_shot / "performer")]
    line += ["--solve", str(example_solve), "-o", str(rendered_example / "comp.####.exr"), "--models", models_dir]
    done = subprocess.run(
        [sys.executable, "-m", "ff_vfx.apps.cli", *line, "--report", str(report)], capture_output=True, timeout=300
    )
    said = json.loads(report.read_text())
    assert done.returncode == said["exit_code"] == 0
    assert [entry["number"] for entry in said["frames"]] == list(range(1001, 1017))
    assert {entry["outcome"] for entry in said["frames"]} == {"skipped"}, "what is valid on disk is not made again"
