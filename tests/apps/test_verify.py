"""`ff-vfx verify` and `ff-vfx label`: the page, the JSON, the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ff_vfx.apps.cli.entry import run
from ff_vfx.door.manifests import manifest_path
from ff_vfx.trust.content_credentials import sidecar_of
from tests.door.made_sequence import job_of, render

NUMBERS = (1001, 1002, 1003)


@pytest.fixture
def made(tmp_path) -> str:
    job = job_of(tmp_path, NUMBERS)
    render(job, NUMBERS, passed=(1003,))
    return job.output


def test_the_page_says_what_was_done_to_whom_by_what_with_whose_consent(made, capsys):
    assert run(["verify", made]) == 0
    page = capsys.readouterr().out
    assert page.startswith("sequence comp.####.exr: intact\n")
    for text in (
        "a face was replaced (AI-manipulated): 2 frames, 1001-1002",
        "the plate, unchanged: 1 frame, 1003",
        "Person C of the example shot s010, rendered from ICT-FaceKit: consent holds",
        "plate plate.####.exr, ACEScg, 32x24",
        "ok         files: 3 of 3 are as made, to the bit",
        "your own",
    ):
        assert text in page, text


def test_what_is_not_well_is_named_with_its_frames(made, capsys):
    for number in (1001, 1002):
        Path(made.replace("####", str(number))).unlink()
    assert run(["verify", made]) == 3
    said = capsys.readouterr()
    assert said.out.startswith("sequence comp.####.exr: NOT AS IT SHOULD BE\n")
    assert "NOT OK     missing: made, and not there now; render or copy them again [1001-1002]" in said.out
    manifest_path(made).write_text("{}")
    assert run(["verify", made]) == 4
    assert "NOT TO BE BELIEVED" in capsys.readouterr().out


def test_the_plate_is_held_against_it_where_it_is_named(made, tmp_path, capsys):
    plate = tmp_path / "plate" / "plate.####.exr"
    assert run(["verify", made, "--plate", str(plate)]) == 0
    assert "ok         plate: every frame's plate is the one it was made from" in capsys.readouterr().out


def test_as_json_it_is_for_programs(made, capsys):
    Path(made.replace("####", "1002")).write_bytes(b"")
    assert run(["verify", made, "--json"]) == 3
    data = json.loads(capsys.readouterr().out)
    assert (data["exit_code"], data["intact"], data["believed"]) == (3, False, True)
    (changed,) = (one for one in data["findings"] if one["outcome"] == "failed")
    assert changed["check"] == "changed" and changed["frames"] == [1002] and "empty" in changed["values"]["1002"]


@pytest.mark.parametrize("path", ["nothing.exr", "none.####.exr"])
def test_nothing_there_is_said_in_a_line(tmp_path, capsys, path):
    assert run(["verify", str(tmp_path / path)]) == 2
    assert "no such file" in capsys.readouterr().err


def test_info_sends_you_here(made, capsys):
    assert run(["info", str(manifest_path(made))]) == 2
    assert "is for `ff-vfx verify`" in capsys.readouterr().err


def test_label_signs_frames_afterwards(made, capsys):
    assert run(["label", made]) == 0
    beside = [str(sidecar_of(Path(made.replace("####", str(number))))) for number in (1001, 1002)]
    assert capsys.readouterr().out.split() == beside
    assert run(["verify", made]) == 0 and "3 sidecars" in capsys.readouterr().out
    assert run(["label", made, "--certificate", "a.pem"]) == 2
    assert "belong together" in capsys.readouterr().err
