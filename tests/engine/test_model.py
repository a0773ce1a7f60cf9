"""From a name to a network: only the file its manifest speaks of, and only what it promised."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine import EMBEDDED, IdentityEngine, list_models, models_folder, open_model, pull_embedded
from ff_vfx.engine.model import open_manifest
from ff_vfx.errors import ModelError
from ff_vfx.types.device import parse_devices
from tests.engine.onnx_graph import graph, node


@pytest.fixture
def models(tmp_path: Path, embedded_source: Path) -> Path:
    pull_embedded(tmp_path / "m", source=embedded_source)
    return tmp_path / "m"


def _iris(folder: Path, **changes: Any) -> None:
    manifest = next(m for m in EMBEDDED if m.kind == "iris")
    (folder / f"{manifest.name}.json").write_text(dataclasses.replace(manifest, **changes).as_json())


def test_a_wrong_hash_is_refused_and_the_remedy_said(models: Path):
    path = models / "iris_landmark.tflite"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match=r"iris_landmark\.tflite: hash differs.*ff-vfx models pull embedded"):
        open_model("iris_landmark", models)


def test_the_hash_is_looked_at_each_time(models: Path):
    open_model("iris_landmark", models)
    shutil.copy(models / "face_landmark.tflite", models / "iris_landmark.tflite")
    with pytest.raises(ModelError, match="hash differs"):
        open_model("iris_landmark", models)


@pytest.mark.parametrize("name", ["nobody", "../nobody", ""])
def test_a_model_that_is_not_there_is_said_with_the_remedy(tmp_path: Path, name: str):
    with pytest.raises(ModelError, match="no manifest.*ff-vfx models pull embedded"):
        open_model(name, tmp_path)


def test_a_manifest_without_its_file_is_said(models: Path):
    (models / "iris_landmark.tflite").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        open_model("iris_landmark", models)


def test_a_file_that_is_no_network_is_refused(models: Path):
    path = models / "iris_landmark.tflite"
    path.write_bytes(b"not a network" * 100)
    _iris(models, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(ModelError, match="OpenCV cannot load it"):
        open_model("iris_landmark", models)


def test_a_manifest_the_file_contradicts_is_refused_on_opening(models: Path):
    manifest = next(m for m in EMBEDDED if m.kind == "iris")
    iris, other = manifest.outputs[1], manifest.outputs[0]
    _iris(models, outputs=(dataclasses.replace(iris, shape=(1, 16)),))
    with pytest.raises(ModelError, match="output 'output_iris' has shape"):
        open_model("iris_landmark", models)
    _iris(models, outputs=(dataclasses.replace(other, name="pupil"),))
    with pytest.raises(ModelError, match="no output 'pupil'"):
        open_model("iris_landmark", models)
    _iris(models, inputs=(dataclasses.replace(manifest.inputs[0], name="eye"),))
    with pytest.raises(ModelError, match="does not run as its manifest says"):
        open_model("iris_landmark", models)


def test_wrong_inputs_are_said_by_name(models: Path):
    engine = open_model("iris_landmark", models)
    with pytest.raises(ModelError, match=r"inputs \['eye'\] given; \['input_1'\]"):
        engine.run({"eye": np.zeros((1, 3, 64, 64), np.float32)})
    with pytest.raises(ModelError, match=r"'input_1' has shape \(1, 64, 64, 3\)"):
        engine.run({"input_1": np.zeros((1, 64, 64, 3), np.float32)})
    with pytest.raises(ModelError, match="float32 is needed"):
        engine.run({"input_1": np.zeros((1, 3, 64, 64), np.complex64)})


def test_threads_that_share_an_engine_get_their_own_results(models: Path):
    engine = open_model("iris_landmark", models)
    pictures = [np.full((1, 3, 64, 64), i / 8, np.float32) for i in range(8)]
    alone = [engine.run({"input_1": p})["output_iris"] for p in pictures]
    found: dict[int, np.ndarray] = {}

    def work(i: int) -> None:
        found[i] = engine.run({"input_1": pictures[i]})["output_iris"]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[i], alone[i]) for i in range(8))


def test_a_listing_says_what_is_well_and_what_is_not(models: Path, fields: dict[str, Any]):
    (models / "toy.json").write_text(json.dumps(fields))
    (models / "broken.json").write_text("{")
    (models / "iris_landmark.tflite").write_bytes(b"x")
    states = {s.name: s for s in list_models(models)}
    assert states["face_landmark"].ok
    assert (states["face_landmark"].kind, states["face_landmark"].licence) == ("face_mesh", "Apache-2.0")
    assert not states["iris_landmark"].ok and "hash differs" in states["iris_landmark"].reason
    assert not states["toy"].ok and states["toy"].allowed_use == "non-commercial"
    assert not states["broken"].ok and "broken.json" in states["broken"].reason
    assert list_models(models / "nowhere") == []


def test_the_folder_is_the_given_one_then_the_environments_then_the_users(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FF_VFX_MODELS", "/show/models")
    assert models_folder("/mine") == Path("/mine")
    assert models_folder() == Path("/show/models")
    monkeypatch.delenv("FF_VFX_MODELS")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/a/data")
    assert models_folder() == Path("/home/a/data/ff-vfx/models")


def test_the_identity_gives_back_every_bit_in_memory_of_its_own():
    crop = np.array([-0.0, np.inf, np.nan, 0.1] * 12, np.float32).reshape(1, 3, 4, 4)
    engine = IdentityEngine()
    face = engine.run({"crop": crop})["face"]
    assert np.array_equal(face.view(np.int32), crop.view(np.int32))
    assert not np.shares_memory(face, crop)
    assert (engine.spec.kind, engine.spec.inputs[0].encoding, engine.spec.inputs[0].channels) == (
        "swapper",
        "srgb",
        "rgb",
    )


def test_a_network_of_torch_needs_an_architecture_that_we_have(toy: Path, fields: dict[str, Any]):
    (toy.parent / "toy.safetensors").write_bytes(b"toys")
    toy.write_text(json.dumps({**fields, "file": "toy.safetensors", "runtime": "torch"}))
    with pytest.raises(ModelError, match="architecture '' is none of edsr_x2"):
        open_model("toy", toy.parent)


def test_without_onnxruntime_an_onnx_model_says_what_to_install(toy: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"pip install 'ff-vfx\[onnx\]'"):
        open_model("toy", toy.parent)


def test_an_onnx_file_that_is_no_network_is_refused(toy: Path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    with pytest.raises(ModelError, match="onnxruntime cannot load it"):
        open_model("toy", toy.parent)


@pytest.fixture
def sigmoid(toy: Path, fields: dict[str, Any]) -> Path:
    """The toy as a real small ONNX network, (1, 3, 8, 8)."""
    shape = (1, 3, 8, 8)
    data = graph([node("Sigmoid", ["in"], "out")], {}, {"in": shape}, {"out": shape})
    (toy.parent / "toy.onnx").write_bytes(data)
    toy.write_text(json.dumps({**fields, "sha256": hashlib.sha256(data).hexdigest()}))
    return toy


def test_a_manifest_anywhere_opens_on_the_runtime_its_device_names(sigmoid: Path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    given = {"in": np.random.default_rng(0).random((1, 3, 8, 8), np.float32)}
    engines = [open_manifest(sigmoid, parse_devices(text)) for text in ("cpu", "cpu/onnx", "cpu/opencv")]
    assert [type(engine).__name__ for engine in engines] == ["OnnxEngine", "OnnxEngine", "OpenCvEngine"]
    made = [engine.run(given)["out"] for engine in engines]
    assert np.array_equal(made[0], made[1]) and np.abs(made[0] - made[2]).max() < 1e-6


def test_a_file_that_was_changed_is_refused_from_a_manifest_too(sigmoid: Path):
    (sigmoid.parent / "toy.onnx").write_bytes(b"else")
    with pytest.raises(ModelError, match="hash differs"):
        open_manifest(sigmoid)


def test_whatever_cannot_be_is_said_once_for_all_devices_and_one_engine_runs(sigmoid: Path):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    if "CUDAExecutionProvider" in runtime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    said: list[str] = []
    engine = open_manifest(sigmoid, parse_devices("cuda:0,cuda:1"), said.append)
    assert len(said) == 1 and "cuda is asked for and onnxruntime has no CUDA here" in said[0]
    assert type(engine).__name__ == "OnnxEngine"
    assert engine.run({"in": np.zeros((1, 3, 8, 8), np.float32)})["out"].max() == 0.5


def test_tensorrt_without_a_card_ends_on_the_cpu_and_each_step_is_said(sigmoid: Path, monkeypatch: pytest.MonkeyPatch):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    if "CUDAExecutionProvider" in runtime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    said: list[str] = []
    engine = open_manifest(sigmoid, parse_devices("cuda:0/tensorrt/fp16"), said.append)
    assert "no TensorRT plans" in said[0] and "onnxruntime has no CUDA here" in said[1]
    assert engine.run({"in": np.zeros((1, 3, 8, 8), np.float32)})["out"].max() == 0.5


def test_opencv_on_a_card_stays_on_the_cpu_and_says_so(models: Path):
    said: list[str] = []
    open_model("iris_landmark", models, parse_devices("cuda:0"), said.append)
    assert len(said) == 1 and "OpenCV runs networks on the CPU in fp32 alone" in said[0]
    said.clear()
    open_model("iris_landmark", models, parse_devices("cpu/onnx"), said.append)
    assert said == ["onnx runs no .tflite files; opencv runs those"]
