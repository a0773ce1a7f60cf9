"""Anonymising at the door, on a small group: nobody who is not cleared is ever published."""

from __future__ import annotations

import csv
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx import door
from ff_vfx.door.hiding import plan as anonymised_plan
from ff_vfx.door.hiding.sightings import load_sightings, save_sightings
from ff_vfx.errors import BadInput, FfVfxError, SolveMismatch
from ff_vfx.plate import open_plate
from ff_vfx.track import load_solve
from ff_vfx.track.networks import open_detectors
from ff_vfx.track.recognise import likeness
from ff_vfx.track.sweep import Sighting, Sweep, sweep_frame
from ff_vfx.types.report import Report
from ff_vfx.types.settings import TrackSettings
from tests.door.made_group import FRAMES, GAP, LEFT, RIGHT, read_planes, write_group
from tests.door.networks.test_swapper import write_mobilefacenet


@pytest.fixture(scope="module")
def group(example_shot, tmp_path_factory) -> str:
    return write_group(example_shot, tmp_path_factory.mktemp("group"))


@pytest.fixture(scope="module")
def looked(group, models_dir, tmp_path_factory) -> tuple[Path, Report]:
    """The group, covered whole with a blur; what it saw is kept beside it."""
    folder = tmp_path_factory.mktemp("looked")
    report = door.anonymise(made(group, models_dir, folder, sheet=str(folder / "sheet.png")))
    assert report.exit_code == 0, report.faults or [entry.fault for entry in report.failed]
    return folder, report


@pytest.fixture
def run(group, looked, models_dir, tmp_path):
    """Anonymise again with changes, with what was seen already; gives the report and the folder."""

    def again(name: str = "out", **changes: object) -> tuple[Report, Path]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file in ("hid.ffsolve.json", "hid.ffsightings.json"):
            shutil.copyfile(looked[0] / file, folder / file)
        return door.anonymise(made(str(changes.pop("plate", group)), models_dir, folder, **changes)), folder

    return again


def made(plate: str, models: str, folder: Path, **changes: object):
    data = {"plate": plate, "output": str(folder / "hid.####.exr"), "models": models, **changes}
    return door.make_anonymise_job(data)


def face_of(planes: dict[str, np.ndarray], place: tuple[int, int, int], number: int) -> dict[str, np.ndarray]:
    """The inner face, as stored."""
    x, y, side = place[0] + number - FRAMES[0], place[1], place[2]
    reach = side // 6
    return {name: plane[y - reach : y + reach, x - reach : x + reach] for name, plane in planes.items()}


def detail(plane: np.ndarray) -> float:
    """How much a picture changes from pixel to pixel."""
    return float(np.abs(np.diff(plane.astype(np.float64), axis=1)).mean())


def both(group: str, folder: Path, number: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    return read_planes(Path(group.replace("####", str(number)))), read_planes(folder / f"hid.{number}.exr")


def told(report: Report, name: str) -> Any:
    """One of the report's decisions."""
    return report.decisions[name]


def header_of(path: Path) -> Any:
    import OpenEXR

    return OpenEXR.File(str(path)).header()


def fates(report: Report) -> dict[int, str]:
    return {entry.number: entry.outcome for entry in report.frames}


def test_everybody_is_covered_on_every_frame_even_where_no_network_sees_him(group, looked):
    folder, report = looked
    assert fates(report) == dict.fromkeys(FRAMES, "rendered")
    right = [
        track
        for track in json.loads((folder / "hid.inspect.json").read_text())["tracks"]
        if track["detections"][0]["x"] > 208
    ]
    states = {one["number"]: one["state"] for track in right for one in track["detections"]}
    assert states[GAP] == "held", "the planted gap is one"
    for number in FRAMES:
        plate, out = both(group, folder, number)
        for place in (LEFT, RIGHT):
            before, after = face_of(plate, place, number), face_of(out, place, number)
            for name in ("R", "G", "B", "depth.Z"):
                bound = 0.35 * detail(before[name]) if (number, place) != (GAP, RIGHT) else detail(before[name])
                assert detail(after[name]) < bound, (number, name)
            assert (after["ffMatte.red"] == 1.0).all()


def test_where_nobody_is_the_plates_own_bits_stay_in_every_channel(group, looked):
    for number in FRAMES:
        plate, out = both(group, looked[0], number)
        open_ = out["ffMatte.red"] == 0.0
        assert 0.2 < open_.mean() < 0.8
        for name, plane in plate.items():
            bits = np.uint32 if plane.dtype == np.float32 else np.uint16
            assert (plane.view(bits)[open_] == out[name].view(bits)[open_]).all(), name


def test_nobody_is_found_or_known_in_what_was_written(looked, models_dir):
    engines = open_detectors(Path(models_dir))
    plate = open_plate(str(looked[0] / "hid.####.exr"))
    for number in (FRAMES[0], GAP):
        strong = [one for one in sweep_frame(plate.read(number), engines, 0.6) if one.strong]
        near = [
            s for s in strong for x, y, side in (LEFT, RIGHT) if np.hypot(s.x - x, s.y - y) < side / 4 and s.mesh > 0.2
        ]
        assert near == []


def test_a_frame_alone_is_the_frame_in_the_range(run, looked):
    report, folder = run(frames=str(GAP))
    assert fates(report) == {GAP: "rendered"}
    name = f"hid.{GAP}.exr"
    assert (folder / name).read_bytes() == (looked[0] / name).read_bytes()


def test_blocks_stand_still_on_the_face(run, group):
    report, folder = run(method="pixelate")
    assert report.exit_code == 0
    a, b = (face_of(read_planes(folder / f"hid.{n}.exr"), RIGHT, n)["R"].astype(float) for n in (1001, 1002))
    assert np.abs(a - b).mean() < 0.03 * a.mean(), "the face moved by a pixel and its blocks with it"
    assert len(np.unique(a)) < 60


def test_whoever_is_cleared_keeps_his_bits_and_the_others_do_not(run, group, rights, example_shot):
    record = rights.clear([example_shot / "performer" / "still_0.exr"])
    report, folder = run(cleared=[{"face": "0", "record": str(record)}], shot="sh010")
    assert report.exit_code == 0 and "warnings" not in report.decisions, report.decisions
    assert "choice alone" in report.decisions["look_first"][0]["why"]
    assert list(report.decisions["cleared"]) == ["face0"] or list(report.decisions["cleared"]) == ["face1"]
    for number in FRAMES:
        plate, out = both(group, folder, number)
        kept = face_of(plate, LEFT, number)
        assert all((face_of(out, LEFT, number)[name] == kept[name]).all() for name in kept)
        assert (face_of(out, RIGHT, number)["ffMatte.red"] == 1.0).all()


ELSEWHERE = {"projects": ["other"], "shots": ["*"], "uses": ["*"], "territories": ["*"]}


@pytest.mark.parametrize(
    ("fields", "job", "why"),
    [
        ({"valid_until": "2020-02-01"}, {}, "expired on 2020-02-01"),
        ({"scope": ELSEWHERE}, {"project": "this"}, "is for project other"),
    ],
)
def test_a_consent_that_does_not_hold_clears_nobody(run, rights, example_shot, fields, job, why):
    record = rights.clear([example_shot / "performer" / "still_0.exr"], **fields)
    report, folder = run(cleared=[{"face": "0", "record": str(record)}], frames="1001", **job)
    assert report.exit_code == 0 and report.decisions["cleared"] == {}
    assert why in " ".join(report.decisions["warnings"])
    assert (face_of(read_planes(folder / "hid.1001.exr"), LEFT, 1001)["ffMatte.red"] == 1.0).all()


def test_a_forged_consent_clears_nobody(run, rights, example_shot):
    record = rights.clear([example_shot / "performer" / "still_0.exr"], valid_until="2020-02-01")
    record.write_text(record.read_text().replace("2020-02-01", "2099-02-01"))
    report, _ = run(cleared=[{"face": "0", "record": str(record)}], frames="1001")
    assert report.decisions["cleared"] == {} and len(report.decisions["warnings"]) == 1


def test_one_consent_is_one_persons(run, rights, example_shot):
    record = str(rights.clear([example_shot / "performer" / "still_0.exr"]))
    report, _ = run(cleared=[{"face": "0", "record": record}, {"face": "1", "record": record}], frames="1001")
    assert len(report.decisions["cleared"]) == 1
    assert "are there at once, and one consent is one person's" in " ".join(report.decisions["warnings"])


@pytest.mark.parametrize(
    ("cleared", "why"),
    [
        ({"face": "0"}, "by what right is not said"),
        ({}, "neither a face nor a record"),
        ({"face": "STILL"}, "without a recogniser"),
        ({"face": "0", "record": "none.ffconsent.json"}, "no such file"),
    ],
)
def test_a_choice_that_is_none_starts_nothing_or_clears_nobody(run, example_shot, cleared, why):
    still = str(example_shot / "performer" / "still_0.exr")
    wish = {name: value.replace("STILL", still) for name, value in cleared.items()}
    report, folder = run(cleared=[wish], frames="1001")
    said = " ".join([*report.faults, *report.decisions.get("warnings", [])])
    assert why in said
    assert (report.exit_code == 2) is not (folder / "hid.1001.exr").exists()


def test_a_frame_that_fails_is_not_written_and_an_old_one_is_warned_of(run, monkeypatch):
    real = anonymised_plan.load_sightings
    blind = lambda path, key: replace(real(path, key), faults={1002: "frame 1002: truncated"})  # noqa: E731
    monkeypatch.setattr(anonymised_plan, "load_sightings", blind)
    report, folder = run(frames="1001-1003")
    assert report.exit_code == 3 and fates(report) == {1001: "rendered", 1002: "failed", 1003: "rendered"}
    assert not (folder / "hid.1002.exr").exists(), "the plate does not pass"
    assert "nobody could look for faces" in report.failed[0].fault
    assert report.decisions["look_first"][0]["frames"] == [1002]
    (folder / "hid.1002.exr").write_bytes(b"of yesterday")
    report = run(frames="1002", overwrite=True)[0]
    assert "is of an earlier run: do not use it" in report.failed[0].fault
    assert (folder / "hid.1002.exr").read_bytes() == b"of yesterday"


def test_a_movie_is_black_where_a_frame_failed(run, monkeypatch, tmp_path):
    real = anonymised_plan.load_sightings
    blind = lambda path, key: replace(real(path, key), faults={1002: "frame 1002: truncated"})  # noqa: E731
    monkeypatch.setattr(anonymised_plan, "load_sightings", blind)
    report, folder = run(output=str(tmp_path / "out" / "hid.mov"), frames="1001-1003")
    assert report.exit_code == 3
    movie = open_plate(str(folder / "hid.mov"), colour_space="srgb_tx")
    bright = [float(movie.read(number).pixels.float().mean()) for number in movie.numbers]
    assert len(bright) == 3 and bright[1] < 0.01 < bright[0]


def test_frames_are_made_once_and_again_when_a_consent_is_gone(run, rights, example_shot, models_dir, group):
    record = rights.clear([example_shot / "performer" / "still_0.exr"])
    wish = [{"face": "0", "record": str(record)}]
    _, folder = run(cleared=wish, frames="1001")
    again = made(group, models_dir, folder, cleared=wish, frames="1001")
    assert fates(door.anonymise(again)) == {1001: "skipped"}
    record.unlink()
    report = door.anonymise(again)
    assert report.exit_code == 0 and fates(report) == {1001: "rendered"}, (report.faults, report.decisions)
    assert (face_of(read_planes(folder / "hid.1001.exr"), LEFT, 1001)["ffMatte.red"] == 1.0).all()


def test_a_person_may_release_what_is_no_face_in_his_name_and_cover_more(run, group):
    covers = [{"x": 210.0, "y": 20.0, "radius": 12.0, "frames": "1001"}]
    report, folder = run(released=[{"track": "face0", "by": "Jo"}], covers=covers, frames="1001-1002")
    said = {"track": "face0", "frames": [1001, 1006], "why": "1001-1006: not covered: Jo says it is no face"}
    assert said in report.decisions["look_first"]
    first, second = (read_planes(folder / f"hid.{n}.exr")["ffMatte.red"] for n in (1001, 1002))
    assert first[20, 210] == 1.0 and second[20, 210] == 0.0
    report, _ = run(name="unknown", released=[{"track": "face9", "by": "Jo"}])
    assert report.exit_code == 2 and "no such track" in report.faults[0]
    with pytest.raises(BadInput, match="released.0.by"):
        door.make_anonymise_job({"plate": "p", "released": [{"track": "face0", "by": ""}]})


def test_the_list_has_every_track_and_every_detection(run, looked):
    folder, report = looked
    listed = json.loads((folder / "hid.inspect.json").read_text())
    assert report.decisions["tracks"] == len(listed["tracks"]) and listed["frames"] == len(FRAMES)
    for track in listed["tracks"]:
        assert track["outcome"] == "covered"
        for one in track["detections"]:
            assert one["covered"] and one["why"] == "no consent on file" and one["state"] in ("seen", "held", "tail")
    assert set(listed["of_frames"]) == {str(n) for n in FRAMES}
    assert (folder / "sheet.png").stat().st_size > 10_000
    run(list=str(folder / "again.csv"), frames="1001")
    rows = list(csv.DictReader((folder / "again.csv").open()))
    assert len(rows) == sum(len(track["detections"]) for track in listed["tracks"])
    assert {row["covered"] for row in rows} == {"True"}


def test_headers_say_what_was_done(looked):
    import OpenEXR

    header = OpenEXR.File(str(looked[0] / "hid.1001.exr")).header()
    assert header["ffvfx/anonymised"] == "blur" and header["ffvfx/anonymised.cleared"] == "nobody"
    assert int(header["ffvfx/anonymised.heads"]) >= 2 and len(header["ffvfx/stamp"]) == 32


def test_a_manifest_beside_the_frames_is_whole_and_says_that_no_face_was_made(looked):
    import OpenEXR

    page = door.verify(str(looked[0]))
    assert page.exit_code == 0, page.as_dict()
    header = OpenEXR.File(str(looked[0] / "hid.1001.exr")).header()
    assert header["ffvfx/label"].startswith("not AI-generated here: faces were covered")
    assert "AIGC" not in header and "Iptc4xmpExt:DigitalSourceType" not in header


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"plate": "missing.####.exr"}, "no file"),
        ({"output": ""}, "no output"),
        ({"output": "PLATE"}, "would overwrite"),
        ({"solve": "none.json"}, "no such file"),
        ({"list": "list.txt"}, ".json nor .csv"),
        ({"sheet": "sheet.jpg"}, "not end in .png"),
        ({"method": "synthetic"}, "needs a made-up performer"),
        ({"method": "synthetic", "performer": "STRANGER"}, "nobody allows the new face"),
    ],
)
def test_what_cannot_start_says_why(run, group, tmp_path, changes, why):
    (tmp_path / "stranger").mkdir()
    (tmp_path / "stranger" / "still.png").write_bytes(b"of somebody nobody asked")
    words = {"PLATE": group, "STRANGER": str(tmp_path / "stranger")}
    given = {name: words.get(value, value) for name, value in changes.items()}
    report, _ = run(frames="1001", **given)
    assert report.exit_code == 2 and why in " ".join(report.faults)


@pytest.mark.parametrize(
    "data", [{"settings": {"cells": 20}}, {"settings": {"grow": 0.5}}, {"method": "none"}, {"x": 1}]
)
def test_no_setting_opens_a_face(data):
    with pytest.raises(BadInput):
        door.make_anonymise_job({"plate": "p", **data})


def test_what_a_job_does_not_say_of_tracking_stays_as_careful():
    job = door.make_anonymise_job({"plate": "p", "track": {"recogniser": "one"}})
    assert (job.track.confidence, job.track.tiles, job.track.max_faces) == (0.3, "always", 32)


def test_a_synthetic_face_takes_the_place_of_one_that_is_well_seen(run, group, example_shot):
    report, folder = run(
        method="synthetic", performer=str(example_shot / "performer"), frames=f"1001,{GAP}", use="test",
        settings={"synthetic_px": 50.0},
    )  # fmt: skip
    assert report.exit_code == 0, report.faults
    how = {entry.number: entry.decisions["covered"] for entry in report.frames}
    assert how[1001]["face0"] == "synthetic" and "held" in " ".join(how[GAP].values())
    plate, out = both(group, folder, 1001)
    before, after = face_of(plate, LEFT, 1001)["R"].astype(float), face_of(out, LEFT, 1001)["R"].astype(float)
    assert header_of(folder / "hid.1001.exr")["ffvfx/label"].startswith("AI-manipulated: a face was replaced")
    assert "ff-vfx-examples-s010-performer" in header_of(folder / "hid.1001.exr")["ffvfx/consent"]
    assert np.abs(before - after).mean() > 0.01 and detail(after) > 0.2 * detail(before), "another face, not a blur"
    assert detail(face_of(out, LEFT, 1001)["depth.Z"]) < 0.35 * detail(face_of(plate, LEFT, 1001)["depth.Z"])


def test_sightings_come_back_as_they_were_or_not_at_all(tmp_path):
    path = tmp_path / "a.ffsightings.json"
    sweep = Sweep({1001: (Sighting(1.5, 2.5, 30.0, 0.1, 0.9, 0.5, True),), 1002: ()}, {1003: "broken"}, 2.0)
    save_sightings(sweep, path, "key")
    found = load_sightings(path, "key")
    assert (found.sightings, found.faults, found.aspect) == (sweep.sightings, sweep.faults, 2.0)
    with pytest.raises(SolveMismatch, match="other settings"):
        load_sightings(path, "another")
    rng, good = random.Random(0), path.read_text()
    for _ in range(300):
        at = rng.randrange(len(good))
        path.write_text(good[:at] + rng.choice('0[]{}",:-enaN') + good[at + rng.randrange(2) :])
        try:
            load_sightings(path, "key")
        except FfVfxError as error:
            assert isinstance(error, SolveMismatch | BadInput)
    for text in ('{"a": NaN}', "[" * 100_000, "", "{}", '{"format": "ff-vfx sightings 1", "key": "key"}'):
        path.write_text(text)
        with pytest.raises(FfVfxError):
            load_sightings(path, "key")


@pytest.fixture(scope="module")
def known(group, looked, models_dir, shared_data, tmp_path_factory) -> tuple[str, Path]:
    """A model folder with a real recogniser, and a folder with the sightings of the group."""
    models = tmp_path_factory.mktemp("models")
    for file in Path(models_dir).iterdir():
        shutil.copyfile(file, models / file.name)
    write_mobilefacenet(models, shared_data / "onnx" / "MobileFaceNet.onnx")
    return str(models), looked[0]


def test_a_recogniser_knows_him_from_a_still_and_knows_nobody_afterwards(known, group, example_shot, rights, tmp_path):
    """The right one is the example's performer, whose record lists his stills; beside a record they name him too."""
    models, _ = known
    still = example_shot / "performer" / "still_0.exr"
    folder = tmp_path / "by-still"
    track = {"recogniser": "mobilefacenet"}
    report = door.anonymise(made(group, models, folder, cleared=[{"face": str(still)}], use="test", track=track))
    assert report.exit_code == 0 and len(told(report, "cleared")) == 1, (report.faults, report.decisions)
    for number in (FRAMES[0], FRAMES[-1]):
        plate, out = both(group, folder, number)
        kept = face_of(plate, RIGHT, number)
        assert all((face_of(out, RIGHT, number)[name] == kept[name]).all() for name in kept)
        assert (face_of(out, LEFT, number)["ffMatte.red"] == 1.0).all()
    engines = open_detectors(Path(models), TrackSettings(recogniser="mobilefacenet"))
    solve = load_solve(folder / "hid.ffsolve.json")
    (left,) = [one for one in solve.tracks if one.name not in told(report, "cleared")]
    before, after = open_plate(group).read(1001), open_plate(str(folder / "hid.####.exr")).read(1001)
    assert engines.recogniser is not None
    was, now = (engines.recogniser.embed(frame, left.face(1001)) for frame in (before, after))
    assert likeness(was, now) < 0.2, "0.35 would be the same person"
    shutil.copyfile(still, tmp_path / "still.exr")
    record = tmp_path / "him.ffconsent.json"
    shutil.copyfile(rights.clear([still]), record)
    again = tmp_path / "by-record"
    again.mkdir()
    for file in ("hid.ffsolve.json", "hid.ffsightings.json"):
        shutil.copyfile(folder / file, again / file)
    wish = [{"record": str(record)}]
    second = door.anonymise(made(group, models, again, cleared=wish, track=track, frames="1001"))
    assert list(told(second, "cleared")) == list(told(report, "cleared")), second.decisions
    wrong = [{"face": left.name, "record": str(record)}]
    third = door.anonymise(made(group, models, again, cleared=wrong, track=track, frames="1001", overwrite=True))
    assert (face_of(read_planes(again / "hid.1001.exr"), LEFT, 1001)["ffMatte.red"] == 1.0).all(), "it is not he"
    assert any("does not know him" in one["why"] for one in told(third, "look_first"))


def test_nobody_to_be_found_is_no_error(models_dir, tmp_path):
    from tests.door.made_group import write_picture

    grey = np.random.default_rng(0).uniform(0.1, 0.12, (128, 160, 3)).astype(np.float32)
    write_picture(tmp_path / "empty.1.exr", grey)
    report = door.anonymise(made(str(tmp_path / "empty.1.exr"), models_dir, tmp_path))
    assert report.exit_code == 0 and fates(report) == {1: "passed"}
    out, plate = read_planes(tmp_path / "hid.0001.exr"), read_planes(tmp_path / "empty.1.exr")
    assert all((out[name] == plate[name]).all() for name in plate)
