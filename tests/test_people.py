"""Two people who cross in one shot, each with a performer of their own, by stills of who they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
import torch

from benchmarks.truth.two_people import TwoPeople, why_absent, write_two_people
from ff_vfx import door
from ff_vfx.composite.mark import MARKED
from ff_vfx.engine.model import open_model
from ff_vfx.track.recognise import Recogniser, likeness, performer_embedding
from tests.consented import unknown_stills
from tests.contract.models import ONNX, mobile_face_net

FRAMES = (1002, 1006, 1015)  # apart, one behind the other, on the other side
RECOGNISER = "MobileFaceNet"


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> TwoPeople:
    if why_absent() or not (ONNX / "MobileFaceNet.onnx").is_file():
        pytest.skip(why_absent() or f"needs {ONNX / 'MobileFaceNet.onnx'}")
    return write_two_people(tmp_path_factory.mktemp("crossing"), truth=False)


@pytest.fixture(scope="module")
def models(models_dir: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded models and a real recogniser."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(models_dir, folder, dirs_exist_ok=True)
    file, manifest = mobile_face_net()
    shutil.copy(file, folder / manifest.file)
    (folder / f"{RECOGNISER}.json").write_text(manifest.as_json())
    return folder


@pytest.fixture(scope="module")
def rendered(crossing: TwoPeople, models: Path, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("out")
    cast = [{"face": str(crossing.references[who]), "performer": str(crossing.performers[who])} for who in "AB"]
    settings = {"track": {"recogniser": RECOGNISER, "crop_variants": 1}, "steady": {"window": 0}}
    job = {
        "plate": crossing.plate, "output": str(folder / "comp.####.exr"), "models": str(models), "cast": cast,
        "frames": ",".join(map(str, FRAMES)), "settings": settings,
    }  # fmt: skip
    return folder, door.render(door.make_job(job))


def told_of(value: object) -> list[dict[str, Any]]:
    assert isinstance(value, list)
    return value


def pixels(path: Path, *names: str) -> np.ndarray:
    channels = OpenEXR.File(str(path), separate_channels=True).parts[0].channels
    return np.stack([channels[name].pixels for name in names]).astype(np.float32)


def test_both_are_rendered_and_judged_by_name(rendered):
    _, report = rendered
    assert report.exit_code == 0, report.faults
    assert [member["face"] for member in report.decisions["cast"]] == ["face0", "face1"]
    for entry in report.frames:
        people = {told["face"]: told for told in entry.decisions["people"]}
        assert set(people) == {"face0", "face1"}, entry.number
        assert all(told["identity"] > 0.6 and told["agreement"] < 0.15 for told in people.values()), people
    assert "research" in " ".join(report.decisions["warnings"]), "what a model may be used for is told"
    json.dumps(report.as_dict())


def test_each_gets_his_own_performer_before_and_after_they_cross(rendered, crossing: TwoPeople, models: Path):
    """The new faces look like the performer meant for them, and less like the other one."""
    from ff_vfx.door.linear import open_linear_plate
    from ff_vfx.door.performer import open_performer, still_files
    from ff_vfx.track import detect_faces, open_detectors
    from ff_vfx.types.settings import TrackSettings

    folder, _ = rendered
    detectors, recogniser = open_detectors(models), Recogniser(open_model(RECOGNISER, models))
    who = {
        name: performer_embedding(open_performer(still_files(str(stills)), "", detectors)[0], recogniser)[0]
        for name, stills in crossing.performers.items()
    }
    plate = open_linear_plate(str(folder / "comp.####.exr"), "")
    for number in (1002, 1015):
        frame = plate.read(number)
        faces = detect_faces(frame, detectors, TrackSettings())
        row = crossing.numbers.index(number)
        for name, other in ("AB", "BA"):
            centre = crossing.landmarks[name][row].mean(0)
            face = min(faces, key=lambda f: float(np.linalg.norm(f.landmarks[:468, :2].mean(0) - centre)))
            found = recogniser.embed(frame, face)
            mine, his = likeness(found, who[name]), likeness(found, who[other])
            assert mine > 0.5 and mine > his + 0.2, f"frame {number}, {name}: {mine:.2f} to his own, {his:.2f}"


def test_layers_hold_both_and_the_face_over_the_plate_is_the_picture(rendered, crossing: TwoPeople):
    folder, _ = rendered
    for number in FRAMES:
        file, plate_file = folder / f"comp.{number}.exr", Path(crossing.plate.replace("####", str(number)))
        fused, plate = torch.from_numpy(pixels(file, *"RGB")), torch.from_numpy(pixels(plate_file, *"RGB"))
        face = torch.from_numpy(pixels(file, *(f"ffFace.{c}" for c in "RGBA")))
        assert torch.allclose(face[:3] + plate * (1.0 - face[3:]), fused, atol=4e-3)
        untouched = (face[3:] == 0.0).expand_as(plate)
        assert torch.equal(fused[untouched], plate[untouched]), "coverage 0: the plate's own bits"
        header = OpenEXR.File(str(file)).header()
        names = [value for name, value in header.items() if name.endswith("/manifest")]
        assert any('"face0"' in text and '"face1"' in text for text in names)
        assert RECOGNISER in header["ffvfx/models"]


def test_of_two_the_one_whom_nobody_cleared_is_marked_and_the_other_keeps_his_bits(
    rendered, crossing: TwoPeople, models: Path, tmp_path: Path
):
    folder, _ = rendered
    unknown = unknown_stills(crossing.performers["B"].parent, tmp_path, crossing.performers["B"].name)
    stills = {"A": str(crossing.performers["A"]), "B": str(unknown)}
    cast = [{"face": str(crossing.references[who]), "performer": stills[who]} for who in "AB"]
    settings = {"track": {"recogniser": RECOGNISER, "crop_variants": 1}, "steady": {"window": 0}}
    job = {
        "plate": crossing.plate, "output": str(tmp_path / "comp.####.exr"), "models": str(models), "cast": cast,
        "frames": "1002", "settings": settings, "solve": str(next(folder.glob("*.ffsolve.json"))),
    }  # fmt: skip
    report = door.render(door.make_job(job))
    assert report.exit_code == 0, report.faults
    assert [one["cleared"] for one in told_of(report.decisions["consent"])] == [True, False]
    told = {one["face"]: "marked" in one for one in told_of(report.frames[0].decisions["people"])}
    assert sorted(told.values()) == [False, True]
    file = tmp_path / "comp.1002.exr"
    assert OpenEXR.File(str(file)).header()[MARKED] == "no consent"
    other = (pixels(file, *"RGB") != pixels(folder / "comp.1002.exr", *"RGB")).any(0)
    centres = {who: crossing.landmarks[who][crossing.numbers.index(1002)].mean(0) for who in "AB"}
    near = {who: other[int(y) - 40 : int(y) + 40, int(x) - 40 : int(x) + 40] for who, (x, y) in centres.items()}
    assert near["B"].mean() > 0.9 and not near["A"].any()
