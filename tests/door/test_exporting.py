"""A solve as text at the door, and what it may be written over."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from ff_vfx import door
from ff_vfx.errors import BadInput, FaceNotFound, SolveMismatch, WriteRefused
from ff_vfx.track import save_solve
from tests.export.made import HELD, LOST, made_solve, made_track


@pytest.fixture
def solve(tmp_path) -> str:
    """Two people: face0 at the left and larger for longer, face1."""
    left, right = made_track(), made_track(name="face1", lost=tuple(range(1001, 1010)), held=())
    save_solve(made_solve(left, right), tmp_path / "s.json")
    return str(tmp_path / "s.json")


def test_the_text_comes_with_what_is_known_held_and_lost(solve):
    done = door.export_track(solve, "nuke-tracker", offset=-1001)
    assert str(done["text"]).startswith("set cut_paste_input") and done["face"] == "face0"
    assert done["held"] == [n - 1001 for n in HELD] and done["lost"] == [n - 1001 for n in LOST]
    assert done["known"] == [n for n in range(16) if n not in (8, 9, 10)]


@pytest.mark.parametrize(("face", "name"), [("", "face0"), ("0", "face0"), ("1", "face1"), ("face1", "face1")])
def test_a_person_is_chosen_as_in_a_render(solve, face, name):
    assert door.export_track(solve, "fusion-cornerpin", face=face)["face"] == name


def test_a_person_who_is_not_there_is_said(solve):
    with pytest.raises(FaceNotFound, match="the shot has 2"):
        door.export_track(solve, "nuke-tracker", face="2")


def test_a_picture_tells_nobody_apart_without_the_plate(solve, tmp_path):
    (tmp_path / "eve.png").write_bytes(b"x")
    for face in (str(tmp_path / "eve.png"), "no/such.png"):
        with pytest.raises(BadInput, match="a number from the left|use a number"):
            door.export_track(solve, "nuke-tracker", face=face)


def test_a_solve_of_nobody_has_nothing_to_export(tmp_path):
    save_solve(replace(made_solve(), tracks=()), tmp_path / "s.json")
    with pytest.raises(FaceNotFound, match="nothing to export"):
        door.export_track(str(tmp_path / "s.json"), "nuke-tracker")


def test_what_is_no_solve_is_refused(tmp_path):
    (tmp_path / "s.json").write_text("{}")
    with pytest.raises(SolveMismatch, match="not a solve"):
        door.export_track(str(tmp_path / "s.json"), "nuke-tracker")


def test_a_file_is_whole_and_written_again_over_our_own(solve, tmp_path):
    for format in door.EXPORT_FORMATS:
        out = tmp_path / "deep" / format
        for _ in range(2):
            done = door.export_track(solve, format, output=str(out))
        assert out.read_text() == done["text"]
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == sorted(door.EXPORT_FORMATS)


def test_a_file_of_somebody_elses_stays_until_overwrite_is_said(solve, tmp_path):
    out = tmp_path / "comp.nk"
    out.write_text("Root {\n}\n")
    with pytest.raises(WriteRefused, match="--overwrite"):
        door.export_track(solve, "nuke-tracker", output=str(out))
    assert out.read_text() == "Root {\n}\n"
    door.export_track(solve, "nuke-tracker", output=str(out), overwrite=True)
    assert "Tracker4" in out.read_text()


def test_the_solve_is_never_written_over_by_any_name(solve, tmp_path):
    before = (tmp_path / "s.json").read_bytes()
    os.link(solve, tmp_path / "hard.nk")
    (tmp_path / "soft.nk").symlink_to(solve)
    for name in ("s.json", "hard.nk", "soft.nk"):
        with pytest.raises(WriteRefused, match="solve itself"):
            door.export_track(solve, "nuke-tracker", output=str(tmp_path / name), overwrite=True)
    assert (tmp_path / "s.json").read_bytes() == before


def test_a_folder_is_no_file(solve, tmp_path):
    with pytest.raises(WriteRefused, match="is a folder"):
        door.export_track(solve, "nuke-tracker", output=str(tmp_path), overwrite=True)


def test_nothing_is_left_where_the_disk_refuses(solve, tmp_path, monkeypatch):
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ff_vfx.plate.atomic.os.replace", full)
    with pytest.raises(WriteRefused, match="disk is full"):
        door.export_track(solve, "nuke-tracker", output=str(tmp_path / "out" / "t.nk"))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_wrong_wish_writes_nothing(solve, tmp_path):
    with pytest.raises(BadInput, match="format 'shake'"):
        door.export_track(solve, "shake", output=str(tmp_path / "t.nk"))
    assert not (tmp_path / "t.nk").exists()


def test_importing_the_door_still_loads_no_numpy():
    code = "import sys, ff_vfx.door; assert 'numpy' not in sys.modules and 'ff_vfx.export' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
