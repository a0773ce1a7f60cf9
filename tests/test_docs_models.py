"""docs/models.md: its commands and its Python are run as they stand there; its tables are those of the code."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.apps.cli.entry import run
from ff_vfx.engine import Manifest, list_models
from ff_vfx.engine.kinds import KINDS, ROLES
from ff_vfx.engine.layouts import LAYOUTS
from ff_vfx.types.engine import TensorSpec
from ff_vfx.types.template import TEMPLATES
from tests.engine.onnx_made import made

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "models.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading cell is this."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*?\n\|[ |-]+\n((?:\|.*\n)+)", PAGE, re.M)
    assert table is not None, heading
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in table[1].splitlines()]


def ticked(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


@pytest.fixture
def delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a swapper and a parser as somebody might deliver them, and an empty model folder in use."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    (tmp_path / "delivery").mkdir()
    swapper = {"frame": [1, 3, 256, 256], "who": [1, 512]}
    made(
        tmp_path / "delivery" / "our_swapper.onnx", swapper, {"swapped": [1, 3, 256, 256]},
        weights={"emap": np.eye(512, dtype=np.float32)},
    )  # fmt: skip
    made(tmp_path / "delivery" / "our_parser.onnx", {"x": ["n", 3, 512, 512]}, {"y": ["n", 19, 512, 512]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FF_VFX_MODELS", str(tmp_path / "models"))
    return tmp_path


def test_adding_a_network_of_a_known_kind_is_one_manifest_and_no_code(delivered: Path, capsys):
    for block in blocks("sh"):
        for line in block.strip().splitlines():
            words = shlex.split(line)
            assert words[0] == "ff-vfx" and run(words[1:]) == 0, line
    shown = capsys.readouterr().out
    assert "our_swapper: ok, any use; opset" in shown and "our_parser: ok, any use; opset" in shown
    found = {state.name: (state.kind, state.ok) for state in list_models(delivered / "models")}
    assert found == {"our_swapper": ("swapper", True), "our_parser": ("face_parser", True)}
    code = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert code.returncode == 0, code.stderr
    assert code.stdout.strip() == "(1, 3, 256, 256) arcface_128 LicenseRef-Studio"


def test_the_table_of_layouts_is_the_codes():
    found = {cells[0].strip("`"): cells for cells in rows("`--like`")}
    assert list(found) == list(LAYOUTS)
    for name, cells in found.items():
        assert cells[1] == f"`{LAYOUTS[name].kind}`"
        assert cells[-1].strip("`") == LAYOUTS[name].template, name


def test_the_table_of_kinds_is_the_codes():
    found = {}
    for kinds, shown, others, outputs in rows("kind"):
        for kind in ticked(kinds):
            found[kind] = (1 + ("two" in shown), others, outputs)
    assert set(found) == set(KINDS)
    for name, known in KINDS.items():
        pictures, others, outputs = found[name]
        assert (pictures, others) == (known.pictures, ", ".join(known.takes)), name
        assert set(known.gives) <= set(outputs.split(", ")), name


def test_every_field_of_a_manifest_is_told_and_no_other():
    told = set().union(*(ticked(cells[0]) for cells in rows("field")))
    assert told == {field.name for field in fields(Manifest)} | {"format"}
    of_tensor = rows("of a tensor")
    assert set().union(*(ticked(cells[0]) for cells in of_tensor)) == {field.name for field in fields(TensorSpec)}
    assert ticked(of_tensor[-1][1]) == set(ROLES) - {""}
    assert all(f"`{name}`" in PAGE for name in TEMPLATES)


def test_every_option_the_page_names_exists(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")
    for verb in ("add", "check", "pull", "list", "show"):
        run(["models", verb, "--help"])
    run(["fuse", "--help"])
    known = capsys.readouterr().out
    named = set(re.findall(r"(--[a-z]+)", PAGE))
    assert {"--like", "--template", "--matrix", "--recogniser", "--from", "--models", "--json"} <= named
    for option in named:
        assert option in known, option
