"""ONNX by OpenCV: the engine that is right for it, and what it refuses. TFLite is tested with the embedded networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ff_vfx.engine.runtimes.opencv import OpenCvEngine
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.engine.onnx_graph import graph, node

WEIGHTS = {"w": np.random.default_rng(0).standard_normal((4, 3, 3, 3)).astype(np.float32)}
SPEC = EngineSpec(
    "toy", "enhancer", (TensorSpec("in", (None, 3, None, None)),),
    (TensorSpec("out", (None, 4, None, None)), TensorSpec("soft", (None, 4, None, None))),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A convolution with two outputs, every size open but the channels."""
    nodes = [node("Conv", ["in", "w"], "out", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node("Sigmoid", ["out"], "soft")]
    shapes = {"out": ("n", 4, "h", "w_"), "soft": ("n", 4, "h", "w_")}
    file = tmp_path / "toy.onnx"
    file.write_bytes(graph(nodes, WEIGHTS, {"in": ("n", 3, "h", "w_")}, shapes))
    return file


def test_open_sizes_and_every_output_work(path: Path):
    engine = OpenCvEngine(path, SPEC)
    for shape in ((1, 3, 32, 40), (3, 3, 16, 16), (1, 3, 32, 40)):
        given = np.random.default_rng(1).random(shape, np.float32)
        made = engine.run({"in": given})
        assert made["out"].shape == (shape[0], 4, *shape[2:])
        assert np.allclose(made["soft"], 1.0 / (1.0 + np.exp(-made["out"])), atol=1e-6)


def test_it_agrees_with_onnxruntime(path: Path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    from ff_vfx.engine.runtimes.onnx import OnnxEngine

    given = {"in": np.random.default_rng(2).random((2, 3, 24, 24), np.float32)}
    ours, theirs = OpenCvEngine(path, SPEC).run(given), OnnxEngine(path, SPEC).run(given)
    assert all(np.abs(ours[name] - theirs[name]).max() < 1e-5 for name in ours)


def test_its_memory_is_used_again_and_ours_is_not(path: Path):
    engine = OpenCvEngine(path, SPEC)
    first = engine.run({"in": np.ones((1, 3, 8, 8), np.float32)})["out"]
    kept = first.copy()
    engine.run({"in": np.zeros((1, 3, 8, 8), np.float32)})
    assert np.array_equal(first, kept)


def test_an_operator_it_does_not_know_is_refused(tmp_path: Path):
    file = tmp_path / "toy.onnx"
    file.write_bytes(graph([node("Frob", ["in"], "out")], {}, {"in": (1, 3, 8, 8)}, {"out": (1, 3, 8, 8)}))
    spec = EngineSpec("toy", "enhancer", (TensorSpec("in", (1, 3, 8, 8)),), (TensorSpec("out", (1, 3, 8, 8)),))
    with pytest.raises(ModelError, match=r"toy\.onnx: OpenCV cannot load it"):
        OpenCvEngine(file, spec)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path):
    file = tmp_path / "toy.onnx"
    file.write_bytes(b"not a network" * 50)
    with pytest.raises(ModelError, match="OpenCV cannot load it"):
        OpenCvEngine(file, SPEC)
