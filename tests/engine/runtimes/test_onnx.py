"""A real ONNX network through the optional runtime."""

from __future__ import annotations

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine import open_model
from ff_vfx.engine.runtimes.onnx import OnnxEngine
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.engine.onnx_graph import graph, node


@pytest.fixture
def network(toy: Path, fields: dict[str, Any], shared_data: Path) -> dict[str, Any]:
    """The manifest of a real face recogniser, (1, 3, 112, 112) -> (1, 128), its file under the name of the toy's."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    source = shared_data / "onnx" / "MobileFaceNet.onnx"
    if not source.is_file():
        pytest.skip(f"needs {source}")
    shutil.copyfile(source, toy.parent / "toy.onnx")
    tensor = fields["inputs"][0]
    return {
        **fields,
        "kind": "recogniser",
        "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "inputs": [{**tensor, "name": "input0", "shape": [1, 3, 112, 112]}],
        "outputs": [{**tensor, "name": "output0", "shape": [1, 128], "layout": "flat"}],
    }


def _open(toy: Path, manifest: dict[str, Any]):
    toy.write_text(json.dumps(manifest))
    return open_model("toy", toy.parent)


def test_it_runs_repeats_and_its_first_result_stays(toy: Path, network: dict[str, Any]):
    engine = _open(toy, network)
    picture = np.random.default_rng(1).random((1, 3, 112, 112), np.float32)
    first = engine.run({"input0": picture})["output0"]
    kept = first.copy()
    assert first.shape == (1, 128) and np.isfinite(first).all()
    engine.run({"input0": picture * 0.5})
    assert np.array_equal(first, kept)
    assert np.array_equal(engine.run({"input0": picture})["output0"], kept)


@pytest.mark.parametrize(
    ("side", "change", "text"),
    [
        ("inputs", {"name": "picture"}, r"takes \['input0'\]"),
        ("inputs", {"shape": [1, 3, 96, 96]}, "does not run as its manifest says"),
        ("outputs", {"name": "embedding"}, "no output 'embedding'"),
        ("outputs", {"shape": [1, 512]}, r"has shape \(1, 128\)"),
    ],
)
def test_a_manifest_the_file_contradicts_is_refused(
    toy: Path, network: dict[str, Any], side: str, change: dict[str, Any], text: str
):
    network[side][0].update(change)
    with pytest.raises(ModelError, match=text):
        _open(toy, network)


def _graph(path: Path, *nodes: bytes, shape: tuple[int | str, ...] = ("n", 4), out: tuple[int | str, ...] = ()) -> Path:
    weights = {"none": np.full((1, 4), -1.0, np.float32)}
    path.write_bytes(graph(list(nodes), weights, {"in": shape}, {"out": out or shape}))
    return path


def _toy(path: Path, shape: tuple[int | None, ...] = (None, 4), out: tuple[int | None, ...] = ()) -> OnnxEngine:
    outputs = (TensorSpec("out", out or shape, "flat"),)
    return OnnxEngine(path, EngineSpec("toy", "recogniser", (TensorSpec("in", shape, "flat"),), outputs))


@pytest.fixture
def needs_runtime() -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")


@pytest.mark.usefixtures("needs_runtime")
class TestBadInput:
    def test_a_file_cut_short_is_refused(self, tmp_path: Path):
        path = _graph(tmp_path / "toy.onnx", node("Relu", ["in"], "out"))
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(ModelError, match="onnxruntime cannot load it.*install the model again"):
            _toy(path)

    def test_an_operator_set_of_the_future_is_refused(self, tmp_path: Path):
        path = _graph(tmp_path / "toy.onnx", node("Relu", ["in"], "out"))
        path.write_bytes(path.read_bytes()[:-1] + bytes([120]))  # the last byte of the hand-made file is the version
        with pytest.raises(ModelError, match=r"operator set that onnxruntime \d"):
            _toy(path)

    def test_an_operator_nobody_knows_is_refused(self, tmp_path: Path):
        with pytest.raises(ModelError, match="operator that this build does not have.*Frob"):
            _toy(_graph(tmp_path / "toy.onnx", node("Frob", ["in"], "out")))

    def test_an_output_that_is_no_number_is_refused_and_the_next_run_is_well(self, tmp_path: Path):
        engine = _toy(_graph(tmp_path / "toy.onnx", node("Sqrt", ["in"], "out")))
        with pytest.raises(ModelError, match="toy: output 'out' holds nan"):
            engine.run({"in": np.full((1, 4), -1.0, np.float32)})
        assert np.array_equal(engine.run({"in": np.full((1, 4), 4.0, np.float32)})["out"], np.full((1, 4), 2.0))

    def test_a_size_the_file_fixes_and_the_manifest_leaves_open_is_refused(self, tmp_path: Path):
        with pytest.raises(ModelError, match=r"'in' is \[None, 4\] there .* and \[1, 4\] in the file"):
            _toy(_graph(tmp_path / "toy.onnx", node("Relu", ["in"], "out"), shape=(1, 4)))

    def test_a_shape_of_another_run_is_refused_by_name(self, tmp_path: Path):
        engine = _toy(_graph(tmp_path / "toy.onnx", node("Relu", ["in"], "out")))
        with pytest.raises(ModelError, match=r"'in' has shape \(2, 5\); \(None, 4\) is needed"):
            engine.run({"in": np.ones((2, 5), np.float32)})


@pytest.mark.usefixtures("needs_runtime")
class TestMemory:
    def test_what_comes_out_is_the_callers_own_even_of_a_constant(self, tmp_path: Path):
        path = _graph(tmp_path / "toy.onnx", node("Identity", ["none"], "out"), out=(1, 4))
        engine = _toy(path, out=(1, 4))
        first = engine.run({"in": np.ones((1, 4), np.float32)})["out"]
        first[:] = 9.0
        assert np.array_equal(engine.run({"in": np.ones((1, 4), np.float32)})["out"], np.full((1, 4), -1.0))

    def test_what_goes_in_is_left_alone_and_not_handed_out(self, tmp_path: Path):
        engine = _toy(_graph(tmp_path / "toy.onnx", node("Identity", ["in"], "out")))
        given = np.ones((1, 4), np.float32)
        made = engine.run({"in": given})["out"]
        made[:] = 5.0
        assert np.array_equal(given, np.ones((1, 4)))

    def test_memory_is_flat_over_many_runs_of_changing_size(self, tmp_path: Path):
        resource = pytest.importorskip("resource")
        shape, out = ("n", 3, 64, 64), ("n", 3, 64, 64)
        engine = _toy(
            _graph(tmp_path / "toy.onnx", node("Relu", ["in"], "out"), shape=shape, out=out), (None, 3, 64, 64)
        )

        def run(times: int) -> float:
            for i in range(times):
                engine.run({"in": np.ones((1 + i % 8, 3, 64, 64), np.float32)})
            return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024.0

        before = run(40)
        assert run(400) - before < 16.0  # 400 runs made 700 MiB


@pytest.mark.usefixtures("needs_runtime")
def test_threads_that_share_an_engine_get_the_bits_they_get_alone(tmp_path: Path):
    engine = _toy(_graph(tmp_path / "toy.onnx", node("Sigmoid", ["in"], "out")))
    given = [np.full((1 + i % 3, 4), i / 7, np.float32) for i in range(24)]
    alone = [engine.run({"in": one})["out"] for one in given]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda one: engine.run({"in": one})["out"], given))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together))
