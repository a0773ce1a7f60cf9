"""`ff-vfx models`, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ff_vfx import door
from ff_vfx.apps.cli.entry import run
from tests.engine.file_server import Behaviour, serving
from tests.engine.onnx_made import made

pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
ABOUT = ["--like", "inswapper", "--licence", "CC-BY-NC-4.0", "--use", "non-commercial", "--origin", "the tests"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    weights = {"emap": np.eye(512, dtype=np.float32)}
    shapes = {"target": [1, 3, 16, 16], "source": [1, 512]}
    return made(tmp_path / "face.onnx", shapes, {"output": [1, 3, 16, 16]}, weights=weights)


@pytest.fixture
def added(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Path:
    """The model folder in use, with that swapper in it."""
    monkeypatch.setenv("FF_VFX_MODELS", str(tmp_path / "m"))
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["models", "add", str(file), *ABOUT]) == 0
    assert "face: swapper, CC-BY-NC-4.0, non-commercial use only: " in capsys.readouterr().out
    return tmp_path / "m"


def test_list_shows_licence_use_size_and_state(added: Path, capsys):
    assert run(["models", "list"]) == 0
    shown = capsys.readouterr().out
    for word in ("allowed use", "CC-BY-NC-4.0", "non-commercial", "onnx", "1.0 MB", "ok"):
        assert word in shown, word
    assert run(["models", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["size_bytes"] > 1_000_000


def test_show_gives_the_manifest_and_where_the_file_lies(added: Path, capsys):
    assert run(["models", "show", "face"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("path") == str((added / "face.onnx").resolve())
    assert shown == json.loads((added / "face.json").read_text())


def test_check_says_ok_or_every_fault_and_fails_when_one_does(added: Path, capsys):
    assert run(["models", "check"]) == 0
    assert capsys.readouterr().out == "face: ok, non-commercial use only; opset ai.onnx 17; made by tests\n"
    (added / "other.json").write_text(
        (added / "face.json").read_text().replace('"face"', '"other"').replace("16", "32")
    )
    assert run(["models", "check", "face"]) == 0
    assert run(["models", "check", "--quiet"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[2].startswith("other: ")
    assert run(["models", "check", "--json", "other", "face"]) == 2
    rows = json.loads(capsys.readouterr().out)
    assert [row["ok"] for row in rows] == [False, True] and rows[0]["faults"]


def test_check_of_nothing_and_of_nobody(tmp_path: Path, capsys):
    assert run(["models", "check", "--models", str(tmp_path)]) == 0
    assert "no models to check" in capsys.readouterr().out
    assert run(["models", "check", "nobody", "--models", str(tmp_path)]) == 2
    assert "nobody: manifest" in capsys.readouterr().out


def test_add_says_what_is_missing(file: Path, tmp_path: Path, capsys):
    assert run(["models", "add", str(file), "--models", str(tmp_path / "m")]) == 2
    assert "--kind or --like, --licence, --use, --origin missing; the file does not say" in capsys.readouterr().err
    assert run(["models", "add", str(file), *ABOUT, "--template", "x", "--models", str(tmp_path / "m")]) == 2
    assert "--template 'x' is unknown" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_a_manifest_is_added_by_itself(added: Path, tmp_path: Path, capsys):
    assert run(["models", "add", str(added / "face.json"), "--models", str(tmp_path / "n")]) == 0
    assert {path.name for path in (tmp_path / "n").iterdir()} == {"face.json", "face.onnx"}
    assert run(["models", "add", str(added / "face.json"), "--name", "x", "--models", str(tmp_path / "n")]) == 2
    assert "a manifest says it all" in capsys.readouterr().err


def test_pull_asks_the_manifests_url_and_only_then(file: Path, tmp_path: Path, capsys):
    with serving(Behaviour(file.read_bytes())) as server:
        here, there = str(tmp_path / "here"), str(tmp_path / "there")
        assert run(["models", "add", str(file), *ABOUT, "--url", server.url, "--models", there]) == 0
        (tmp_path / "there" / "face.onnx").unlink()
        assert run(["models", "list", "--models", there]) == 0 and run(["models", "check", "--models", there]) == 2
        assert "ff-vfx models pull face" in capsys.readouterr().out and server.asked == []
        assert run(["models", "pull", "face", "--models", there]) == 0
        assert run(["models", "pull", str(tmp_path / "there" / "face.json"), "--models", here]) == 0
    assert server.asked == ["", ""]
    assert run(["models", "check", "--models", here]) == 0 and run(["models", "check", "--models", there]) == 0


def test_pull_takes_it_from_elsewhere(added: Path, tmp_path: Path, file: Path, capsys):
    (added / "face.onnx").unlink()
    assert run(["models", "pull", "face"]) == 2
    assert "its manifest has no url; put face.onnx beside it, or say where with --from" in capsys.readouterr().err
    assert run(["models", "pull", "face", "--from", str(tmp_path)]) == 0
    assert (added / "face.onnx").read_bytes() == file.read_bytes()


def test_info_tells_a_model_with_a_range_for_each_channel(tmp_path: Path, capsys):
    file = made(tmp_path / "parts.onnx", {"x": ["n", 3, 512, 512]}, {"y": ["n", 19, 512, 512]})
    door.add_model(str(file), {"like": "bisenet", "licence": "MIT", "use": "any", "origin": "x"}, str(tmp_path / "m"))
    assert run(["info", str(tmp_path / "m" / "parts.onnx"), "--json"]) == 0
    tensors = json.loads(capsys.readouterr().out)["tensors"]
    assert tensors["x"] == "[None, 3, 512, 512] nchw, -2.1179, -2.03571, -1.80444 to 2.24891, 2.42857, 2.64"
