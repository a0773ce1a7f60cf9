"""Fewer digits only where the picture keeps to its tolerance, and never of another file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine import open_manifest
from ff_vfx.engine.models.manifest import read_manifest
from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.engine.runtimes.precision import difference, kept, lower_origin
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device, parse_devices
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.engine.onnx_graph import graph, node


class Engine:
    """Gives back its input times a factor."""

    def __init__(self, factor: float, tolerance: float = 0.01) -> None:
        shape = (1, 3, 8, 8)
        self.spec = EngineSpec("toy", "enhancer", (TensorSpec("in", shape),), (TensorSpec("out", shape),), tolerance)
        self.factor, self.device = factor, Device()

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        return {"out": inputs["in"] * np.float32(self.factor)}


def test_what_keeps_to_the_tolerance_is_taken_and_what_does_not_is_said():
    said: list[str] = []
    exact, near, far = Engine(1.0), Engine(1.005), Engine(1.05)
    assert kept(exact, near, said.append) is near and said == []
    assert kept(exact, far, said.append) is exact
    assert "its answer moves by 0.04" in said[0] and "allows 0.01" in said[0]


def test_what_fails_at_the_lower_precision_runs_in_fp32_and_that_is_said():
    class Overflows(Engine):
        def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
            raise ModelError("model toy: output 'out' holds nan")

    said: list[str] = []
    assert kept(exact := Engine(1.0), Overflows(1.0), said.append) is exact
    assert "holds nan" in said[0] and "runs in fp32" in said[0]


def test_large_numbers_are_held_to_their_own_size():
    said: list[str] = []
    assert kept(Engine(200.0), near := Engine(201.0), said.append) is near
    assert kept(exact := Engine(200.0), Engine(210.0), said.append) is exact


def test_a_difference_is_infinite_where_there_is_nothing_to_compare():
    one = {"out": np.ones(3, np.float32)}
    assert difference(one, {"out": np.full(3, 1.25, np.float32)}) == {"out": 0.25}
    assert difference(one, {"out": np.ones(4, np.float32)}) == {"out": np.inf}
    assert difference(one, {"out": np.full(3, np.nan, np.float32)}) == {"out": np.inf}


@pytest.fixture
def folder(toy: Path, fields: dict[str, Any]) -> Path:
    """toy, which gives its input back, and toy-fp16, which gives twice that, so that one sees which ran."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    for name, nodes in (("toy", [node("Identity", ["in"], "out")]), ("toy-fp16", [node("Add", ["in", "in"], "out")])):
        shape = (1, 3, 8, 8)
        (toy.parent / f"{name}.onnx").write_bytes(graph(nodes, {}, {"in": shape}, {"out": shape}))
    _write(toy.parent, fields, "toy")
    _write(toy.parent, fields, "toy-fp16", origin=lower_origin(read_manifest(toy), "fp16"))
    return toy.parent


def _write(folder: Path, fields: dict[str, Any], name: str, **changes: Any) -> None:
    sha256 = hashlib.sha256((folder / f"{name}.onnx").read_bytes()).hexdigest()
    changes = {"name": name, "file": f"{name}.onnx", "sha256": sha256, **changes}
    (folder / f"{name}.json").write_text(json.dumps({**fields, **changes}))


def _run(folder: Path, device: str) -> tuple[float, list[str]]:
    said: list[str] = []
    engine = open_manifest(folder / "toy.json", parse_devices(device), said.append)
    return float(engine.run({"in": np.ones((1, 3, 8, 8), np.float32)})["out"].max()), said


def test_the_lower_file_beside_a_model_is_taken_when_its_precision_is_asked_for(folder: Path):
    assert _run(folder, "cpu") == (1.0, [])
    assert _run(folder, "cpu/fp16") == (2.0, [])


def test_without_one_the_model_runs_in_fp32_and_how_to_make_one_is_said(folder: Path):
    value, said = _run(folder, "cpu/int8")
    assert value == 1.0 and len(said) == 1
    assert "there is no toy-int8.json beside it" in said[0] and "python -m engines int8" in said[0]


def test_one_made_from_another_file_is_not_taken(folder: Path, fields: dict[str, Any]):
    _write(folder, fields, "toy-fp16", origin="fp16 of toy sha256:" + "0" * 64)
    value, said = _run(folder, "cpu/fp16")
    assert value == 1.0 and "was made from another file" in said[0]


def test_one_that_is_broken_is_refused(folder: Path):
    (folder / "toy-fp16.onnx").write_bytes(b"else")
    with pytest.raises(ModelError, match="toy-fp16.onnx: hash differs"):
        _run(folder, "cpu/fp16")
