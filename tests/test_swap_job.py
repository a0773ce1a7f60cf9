"""`ff-vfx fuse --swapper` on the example shot, end to end: a network in inswapper's layout, a real recogniser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from ff_vfx import door
from ff_vfx.types.report import Report
from tests.conftest import example_job
from tests.contract.swappers import Family, write_swapper
from tests.door.networks.test_swapper import changed, write_mobilefacenet

LIKE = Family("inswapper_like", length=512, matrix="last", embedding=128)
FRAMES = (1003, 1004)


@pytest.fixture(scope="module")
def models(models_dir: str, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded models, MobileFaceNet, and swappers that take its 128 numbers."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(models_dir, folder, dirs_exist_ok=True)
    write_mobilefacenet(folder, shared_data / "onnx" / "MobileFaceNet.onnx")
    for kind in ("identity", "tint"):
        changed(write_swapper(folder, LIKE, kind), recogniser="mobilefacenet")
    return folder


def rendered(models: Path, shot: Path, solve: Path, out: Path, swapper: str, **changes) -> Report:
    job = example_job(str(models), shot, solve, out) | {"swapper": swapper, "frames": "1003-1004"} | changes
    return door.render(door.make_job(job))


def channels(path: Path) -> dict[str, np.ndarray]:
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return {name: channel.pixels.copy() for name, channel in file.channels().items()}


def test_null_law_the_identity_network_gives_the_plate_bit_for_bit_and_the_layers_as_before(
    models, example_shot, example_solve, rendered_example, tmp_path
):
    report = rendered(models, example_shot, example_solve, tmp_path, "inswapper_like_identity")
    assert report.exit_code == 0, report.faults or [entry.fault for entry in report.failed]
    told = json.dumps(report.decisions)
    assert "inswapper_like_identity" in told and "mobilefacenet" in told, (
        "both are told, with what they may be used for"
    )
    for number in FRAMES:
        made = channels(tmp_path / f"comp.{number}.exr")
        plate = channels(example_shot / f"plate.{number}.exr")
        for name, pixels in plate.items():
            assert np.array_equal(made[name].view(np.uint8), pixels.view(np.uint8)), f"{number} {name}"
        assert made["ffMatte.red"].max() == 1.0, "the matte is on: the law says something"
        assert set(made) == set(channels(rendered_example / f"comp.{number}.exr"))


def test_another_network_gives_another_face_and_the_same_job_again_makes_nothing(
    models, example_shot, example_solve, tmp_path
):
    path = str(models / "inswapper_like_tint.json")
    frame = {"frames": "1003"}
    report = rendered(models, example_shot, example_solve, tmp_path, path, **frame)
    assert report.exit_code == 0, report.faults or [entry.fault for entry in report.failed]
    made, plate = channels(tmp_path / "comp.1003.exr"), channels(example_shot / "plate.1003.exr")
    changed_px = np.abs(made["R"].astype(np.float32) - plate["R"].astype(np.float32)) > 0.01
    assert 50 < changed_px.sum() < 0.2 * changed_px.size, "a disc beside an eye"
    again = rendered(models, example_shot, example_solve, tmp_path, path, **frame)
    assert [entry.outcome for entry in again.frames] == ["skipped"]


def test_without_its_recogniser_nothing_is_rendered_and_the_report_says_what_to_give(
    models, example_shot, example_solve, tmp_path
):
    alone = changed(write_swapper(tmp_path, LIKE, "strided"), recogniser="w600k_r50")
    report = rendered(models, example_shot, example_solve, tmp_path / "out", str(alone), frames="1003")
    assert report.exit_code != 0 and not list(tmp_path.glob("out/*.exr"))
    assert "w600k_r50" in report.faults[0] and "track.recogniser" in report.faults[0]
