"""A listing says of each model what it is, how large, and what to do where its file is not the right one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ff_vfx.engine import list_models
from ff_vfx.engine.models.listing import models_folder, verified_file
from ff_vfx.engine.models.manifest import read_manifest
from ff_vfx.errors import ModelError


def test_a_row_says_kind_licence_use_runtime_and_size(toy: Path):
    row = list_models(toy.parent)[0]
    assert (row.name, row.kind, row.licence, row.allowed_use) == ("toy", "swapper", "MIT", "non-commercial")
    assert (row.runtime, row.size_bytes, row.ok, row.reason) == ("onnx", 4, True, "")


def test_a_file_that_is_not_there_has_no_size_and_says_where_from(toy: Path):
    (toy.parent / "toy.onnx").unlink()
    row = list_models(toy.parent)[0]
    assert (row.ok, row.size_bytes) == (False, 0)
    assert "No such file or directory; fix: put the right file there, from made here" in row.reason


def test_a_file_that_can_be_pulled_says_so(toy: Path, fields: dict[str, Any]):
    toy.write_text(json.dumps({**fields, "url": "https://example.invalid/toy.onnx"}))
    (toy.parent / "toy.onnx").write_bytes(b"other")
    assert list_models(toy.parent)[0].reason.endswith("fix: ff-vfx models pull toy")
    with pytest.raises(ModelError, match="hash differs.*fix: ff-vfx models pull toy"):
        verified_file(read_manifest(toy), toy.parent)


def test_what_is_hidden_or_half_there_is_no_model(toy: Path):
    (toy.parent / ".toy.onnx.abc.part").write_bytes(b"half")
    (toy.parent / ".add-x").mkdir()
    assert [row.name for row in list_models(toy.parent)] == ["toy"]


def test_the_folder_is_the_one_given_else_the_environments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FF_VFX_MODELS", "/theirs")
    assert models_folder("/mine") == Path("/mine") and models_folder() == Path("/theirs")
