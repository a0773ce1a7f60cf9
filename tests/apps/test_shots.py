"""`ff-vfx track` and `fuse` as a user or a farm runs them, and what an interrupt leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import OpenEXR
import pytest

from ff_vfx.apps.cli.entry import run


@pytest.fixture
def line(example_shot, example_solve, models_in_use, tmp_path) -> list[str]:
    return [
        "fuse", str(example_shot / "plate.####.exr"), "--performer", str(example_shot / "performer" / "still_0.exr"),
        "--solve", str(example_solve), "-o", str(tmp_path / "out" / "comp.####.exr"), "--preset", "live",
        "--set", "fuse.crop_px=128",
    ]  # fmt: skip


def test_fuse_writes_layers_a_report_a_log_and_a_review(line, tmp_path, capsys):
    report, log, movie = (tmp_path / name for name in ("report.json", "log.jsonl", "review.mp4"))
    more = [
        "--frames",
        "1001-1002",
        "--layers",
        "face",
        "--report",
        str(report),
        "--log",
        str(log),
        "--review",
        str(movie),
    ]
    assert run([*line, *more]) == 0
    data = json.loads(report.read_text())
    assert data["exit_code"] == 0 and [frame["outcome"] for frame in data["frames"]] == ["rendered"] * 2
    assert [json.loads(text)["number"] for text in log.read_text().splitlines()] == [1001, 1002]
    assert cv2.VideoCapture(str(movie)).read()[0]
    header = OpenEXR.File(str(tmp_path / "out" / "comp.1001.exr")).header()
    low, high = header["dataWindow"]
    assert (high - low < 500).all() and tuple(header["displayWindow"][1]) == (511, 511)
    assert "2 rendered" in capsys.readouterr().out


def test_a_job_file_does_what_the_line_does_and_the_line_wins(line, tmp_path, capsys):
    job = {
        "plate": line[1], "performer": line[3], "solve": line[5], "output": line[7], "frames": "1001",
        "settings": {"preset": "live", "fuse": {"crop_px": 128}},
    }  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job))
    assert run(["fuse", "--job", str(tmp_path / "job.json")]) == 0
    assert run([*line, "--frames", "1001"]) == 0
    assert "1 skipped" in capsys.readouterr().out, "the same job, however it was said, has the same stamp"
    assert run(["fuse", "--job", str(tmp_path / "job.json"), "--frames", "2000", "-q"]) == 2
    assert "2000 is outside the plate" in capsys.readouterr().err


def test_track_keeps_keyframes_draws_what_it_saw_and_info_sums_it_up(models_in_use, example_shot, tmp_path, capsys):
    few = tmp_path / "plate"
    few.mkdir()
    for number in range(1001, 1005):
        (few / f"p.{number}.exr").symlink_to(example_shot / f"plate.{number}.exr")
    solve, sheet, movie = (tmp_path / name for name in ("s.json", "sheet.png", "overlay.mp4"))
    line = ["track", str(few / "p.####.exr"), "-o", str(solve), "--set", "track.crop_variants=1"]
    assert run([*line, "--sheet", str(sheet), "--movie", str(movie)]) == 0
    assert cv2.imread(str(sheet)) is not None and cv2.VideoCapture(str(movie)).read()[0]
    data = json.loads(solve.read_text())
    key = {"track": "face0", "number": 1002, "landmark": 4, "x": 250.5, "y": 310.0, "reach_frames": 1}
    solve.write_text(json.dumps({**data, "keyframes": [key]}))
    report = tmp_path / "track.json"
    assert run([*line, "--report", str(report)]) == 0
    assert json.loads(solve.read_text())["keyframes"] == [key]
    assert json.loads(report.read_text())["decisions"]["tracks"] == ["face0"]
    capsys.readouterr()
    assert run(["info", str(solve), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert "1 keyframe" in facts["tracks"]["face0"]


def test_a_plate_without_a_face_is_said_to_be_one_by_track_and_by_fuse(models_in_use, example_shot, tmp_path, capsys):
    import numpy as np

    header = {"chromaticities": OpenEXR.File(str(example_shot / "plate.1001.exr")).header()["chromaticities"]}
    for number in (1, 2, 3):
        picture = np.full((200, 300, 3), 0.2, np.float16)
        OpenEXR.File(header, {"RGB": picture}).write(str(tmp_path / f"wall.{number}.exr"))
    (tmp_path / "wall.2.exr").write_bytes(b"")
    report = tmp_path / "report.json"
    line = ["track", str(tmp_path / "wall.#.exr"), "-o", str(tmp_path / "s.json"), "--report", str(report)]
    assert run([*line, "--log", str(tmp_path / "log.jsonl")]) == 2
    assert "no face on any frame; lower track.confidence" in capsys.readouterr().err
    outcomes = {frame["number"]: frame["outcome"] for frame in json.loads(report.read_text())["frames"]}
    assert outcomes == {1: "passed", 2: "failed", 3: "passed"}
    logged = [json.loads(entry) for entry in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert {frame["number"]: frame["outcome"] for frame in logged} == outcomes and logged[1]["fault"]
    still = str(example_shot / "performer" / "still_0.exr")
    assert run(["fuse", str(tmp_path / "wall.#.exr"), "--performer", still, "-o", str(tmp_path / "o.#.exr")]) == 2
    assert "no face on any frame" in capsys.readouterr().err
    assert not list(tmp_path.glob("o.*.exr"))


def test_track_does_not_write_over_what_is_no_solve(models_in_use, example_shot, tmp_path, capsys):
    (tmp_path / "notes.json").write_text('{"mine": 1}')
    assert run(["track", str(example_shot / "plate.####.exr"), "-o", str(tmp_path / "notes.json")]) == 2
    assert (tmp_path / "notes.json").read_text() == '{"mine": 1}'
    assert "not a solve" in capsys.readouterr().err


def test_info_tells_frames_holes_windows_channels_and_attributes(example_shot, tmp_path, capsys):
    for number in (1001, 1003):
        (tmp_path / f"p.{number}.exr").symlink_to(example_shot / f"plate.{number}.exr")
    assert run(["info", str(tmp_path / "p.%04d.exr"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["holes"] == [1002] and facts["frames"].startswith("1001-1003, 2 files")
    assert "depth.Z float" in facts["channels"] and "nobody real" in facts["attributes"]["comments"]
    assert facts["colour space"] == "ACEScg" and facts["size"] == "512 x 512"


def test_info_of_a_picture_that_does_not_say_its_space_still_tells_the_rest(tmp_path, capsys):
    import numpy as np

    OpenEXR.File({}, {"RGB": np.ones((8, 9, 3), np.float16)}).write(str(tmp_path / "x.exr"))
    assert run(["info", str(tmp_path / "x.exr"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert "which colour space" in facts["colour space"] and facts["size"] == "9 x 8"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_whole_files_a_report_and_a_run_that_can_go_on(line, tmp_path, signum):
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "ff_vfx.apps.cli", *line, "--report", str(report)]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A suite started in the background is given an ignored SIGINT, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    out = tmp_path / "out"
    until = time.monotonic() + 240
    while not list(out.glob("comp.*.exr")) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signum)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130, error
    assert "interrupted" in error and "Traceback" not in error
    data = json.loads(report.read_text())
    frames = [frame["number"] for frame in data["frames"]]
    assert data["exit_code"] == 130 and 0 < len(frames) < 16
    beside = ["comp.ffmanifest.c2pa", "comp.ffmanifest.json"]
    assert sorted(os.listdir(out)) == [*(f"comp.{number}.exr" for number in frames), *beside]
    for number in frames:
        OpenEXR.File(str(out / f"comp.{number}.exr")).channels()
    wanted = f"{frames[0]}-{frames[-1]}"
    assert run([*line, "--frames", wanted, "--report", str(report)]) == 0
    assert {frame["outcome"] for frame in json.loads(report.read_text())["frames"]} == {"skipped"}


def test_the_shell_command_is_installed_and_says_what_is_wrong_on_stderr(tmp_path):
    script = Path(sys.executable).with_name("ff-vfx")
    if not script.is_file():
        pytest.skip("ff-vfx is not installed in this environment")
    done = subprocess.run([str(script), "info", "none.exr"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("ff-vfx: none.exr")


def test_fuse_shows_where_and_when_steadying_is_unsure_and_live_says_that_order_matters(line, tmp_path, capsys):
    report, movie, curves = (tmp_path / name for name in ("report.json", "sure.mp4", "steady.png"))
    pictures = ["--review", str(movie), "--review-view", "confidence", "--curves", str(curves)]
    assert run([*line, "--frames", "1002-1003", "--report", str(report), *pictures]) == 0
    drawn = cv2.imread(str(curves))
    assert drawn is not None and drawn.shape == (650, 1280, 3)
    assert cv2.VideoCapture(str(movie)).read()[1].shape[:2] == (570, 512)
    data = json.loads(report.read_text())
    assert data["decisions"]["steady"] == "causal, order-dependent"
    assert "starts anew at frame 1002" in data["decisions"]["warnings"][0]
    assert "starts anew at frame 1002" in capsys.readouterr().err
    told = data["frames"][1]["decisions"]
    assert told["made"] == "drawn" and told["votes"] > 1.0 and set(told["confidence"]) == {"face", "eyes", "mouth"}
    assert run([*line, "--review-view", "purple"]) == 2
    assert "confidence" in capsys.readouterr().err


def test_a_live_run_that_goes_on_writes_what_it_would_have_written_without_a_break(line, tmp_path):
    line = [*line, "--frames", "1001-1003"]
    assert run(line) == 0
    last = tmp_path / "out" / "comp.1003.exr"
    before = last.read_bytes()
    last.unlink()
    assert run(line) == 0
    assert last.read_bytes() == before
