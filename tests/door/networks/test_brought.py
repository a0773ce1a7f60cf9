"""A job's networks at the door: what they make, what is told of them, and what becomes of bad ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

pytest.importorskip("onnx", reason="contract networks are written with the onnx package")
pytest.importorskip("onnxruntime", reason="contract networks are run with onnxruntime")

import onnx

from ff_vfx import door
from ff_vfx.engine.runtimes.failures import OutOfMemory
from ff_vfx.errors import ModelError
from tests.contract.pack import write_pack
from tests.contract.swappers import INSWAPPER, write_swapper
from tests.door.test_rendering import SMALL, fates, fault, two_frames

LIVE = {"preset": "live", "fuse": {"crop_px": 128}, "track": {"recogniser": "knows"}}


@pytest.fixture(scope="module")
def models(models_dir: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded models, and a recogniser of 512 numbers that knows colours of cells."""
    folder = tmp_path_factory.mktemp("models")
    for file in Path(models_dir).iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    pack = write_pack(tmp_path_factory.mktemp("pack"), real=False)
    about = {"kind": "recogniser", "like": "arcface", "name": "knows"}
    told = {"licence": "Apache-2.0", "use": "non-commercial", "origin": "made by a test"}
    door.add_model(str(pack / "w600k_r50.onnx"), {**about, **told}, str(folder))
    return folder


@pytest.fixture
def job(example_shot, example_solve, models, tmp_path) -> dict[str, object]:
    return {**two_frames(models, example_shot, example_solve, tmp_path), "settings": LIVE}


def made(job: dict[str, object], swapper: Path, **changes: object):
    return door.make_job({**job, "swapper": str(swapper), **changes})


def planes(path: Path) -> dict[str, np.ndarray]:
    channels = OpenEXR.File(str(path), separate_channels=True).parts[0].channels
    return {name: channel.pixels for name, channel in channels.items()}


def test_null_law_a_swapper_that_gives_back_what_it_sees_leaves_every_bit_of_the_shot(job, tmp_path, example_shot):
    report = door.render(made(job, write_swapper(tmp_path, INSWAPPER)))
    assert fates(report) == {1001: "rendered", 1002: "rendered"}, report.faults
    for number in (1001, 1002):
        found = planes(tmp_path / "out" / f"comp.{number}.exr")
        plate = planes(example_shot / f"plate.{number}.exr")
        assert found["ffMatte.red"].max() == 1.0, "the matte is on: the law says something"
        assert all(found[c].tobytes() == plate[c].tobytes() for c in plate)
        groups = {name.split(".")[0] for name in found}
        assert groups >= {"ffFace", "ffRaw", "ffMatte", "ffAux", "ffSt", "backward", "ffPeople00", "ffParts00"}


def test_what_the_networks_are_is_in_the_report_and_in_every_file(job, tmp_path):
    manifest = write_swapper(tmp_path, INSWAPPER, "tint")
    report = door.render(made(job, manifest, frames="1001"))
    sha256 = json.loads(manifest.read_text())["sha256"]
    rows: list[dict[str, str]] = report.decisions["models"]  # type: ignore[assignment]
    named = {row["name"]: row for row in rows}
    assert named["inswapper_like_tint"]["sha256"] == sha256
    assert report.decisions["warnings"] == ["model knows (Apache-2.0) is for non-commercial use"]
    assert "boost" in str(report.decisions["swapper"])
    header = OpenEXR.File(str(tmp_path / "out" / "comp.1001.exr")).header()
    assert f"inswapper_like_tint {sha256} Apache-2.0 any" in header["ffvfx/models"]


def test_a_frame_is_made_again_when_its_network_changed_and_not_when_nothing_did(job, tmp_path):
    manifest = write_swapper(tmp_path, INSWAPPER, "tint")
    one = made(job, manifest, frames="1001")
    assert fates(door.render(one)) == {1001: "rendered"}
    assert fates(door.render(one)) == {1001: "skipped"}
    other = {**json.loads(manifest.read_text()), "template": "arcface_112"}
    manifest.write_text(json.dumps(other))
    assert fates(door.render(one)) == {1001: "rendered"}


def rewritten(manifest: Path, file: bytes) -> Path:
    """The manifest with another file: its hash is right."""
    fields = json.loads(manifest.read_text())
    (manifest.parent / fields["file"]).write_bytes(file)
    manifest.write_text(json.dumps({**fields, "sha256": hashlib.sha256(file).hexdigest()}))
    return manifest


def test_a_network_that_cannot_work_keeps_the_run_from_starting_and_says_why(job, tmp_path):
    manifest = write_swapper(tmp_path, INSWAPPER)
    file = tmp_path / json.loads(manifest.read_text())["file"]
    good = file.read_bytes()
    file.write_bytes(good + b"x")
    assert "hash differs" in fault(door.render(made(job, manifest)))
    assert "cannot load it" in fault(door.render(made(job, rewritten(manifest, good[: len(good) // 2]))))
    model = onnx.load_from_string(good)
    model.opset_import[0].version = 999
    assert "operator set" in fault(door.render(made(job, rewritten(manifest, model.SerializeToString()))))
    model = onnx.load_from_string(good)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 64
    assert "128" in fault(door.render(made(job, rewritten(manifest, model.SerializeToString()))))
    assert "no manifest" in fault(door.render(made(job, tmp_path / "none.json")))
    assert not list((tmp_path / "out").glob("*.exr"))


def test_a_network_that_gives_nan_fails_its_frames_and_says_which_output(job, tmp_path):
    manifest = write_swapper(tmp_path, INSWAPPER)
    model = onnx.load(tmp_path / json.loads(manifest.read_text())["file"])
    last = model.graph.node[-1]
    assert last.output[0] == "output"
    last.output[0] = "before"
    # 0 where it is shown nothing, as when it is opened; nan on a real picture.
    model.graph.node.extend(
        [onnx.helper.make_node("Sub", ["before", "before"], ["zero"]),
         onnx.helper.make_node("Neg", ["before"], ["below"]),
         onnx.helper.make_node("Sqrt", ["below"], ["root"]),
         onnx.helper.make_node("Add", ["root", "zero"], ["output"])]
    )  # fmt: skip
    report = door.render(made(job, rewritten(manifest, model.SerializeToString())))
    said = " ".join([*report.faults, *(entry.fault for entry in report.frames)])
    assert report.exit_code in (2, 4) and "output" in said and "nan" in said


@pytest.mark.parametrize(
    ("error", "text"),
    [(ModelError("model x: threw"), "model x: threw"), (OutOfMemory("model x: out of memory"), "out of memory")],
)
def test_a_network_that_fails_on_one_frame_fails_that_frame_alone(job, tmp_path, monkeypatch, error, text):
    """In post, where its neighbours would have asked it for a vote; and the job may say stop."""
    from ff_vfx.fuse.swap.fuser import SwapFuser

    honest = SwapFuser.fuse_many

    def fuse_many(self, crops):
        if any(crop.number == 1003 for crop in crops):
            raise error
        return honest(self, crops)

    monkeypatch.setattr(SwapFuser, "fuse_many", fuse_many)
    settings = {**SMALL, "track": {"recogniser": "knows"}, "steady": {"window": 1}}
    manifest = write_swapper(tmp_path, INSWAPPER, "tint")
    report = door.render(made(job, manifest, settings=settings, frames="1002-1004"))
    assert fates(report) == {1002: "rendered", 1003: "failed", 1004: "rendered"} and report.exit_code == 3
    assert text in report.frames[1].fault and "1003" in report.frames[1].fault
    stopped = door.render(
        made(job, manifest, settings=settings, frames="1003-1004", stop_on_error=True, overwrite=True)
    )
    assert fates(stopped) == {1003: "failed"} and "stopped" in stopped.decisions


def test_a_device_that_is_not_there_is_told_once_and_the_frames_are_made_on_the_cpu(job, tmp_path):
    manifest = write_swapper(tmp_path, INSWAPPER, "tint")
    report = door.render(made(job, manifest, frames="1001", device="cuda:0"))
    warnings = report.as_dict()["decisions"].get("warnings", [])  # type: ignore[attr-defined]
    if any("CUDA" in line for line in warnings):
        told = [line for line in warnings if "onnxruntime" in line]
        assert len(told) == 1 and fates(report) == {1001: "rendered"}
    else:
        pytest.skip("there is a card here")
    assert "neither cpu" in fault(door.render(made(job, manifest, device="gpu")))


def test_a_job_can_be_checked_with_its_networks(job, tmp_path):
    report = door.check(made(job, write_swapper(tmp_path, INSWAPPER)))
    assert report.exit_code == 0
    assert [row["kind"] for row in report.decisions["models"]] == ["swapper", "recogniser"]  # type: ignore[attr-defined]
    assert "no manifest" in fault(door.check(made(job, tmp_path / "none.json")))
    assert "kind" in fault(door.check(made(job, Path(str(job["models"])) / "face_landmark.json")))


def test_a_swapper_shows_the_mouth_it_drew_unless_the_artist_says_otherwise():
    from ff_vfx.door.cast import Role
    from ff_vfx.door.preparing import settings_of
    from ff_vfx.types.job import Part
    from ff_vfx.types.settings import settings_from

    stills, network = (Role(Part(face="", performer="", swapper=name), ()) for name in ("", "ours"))
    asked = {mouth: settings_from("post", {"composite": {"mouth": mouth}}) for mouth in ("auto", "plate", "performer")}
    found = {(m, r is network): settings_of(s, r).composite.mouth for m, s in asked.items() for r in (stills, network)}
    assert found[("auto", True)] == "performer" and found[("auto", False)] == "auto"
    assert all(found[(mouth, by)] == mouth for mouth in ("plate", "performer") for by in (True, False))
