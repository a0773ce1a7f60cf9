"""Tests of `ff-vfx qc`: what it prints, writes and returns."""

from __future__ import annotations

import json

import pytest

from ff_vfx import door
from ff_vfx.apps.cli.entry import run
from ff_vfx.types.finding import Finding
from ff_vfx.types.qc_report import QcReport


@pytest.fixture
def judged(monkeypatch):
    """What the command asked the door for, and a door that answers with these findings."""
    asked = []

    def answer(*findings, faults=(), notes=()):
        def judge(job, *, progress):
            asked.append(job)
            return QcReport(job, (1001, 1002), tuple(findings), faults=faults, facts={"notes": list(notes)})

        monkeypatch.setattr(door, "judge", judge)
        return asked

    return answer


def test_a_fit_shot_ends_with_0_and_says_so(judged, capsys):
    asked = judged(Finding("pop", "passed", "fine"))
    assert run(["qc", "out/c.####.exr", "--plate", "p.####.exr", "--previous", "v1.####.exr"]) == 0
    assert (asked[0].output, asked[0].plate, asked[0].previous) == ("out/c.####.exr", "p.####.exr", "v1.####.exr")
    assert "qc: fit; 2 frames" in capsys.readouterr().out


def test_an_unfit_shot_ends_with_5_and_names_check_and_frames_even_when_quiet(judged, capsys):
    judged(Finding("pop", "failed", "it [bold]pops[/bold]", (1002,)), Finding("smear", "waived", "", (1001,), "Ada"))
    assert run(["qc", "out/c.####.exr", "--quiet"]) == 5
    told = capsys.readouterr()
    assert "pop 1002: it [bold]pops[/bold]" in told.err and "smear" not in told.err and told.out == ""


def test_what_cannot_be_judged_ends_with_2(judged, capsys):
    judged(faults=("no plate",))
    assert run(["qc", "out/c.####.exr"]) == 2
    assert "ff-vfx: no plate" in capsys.readouterr().err


def test_the_report_is_written_as_json(judged, tmp_path):
    judged(Finding("pop", "failed", "it pops", (1002,)))
    file = tmp_path / "made" / "qc.json"
    run(["qc", "out/c.####.exr", "--json", str(file)])
    data = json.loads(file.read_text())
    assert (data["verb"], data["passed"], data["exit_code"]) == ("qc", False, 5)
    assert data["findings"][0]["frames"] == [1002]


def test_notes_are_said_and_the_page_is_written(judged, monkeypatch, tmp_path, capsys):
    judged(Finding("pop", "passed", "fine"), notes=("the manifest is not believed",))
    pages = []
    monkeypatch.setattr(door, "write_qc_page", lambda report, path, *, progress: pages.append(path))
    assert run(["qc", "out/c.####.exr", "--report", str(tmp_path / "qc.html")]) == 0
    told = capsys.readouterr()
    assert pages == [str(tmp_path / "qc.html")] and "not believed" in told.err and "page:" in told.out


def test_the_limits_there_are_can_be_printed(capsys):
    assert run(["qc", "--show-limits"]) == 0
    assert json.loads(capsys.readouterr().out)["tone_stops"] == door.qc_limits()["tone_stops"]


def test_without_an_output_it_says_what_to_name(capsys):
    assert run(["qc"]) == 2
    assert "OUTPUT is missing" in capsys.readouterr().err
