"""Rendering at the door: each frame has its own fate, and what is done is not done again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from ff_vfx import door
from ff_vfx.door.audit_places import audit_folders
from ff_vfx.errors import ModelError
from ff_vfx.trust.audit import newest
from ff_vfx.types.job import Job
from tests.conftest import example_job

LIVE = {"preset": "live", "fuse": {"crop_px": 128}}  # the least that is the whole way
SMALL = {"fuse": {"crop_px": 128}}


def two_frames(models: str | Path, shot: Path, solve: Path, folder: Path) -> dict[str, object]:
    """The least job that is the whole way, on the example shot."""
    job = example_job(str(models), shot, solve, folder / "out")
    still = str(shot / "performer" / "still_0.exr")
    return {**job, "performer": still, "frames": "1001-1002", "settings": LIVE}


@pytest.fixture
def job(example_shot, example_solve, models_dir, tmp_path) -> dict[str, object]:
    return two_frames(models_dir, example_shot, example_solve, tmp_path)


def made(job: dict[str, object], **changes: object) -> Job:
    return door.make_job({**job, **changes})


def fates(report) -> dict[int, str]:
    return {entry.number: entry.outcome for entry in report.frames}


def fault(report) -> str:
    assert report.exit_code == 2 and report.frames == ()
    return " ".join(report.faults)


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*")]


def test_a_job_is_rendered_once_and_again_only_when_something_changed(job, tmp_path):
    heard = []
    first = door.render(made(job), on_frame=heard.append)
    assert fates(first) == {1001: "rendered", 1002: "rendered"} and first.exit_code == 0
    assert sorted(entry.number for entry in heard) == [1001, 1002], "each once, as its writer is done"
    assert {"read", "fuse", "composite", "compute", "write"} <= set(first.frames[0].times_ms)
    assert {"read", "compute", "write", "wall"} <= set(first.times_ms)
    assert left_over(tmp_path) == []
    assert first.decisions["manifest"] == str(tmp_path / "out" / "comp.ffmanifest.json")
    assert door.verify(str(tmp_path / "out" / "comp.####.exr")).intact
    header = OpenEXR.File(str(tmp_path / "out" / "comp.1001.exr")).header()
    assert len(header["ffvfx/stamp"]) == 32 and header["ffvfx/version"].startswith("0.")

    assert fates(door.render(made(job))) == {1001: "skipped", 1002: "skipped"}
    (tmp_path / "out" / "comp.1002.exr").write_bytes((tmp_path / "out" / "comp.1002.exr").read_bytes()[:-5000])
    again = door.render(made(job))
    assert fates(again) == {1001: "skipped", 1002: "rendered"}, "a truncated frame is not a finished one"
    changed = made(job, settings={**LIVE, "composite": {"grain": 0.5}}, frames="1001")
    assert fates(door.render(changed)) == {1001: "rendered"}
    assert fates(door.render(changed.model_copy(update={"overwrite": True}))) == {1001: "rendered"}


def test_a_frame_alone_is_the_same_file_as_in_a_range_in_the_post_mode(job, tmp_path):
    door.render(made(job, frames="1005-1006", settings=SMALL))
    door.render(made(job, frames="1006", settings=SMALL, output=str(tmp_path / "alone" / "comp.####.exr")))
    files = [tmp_path / folder / "comp.1006.exr" for folder in ("out", "alone")]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.fixture
def rough_plate(example_shot, tmp_path) -> Path:
    """Seven frames: 1003 missing, 1004 without a face, 1005 truncated, 1006 empty, 1007 all nan."""
    folder = tmp_path / "rough"
    folder.mkdir()
    for number in (1001, 1002, 1004, 1005, 1006, 1007, 1008):
        shutil.copyfile(example_shot / f"plate.{number}.exr", folder / f"plate.{number}.exr")
    broken = folder / "plate.1005.exr"
    broken.write_bytes(broken.read_bytes()[:300_000])
    (folder / "plate.1006.exr").write_bytes(b"")
    for number, value in ((1004, 0.2), (1007, np.nan)):
        file = OpenEXR.File(str(folder / f"plate.{number}.exr"))
        header = {name: value for name, value in file.header().items() if name != "channels"}
        channels = {
            "RGB": np.full((512, 512, 3), value, np.float16),
            "depth.Z": np.ascontiguousarray(file.channels()["depth.Z"].pixels),
        }
        OpenEXR.File(header, channels).write(str(folder / f"plate.{number}.exr"))
    return folder


def test_one_frames_fate_is_its_own(job, rough_plate, tmp_path):
    settings = {**LIVE, "track": {"hold_frames": 0, "crop_variants": 1, "ramp_frames": 0}}
    work = made(job, plate=str(rough_plate / "plate.####.exr"), solve="", frames="", settings=settings)
    report = door.render(work)
    assert fates(report) == {
        1001: "rendered", 1002: "rendered", 1003: "failed", 1004: "passed",
        1005: "failed", 1006: "failed", 1007: "failed", 1008: "rendered",
    }  # fmt: skip
    assert report.exit_code == 3
    said = {entry.number: entry.fault for entry in report.failed}
    assert "missing" in said[1003] and "truncated" in said[1005] and "empty" in said[1006] and "finite" in said[1007]
    assert all(str(number) in text for number, text in said.items())
    passed = next(entry for entry in report.frames if entry.number == 1004)
    assert passed.fault == "" and passed.decisions["passed"]
    on_disk = sorted(path.name for path in (tmp_path / "out").glob("comp.*.exr"))
    assert on_disk == [f"comp.{number}.exr" for number in (1001, 1002, 1004, 1008)]
    before = OpenEXR.File(str(rough_plate / "plate.1004.exr")).channels()
    after = OpenEXR.File(str(tmp_path / "out" / "comp.1004.exr"), separate_channels=True).channels()
    assert (after["R"].pixels == before["RGB"].pixels[..., 0]).all()
    assert (after["depth.Z"].pixels == before["depth.Z"].pixels).all()
    assert (tmp_path / "out" / "comp.ffsolve.json").is_file(), "the solve it made is kept beside the output"
    again = door.render(work)
    assert str(again.decisions["solve_origin"]).startswith("reused") and fates(again)[1001] == "skipped"


def test_an_artists_matte_wins_where_it_is(job, tmp_path):
    mattes = tmp_path / "mattes"
    mattes.mkdir()
    matte = np.zeros((512, 512), np.float32)
    matte[200:300, 200:300] = 1.0
    OpenEXR.File({}, {"A": matte}).write(str(mattes / "m.1001.exr"))
    door.render(made(job, frames="1001", matte=str(mattes / "m.####.exr")))
    used = (
        OpenEXR.File(str(tmp_path / "out" / "comp.1001.exr"), separate_channels=True).channels()["ffMatte.red"].pixels
    )
    assert (used[210:290, 210:290] == 1).all() and (used[:190] == 0).all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plate": "none.####.exr"}, "none"),
        ({"plate_colour": "purple"}, "purple"),
        ({"performer": "nobody"}, "no such folder"),
        ({"frames": "1010-1001"}, "backwards"),
        ({"frames": "2000"}, "outside the plate"),
        ({"frames": "x"}, "no range"),
        ({"output": ""}, "no output"),
        ({"output": "one.exr"}, "####"),
        ({"output": "out.####.png"}, "EXR"),
        ({"matte": "none.####.exr"}, "matte"),
        ({"solve": "none.json"}, "none.json"),
        ({"face": "7"}, "count from 0"),
        ({"models": "nowhere"}, "ff-vfx models pull embedded"),
    ],
)
def test_what_keeps_a_run_from_starting_is_said_in_the_report(job, changes, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in fault(door.render(made(job, **changes)))
    assert not list(tmp_path.rglob("*.exr"))


def test_a_plate_is_never_written_over(job, example_shot, tmp_path):
    plate = tmp_path / "plate"
    plate.mkdir()
    for number in (1001, 1002):
        shutil.copyfile(example_shot / f"plate.{number}.exr", plate / f"plate.{number}.exr")
    (tmp_path / "link").symlink_to(plate)
    before = (plate / "plate.1001.exr").read_bytes()
    for output in (plate / "plate.%04d.exr", tmp_path / "link" / "plate.####.exr"):
        assert "overwrite" in fault(door.render(made(job, plate=str(plate / "plate.####.exr"), output=str(output))))
    assert (plate / "plate.1001.exr").read_bytes() == before


def test_an_output_folder_that_cannot_be_written_is_refused_before_any_work(job, tmp_path):
    (tmp_path / "file").write_text("")
    assert "choose" in fault(door.render(made(job, output=str(tmp_path / "file" / "comp.####.exr"))))


def test_a_solve_of_another_plate_is_refused(job, example_solve, tmp_path):
    text = example_solve.read_text()
    other = tmp_path / "other.json"
    other.write_text(text.replace(json.loads(text)["plate_key"], "0" * 32))
    assert "another plate" in fault(door.render(made(job, solve=str(other))))


def test_a_still_without_a_face_is_left_out_and_said_so(job, example_shot, tmp_path):
    stills = tmp_path / "stills"
    stills.mkdir()
    shutil.copyfile(example_shot / "performer" / "still_0.exr", stills / "good.exr")
    header = {"chromaticities": OpenEXR.File(str(stills / "good.exr")).header()["chromaticities"]}
    OpenEXR.File(header, {"RGB": np.full((256, 256, 3), 0.2, np.float16)}).write(str(stills / "wall.exr"))
    report = door.render(made(job, performer=str(stills), frames="1001"))
    assert fates(report) == {1001: "rendered"}
    assert "wall.exr" in str(report.decisions["stills_left_out"])
    (stills / "good.exr").unlink()
    assert "wall.exr" in fault(door.render(made(job, performer=str(stills), frames="1001", overwrite=True)))


def test_a_job_can_be_checked_without_rendering(job, tmp_path):
    report = door.check(made(job))
    assert report.exit_code == 0 and report.decisions["frames"] == 2
    assert door.check(made(job, performer="nobody")).exit_code == 2
    assert not list(tmp_path.rglob("*.exr"))


def test_a_bug_in_one_frame_does_not_sink_the_others(job, monkeypatch, tmp_path):
    from ff_vfx.door import cast

    honest = cast.render_frame

    def render_frame(shot, number, watch):
        if number == 1001:
            raise ZeroDivisionError("oops")
        return honest(shot, number, watch)

    monkeypatch.setattr(cast, "render_frame", render_frame)
    report = door.render(made(job))
    assert fates(report) == {1001: "failed", 1002: "rendered"} and report.exit_code == 3
    assert "frame 1001: unexpected ZeroDivisionError" in report.frames[0].fault
    assert "Traceback" in str(report.frames[0].decisions["traceback"])


def test_a_job_that_stops_on_error_makes_no_frame_after_the_failed_one(job, monkeypatch):
    from ff_vfx.door import cast

    def render_frame(shot, number, watch):
        raise ModelError(f"frame {number}: the network threw")

    monkeypatch.setattr(cast, "render_frame", render_frame)
    report = door.render(made(job, stop_on_error=True))
    assert fates(report) == {1001: "failed"} and report.exit_code == 4
    assert "frame 1001" in str(report.decisions["stopped"])
    assert fates(door.render(made(job))) == {1001: "failed", 1002: "failed"}


def test_a_cast_is_one_performer_for_each_face_and_no_face_twice(job):
    stills = str(job.pop("performer"))
    one = {"face": "0", "performer": stills}
    assert "cast: '0' and 'face0' are one person" in fault(door.render(made(job, cast=[one, {**one, "face": "face0"}])))
    assert "whose face" in fault(door.render(made(job, cast=[{**one, "face": " "}])))
    assert "a cast and a performer of its own" in fault(door.render(made(job, cast=[one], performer=stills)))
    report = door.render(made(job, cast=[one], frames="1001"))
    assert fates(report) == {1001: "rendered"}
    assert report.decisions["cast"] == [{"face": "face0", "performer": stills}]


def test_a_full_disk_fails_the_frame_and_leaves_nothing_half_written(job, monkeypatch, tmp_path):
    from ff_vfx.door import outputs
    from ff_vfx.errors import WriteRefused

    def write_frame(layers, path, settings):
        raise WriteRefused(f"{path}: the disk is full; free some space")

    monkeypatch.setattr(outputs, "write_frame", write_frame)
    report = door.render(made(job))
    assert report.exit_code == 4 and all("disk is full" in entry.fault for entry in report.frames)


@pytest.fixture
def ctrl_c_at_1002(monkeypatch) -> None:
    """Somebody presses Ctrl-C while frame 1002 is computed."""
    from ff_vfx.door import cast

    honest = cast.render_frame

    def render_frame(shot, number, watch):
        if number == 1002:
            raise KeyboardInterrupt
        return honest(shot, number, watch)

    monkeypatch.setattr(cast, "render_frame", render_frame)


def test_ctrl_c_keeps_what_is_done_and_says_that_it_was_interrupted(job, ctrl_c_at_1002, tmp_path):
    report = door.render(made(job))
    assert fates(report) == {1001: "rendered"} and report.exit_code == 130
    assert (tmp_path / "out" / "comp.1001.exr").is_file() and left_over(tmp_path) == []


def test_a_movie_can_be_plate_and_output(job, example_shot, tmp_path):
    from ff_vfx.door.pictures import shown
    from ff_vfx.plate import open_plate, write_movie

    plate = open_plate(str(job["plate"]))
    source = tmp_path / "plate.mov"
    write_movie(
        (shown(plate.read(number)) for number in (1001, 1002, 1003, 1004)), source, rate=plate.rate, codec="prores"
    )
    out = tmp_path / "comp.mov"
    work = made(job, plate=str(source), solve="", frames="1-2", output=str(out))
    report = door.render(work)
    assert fates(report) == {1: "rendered", 2: "rendered"}, report
    before, after = open_plate(str(source)), open_plate(str(out))
    assert list(after.numbers) == [1, 2] and after.size == before.size and after.rate == before.rate
    difference = (after.read(1).pixels.float() - before.read(1).pixels.float()).abs().mean(0)
    assert difference[:40].mean() < 0.01, "what was not touched looks as it did"
    assert difference[200:300, 200:300].mean() > 0.01, "the face is new"
    assert "--overwrite" in fault(door.render(work))
    frames = door.render(made(job, plate=str(source), solve=str(tmp_path / "comp.ffsolve.json"), frames="3"))
    assert fates(frames) == {3: "rendered"}, "and the layers of a movie are EXR, scene-linear"
    assert OpenEXR.File(str(tmp_path / "out" / "comp.0003.exr")).header()["colorInteropID"] == "lin_ap1_scene"


def test_an_interrupted_movie_is_not_there_at_all(job, ctrl_c_at_1002, tmp_path):
    report = door.render(made(job, output=str(tmp_path / "comp.mp4")))
    assert report.exit_code == 130 and fates(report) == {1001: "failed"}
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_the_audit_log_has_the_hashes_of_all_that_a_render_used(job, own_user, example_solve):
    report = door.render(made(job, frames="1001", shot="s010"))
    assert report.exit_code == 0 and "audit" not in str(report.decisions.get("warnings"))
    begun, ended = newest(audit_folders()[0][0], 10, lambda entry: entry.verb == "render")
    assert (begun.state, ended.state, begun.act) == ("begun", "ended", ended.act)
    still = Path(str(job["performer"]))
    assert begun.inputs["stills"] == {still.name: hashed(still)} == ended.inputs["stills"]
    assert begun.inputs["solve"] == {"file": example_solve.name, "sha256": hashed(example_solve)}
    inputs = json.loads(json.dumps(begun.inputs))
    plate, (consent,) = inputs["plate"], inputs["consents"]
    assert plate["path"] == job["plate"] and len(plate["key"]) == 32
    assert consent["cleared"] is True and len(consent["sha256"]) == 64
    assert (begun.inputs["shot"], begun.inputs["output"]) == ("s010", job["output"])
    assert ended.result["frames"] == {"rendered": 1} and ended.result["exit_code"] == 0


def hashed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
