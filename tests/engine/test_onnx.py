"""A real ONNX network through the optional runtime."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine import open_model
from ff_vfx.errors import ModelError


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
