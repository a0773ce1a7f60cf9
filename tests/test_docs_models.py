"""docs/models.md: its commands and its Python are run as they stand there; its tables are those of the code."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.apps.cli.entry import run
from ff_vfx.engine import Manifest, list_models
from ff_vfx.engine.models.kinds import KINDS, ROLES
from ff_vfx.engine.models.layouts import LAYOUTS
from ff_vfx.plate import open_plate
from ff_vfx.types.engine import TensorSpec
from ff_vfx.types.template import TEMPLATES
from tests.engine.onnx_graph import graph, node

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
def delivered(tmp_path: Path, models_dir: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the three networks as somebody might deliver them, and a model folder with the embedded ones."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "our_swapper.onnx").write_bytes(_green_swapper())
    (folder / "our_eyes.onnx").write_bytes(_recogniser())
    (folder / "our_parser.onnx").write_bytes(_parser_of_skin())
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    shutil.copytree(models_dir, tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FF_VFX_MODELS", str(tmp_path / "models"))
    return tmp_path


def _green_swapper() -> bytes:
    """The face it is shown, greener by 0.2; the identity goes through a matrix that is the last initializer."""
    weights = {
        "w": np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1),
        "b": np.array([0.0, 0.2, 0.0], np.float32),
        "none": np.zeros((512, 1), np.float32),
        "emap": np.eye(512, dtype=np.float32),
    }
    nodes = [
        node("MatMul", ["who", "emap"], "known"),
        node("MatMul", ["known", "none"], "nothing"),
        node("Conv", ["frame", "w", "b"], "greener"),
        node("Add", ["greener", "nothing"], "swapped"),
    ]
    inputs = {"frame": [1, 3, 256, 256], "who": [1, 512]}
    return graph(nodes, weights, inputs, {"swapped": [1, 3, 256, 256]})


def _recogniser() -> bytes:
    """A face's mean colour, as 512 numbers."""
    weights = {"w": np.random.default_rng(1).normal(size=(3, 512)).astype(np.float32)}
    nodes = [
        node("GlobalAveragePool", ["x"], "mean"),
        node("Flatten", ["mean"], "flat"),
        node("MatMul", ["flat", "w"], "y"),
    ]
    return graph(nodes, weights, {"x": ["n", 3, 112, 112]}, {"y": ["n", 512]})


def _parser_of_skin() -> bytes:
    """Everything it is shown is skin, class 1 of 19."""
    bias = np.zeros(19, np.float32)
    bias[1] = 9.0
    weights = {"w": np.zeros((19, 3, 1, 1), np.float32), "b": bias}
    return graph([node("Conv", ["x", "w", "b"], "y")], weights, {"x": ["n", 3, 512, 512]}, {"y": ["n", 19, 512, 512]})


def test_adding_a_network_of_a_known_kind_is_one_manifest_and_no_code(delivered: Path, example_solve: Path, capsys):
    for line in "".join(blocks("sh")).strip().splitlines():
        words = shlex.split(line)
        if words[1] == "fuse":  # one solve for all tests, and a small crop
            words += ["--solve", str(example_solve), "--set", "fuse.crop_px=128"]
        assert words[0] == "ff-vfx" and run(words[1:]) == 0, line
    shown = capsys.readouterr().out
    for name in ("our_swapper", "our_eyes", "our_parser"):
        assert f"{name}: ok, any use; opset" in shown
    found = {state.name: (state.kind, state.ok) for state in list_models(delivered / "models")}
    assert found["our_swapper"] == ("swapper", True) and found["our_eyes"] == ("recogniser", True)
    assert found["our_parser"] == ("face_parser", True)
    code = subprocess.run(
        [sys.executable, "-c", blocks("python")[0]], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert code.returncode == 0, code.stderr
    assert code.stdout.strip() == "(1, 3, 256, 256) arcface_128 LicenseRef-Studio"
    pictures = (ROOT / "examples" / "s010" / "plate.####.exr", delivered / "out" / "comp.####.exr")
    plate, fused = (open_plate(str(pattern)).read(1001).pixels[:3] for pattern in pictures)
    changed = fused - plate
    assert 0.05 < (changed != 0).float().mean() < 0.6, "the face, and nothing else"
    # A network that changes nothing would leave every bit (law 2): so it was this one that drew.
    assert changed.float().abs().amax() > 0.01


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
