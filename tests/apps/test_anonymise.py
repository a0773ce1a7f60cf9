"""`ff-vfx anonymise` as somebody runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.apps.cli.anonymise import cleared_of, covers_of, released_of
from ff_vfx.apps.cli.entry import CANNOT_START, run
from ff_vfx.errors import BadInput
from tests.door.made_group import read_planes, write_picture


def test_one_frame_by_hand_from_the_command_line(models_in_use, tmp_path, capsys):
    grey = np.random.default_rng(0).uniform(0.1, 0.3, (128, 160, 3)).astype(np.float32)
    write_picture(tmp_path / "p.0001.exr", grey)
    out = tmp_path / "out" / "hid.####.exr"
    words = ["anonymise", str(tmp_path / "p.####.exr"), str(out), "--method", "pixelate", "--cover", "80,60,20"]
    words += ["--set", "anonymise.cells=3", "--list", str(tmp_path / "l.json"), "--report", str(tmp_path / "r.json")]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert "1 rendered" in said and "inspection list" in said
    planes = read_planes(tmp_path / "out" / "hid.0001.exr")
    assert planes["ffMatte.red"][60, 80] == 1.0 and planes["ffMatte.red"][5, 5] == 0.0
    listed = json.loads((tmp_path / "l.json").read_text())
    assert [track["name"] for track in listed["tracks"]] == ["hand0"]
    assert json.loads((tmp_path / "r.json").read_text())["verb"] == "anonymise"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "PLATE is missing"),
        (["p.####.exr"], "OUTPUT is missing"),
        (["p.####.exr", "o.####.exr", "--method", "smear"], "method"),
        (["p.####.exr", "o.####.exr", "--set", "fuse.detail=1"], "no group 'fuse'"),
        (["p.####.exr", "o.####.exr", "--set", "anonymise.cells=40"], "less than or equal to 8"),
        (["p.####.exr", "o.####.exr", "--release", "box3"], "somebody must answer"),
        (["p.####.exr", "o.####.exr", "--cover", "1,2"], "X,Y,RADIUS"),
        (["none.####.exr", "o.####.exr"], "no file"),
    ],
)
def test_what_cannot_start_is_said_in_a_line(words, why, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["anonymise", *words]) == CANNOT_START
    assert why in capsys.readouterr().err
    assert list(Path(tmp_path).iterdir()) == []


def test_who_is_cleared_is_a_face_a_still_or_a_record():
    assert cleared_of(["0=a/eve.ffconsent.json"], "") == [{"face": "0", "record": "a/eve.ffconsent.json"}]
    assert cleared_of(["a/eve.ffconsent.json"], "") == [{"face": "", "record": "a/eve.ffconsent.json"}]
    assert cleared_of(["120,80"], "r.ffconsent.json") == [{"face": "120,80", "record": "r.ffconsent.json"}]
    assert cleared_of(["eve.png", "1=b.ffconsent.json"], "") == [
        {"face": "eve.png", "record": ""},
        {"face": "1", "record": "b.ffconsent.json"},
    ]
    with pytest.raises(BadInput, match="write FACE=RECORD"):
        cleared_of(["0", "1"], "r.ffconsent.json")
    assert released_of(["box3=Jo Miller"]) == [{"track": "box3", "by": "Jo Miller"}]
    assert covers_of(["640,210,80@1001-1016"]) == [{"x": 640.0, "y": 210.0, "radius": 80.0, "frames": "1001-1016"}]
