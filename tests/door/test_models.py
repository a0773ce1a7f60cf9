"""ff_vfx.door.models: plain data in and out."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import pytest

from ff_vfx import door
from ff_vfx.errors import BadInput, ModelError
from tests.engine.onnx_made import made

pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
ABOUT = {"like": "inswapper", "licence": "MIT", "use": "any", "origin": "the tests"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    weights = {"emap": np.eye(512, dtype=np.float32)}
    shapes = {"target": [1, 3, 16, 16], "source": [1, 512]}
    return made(tmp_path / "face.onnx", shapes, {"output": [1, 3, 16, 16]}, weights=weights)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "m")


def test_what_is_added_is_what_is_shown_listed_and_checked(file: Path, folder: str):
    added = door.add_model(str(file), ABOUT, folder)
    assert added == door.show_model("face", folder) == door.show_model(f"{folder}/face.json")
    row = door.list_models(folder)[0]
    assert (row["name"], row["ok"], row["allowed_use"]) == ("face", True, "any")
    checked = door.check_models(folder=folder)
    assert json.loads(json.dumps(checked)) == checked and checked[0]["ok"] is True


def test_a_word_that_is_not_known_is_refused(file: Path, folder: str):
    with pytest.raises(BadInput, match="'license' is unknown; use .*licence"):
        door.add_model(str(file), {**ABOUT, "license": "MIT"}, folder)


@pytest.mark.parametrize("name", ["../face", "a/b", ""])
def test_a_name_that_leads_elsewhere_is_refused(folder: str, name: str):
    for verb in (door.show_model, door.pull_model, lambda name, folder: door.check_models([name], folder)):
        with pytest.raises(BadInput, match="is no name of a model"):
            verb(name, folder)


def test_a_pull_of_nobody_says_what_may_be_pulled(folder: str):
    with pytest.raises(BadInput, match=r"no manifest .*nobody\.json; give `embedded`, a name, or the path"):
        door.pull_model("nobody", folder)


def test_no_verb_but_pull_asks_the_network(file: Path, folder: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "socket", lambda *_a, **_k: pytest.fail("the network was asked"))
    door.add_model(str(file), {**ABOUT, "url": "https://example.invalid/face.onnx"}, folder)
    (Path(folder) / "face.onnx").unlink()
    assert door.list_models(folder)[0]["ok"] is False and door.check_models(["face"], folder)[0]["ok"] is False
    assert door.show_model("face", folder)["url"] == "https://example.invalid/face.onnx"
    with pytest.raises(ModelError, match="ff-vfx models pull face"):
        from ff_vfx.engine import open_model

        open_model("face", Path(folder))
