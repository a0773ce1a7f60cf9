"""onnxruntime on cards that are not there: what is asked of it, what is said, what runs instead."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ff_vfx.engine import Manifest, open_engine
from ff_vfx.engine.runtimes.onnx import OnnxEngine
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device, parse_devices
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.engine.stubs import CPU_ONLY, CUDA, pretend_cards, runtime

CARD = Device("cuda", 1)


def _spec(shape: tuple[int | None, ...] = (2, 4)) -> EngineSpec:
    return EngineSpec("toy", "enhancer", (TensorSpec("in", shape),), (TensorSpec("out", shape),))


def _open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stub: Any, device: Device, *, shape: Any = (2, 4)):
    monkeypatch.setitem(sys.modules, "onnxruntime", stub)
    monkeypatch.setenv("FF_VFX_CACHE", str(tmp_path / "cache"))
    path, said = tmp_path / "toy.onnx", list[str]()
    path.write_bytes(b"toy")
    return OnnxEngine(path, _spec(shape), device, said.append), said


def test_on_the_cpu_only_the_cpu_is_asked_for_with_this_process_share_of_it(monkeypatch, tmp_path):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    stub = runtime(CUDA, CUDA, [2, 4])
    engine, said = _open(monkeypatch, tmp_path, stub, CPU)
    assert stub.opened == [["CPUExecutionProvider"]] and said == [] and engine.device == CPU
    options = stub.options[0]
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)
    assert options.entries == {"session.intra_op.allow_spinning": "0"}


def test_a_provider_that_is_missing_is_said_and_the_cpu_runs_it(monkeypatch, tmp_path):
    stub = runtime(CPU_ONLY, CPU_ONLY, [2, 4])
    engine, said = _open(monkeypatch, tmp_path, stub, CARD)
    assert stub.opened == [["CPUExecutionProvider"]]
    assert len(said) == 1 and "cuda is asked for" in said[0] and "ff-vfx[cuda]" in said[0]
    assert engine.device.kind == "cpu"
    assert np.array_equal(engine.run({"in": np.ones((2, 4), np.float32)})["out"], np.full((2, 4), 2.0))


def test_a_provider_that_is_listed_and_does_not_start_is_said(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    engine, said = _open(monkeypatch, tmp_path, runtime(CUDA, CPU_ONLY, [2, 4]), CARD)
    assert len(said) == 1 and "cannot start CUDA" in said[0] and engine.device.kind == "cpu"


def test_on_a_card_static_shapes_are_bound_once_and_recorded(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    stub = runtime(CUDA, CUDA, [2, 4])
    engine, said = _open(monkeypatch, tmp_path, stub, CARD)
    name, options = stub.opened[0][0]
    assert (name, options["device_id"], options["enable_cuda_graph"]) == ("CUDAExecutionProvider", "1", "1")
    assert (options["use_tf32"], options["cudnn_conv_algo_search"]) == ("0", "HEURISTIC")
    first = engine.run({"in": np.ones((2, 4), np.float32)})["out"]
    second = engine.run({"in": np.full((2, 4), 3.0, np.float32)})["out"]
    assert np.array_equal(first, np.full((2, 4), 2.0)) and np.array_equal(second, np.full((2, 4), 6.0))
    assert len(stub.sessions[0].bound) == 1 and said == []


def test_open_shapes_are_bound_anew_when_they_change_and_never_recorded(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    stub = runtime(CUDA, CUDA, ["n", 4])
    engine, _ = _open(monkeypatch, tmp_path, stub, CARD, shape=(None, 4))
    assert stub.opened[0][0][1]["enable_cuda_graph"] == "0"
    for size in (1, 3, 3, 2):
        given = np.full((size, 4), size, np.float32)
        assert np.array_equal(engine.run({"in": given})["out"], given * 2)
    assert len(stub.sessions[0].bound) == 3


def test_a_network_that_cannot_be_recorded_runs_unrecorded(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)

    def refuse(providers: list[Any]) -> None:
        if providers[0][1]["enable_cuda_graph"] == "1":
            raise RuntimeError("This session cannot use the graph capture feature as requested by the user")

    stub = runtime(CUDA, CUDA, [2, 4], refuse=refuse)
    engine, _ = _open(monkeypatch, tmp_path, stub, CARD)
    assert [one[0][1]["enable_cuda_graph"] for one in stub.opened] == ["1", "0"] and engine.device == CARD


def test_tensorrt_keeps_what_it_builds_by_model_card_and_version(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    device = Device("cuda", 1, "tensorrt", "fp16")
    folders = set()
    for version in ("9.9", "9.9", "9.10"):
        stub = runtime(CUDA, CUDA, [2, 4])
        stub.__version__ = version
        engine, _ = _open(monkeypatch, tmp_path, stub, device)
        name, options = stub.opened[0][0]
        assert name == "TensorrtExecutionProvider" and options["trt_fp16_enable"] == "1"
        folders.add(options["trt_engine_cache_path"])
        assert Path(options["trt_engine_cache_path"]).is_dir() and engine.device == device
    assert len(folders) == 2


def test_without_tensorrt_cuda_runs_it_in_fp32_and_that_is_said(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    stub = runtime(CUDA[1:], CUDA[1:], [2, 4])
    engine, said = _open(monkeypatch, tmp_path, stub, Device("cuda", 0, "tensorrt", "fp16"))
    assert "no TensorRT here" in said[0] and engine.device == Device("cuda", 0, "tensorrt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "ONNX Runtime only *guarantees* support for models stamped with opset 99",
            "operator set that onnxruntime 9.9",
        ),
        ("Unsupported model IR version: 99, max supported IR version: 13", "operator set"),
        ("Frob(-1) is not a registered function/op", "holds an operator that this build does not have"),
        ("CUDA failure 101: invalid device ordinal", "no such card"),
        ("Failed to allocate memory for requested buffer", "out of memory"),
        ("Protobuf parsing failed", "install the model again"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why_and_what_to_do(monkeypatch, tmp_path, text: str, said: str):
    def refuse(providers: list[Any]) -> None:
        raise RuntimeError(text)

    with pytest.raises(ModelError, match=said):
        _open(monkeypatch, tmp_path, runtime(CPU_ONLY, CPU_ONLY, [2, 4], refuse=refuse), CPU)


def test_other_kinds_of_numbers_are_given_as_the_file_wants_them(monkeypatch, tmp_path):
    engine, _ = _open(monkeypatch, tmp_path, runtime(CPU_ONLY, CPU_ONLY, [2, 4], number="tensor(double)"), CPU)
    assert engine.run({"in": np.ones((2, 4), np.float32)})["out"].dtype == np.float64
    with pytest.raises(ModelError, match=r"type tensor\(string\)"):
        _open(monkeypatch, tmp_path, runtime(CPU_ONLY, CPU_ONLY, [2, 4], number="tensor(string)"), CPU)


def test_a_card_that_does_not_start_is_said_with_its_reason_and_the_next_best_runs(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)

    def refuse(providers: list[Any]) -> None:
        if providers != ["CPUExecutionProvider"]:
            raise RuntimeError("CUDA failure 35: CUDA driver version is insufficient")

    stub = runtime(CUDA, CUDA, [2, 4], refuse=refuse)
    engine, said = _open(monkeypatch, tmp_path, stub, Device("cuda", 0, "tensorrt"))
    assert [len(opened) for opened in stub.opened] == [3, 2, 1] and engine.device.kind == "cpu"
    assert [text.split(" (")[0] for text in said] == [
        "onnxruntime cannot start CUDA here",
        "onnxruntime cannot start Tensorrt here",
    ]
    assert all("driver version is insufficient" in text and "run on cpu" in text for text in said)


def test_a_broken_file_is_not_taken_for_a_broken_card(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)

    def refuse(providers: list[Any]) -> None:
        raise RuntimeError("Protobuf parsing failed")

    with pytest.raises(ModelError, match="cannot load it: Protobuf parsing failed; install the model again"):
        _open(monkeypatch, tmp_path, runtime(CUDA, CUDA, [2, 4], refuse=refuse), CARD)


def test_two_cards_share_a_batch_and_take_turns_at_single_runs(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    stub = runtime(CUDA, CUDA, ["n", 4])
    monkeypatch.setitem(sys.modules, "onnxruntime", stub)
    path = tmp_path / "toy.onnx"
    path.write_bytes(b"toy")
    spec = _spec((None, 4))
    manifest = Manifest(
        "toy", "enhancer", path.name, "MIT", "any", "made here", "0" * 64, "onnx", spec.inputs, spec.outputs, 0.0, ""
    )
    engine = open_engine(manifest, path, parse_devices("cuda:0,cuda:1"))
    assert [opened[0][1]["device_id"] for opened in stub.opened] == ["0", "1"]
    given = np.arange(20, dtype=np.float32).reshape(5, 4)
    assert np.array_equal(engine.run({"in": given})["out"], given * 2)
    sizes = [session.bound[-1]["in"][0][0] for session in stub.sessions]
    assert sorted(sizes) == [2, 3]


def test_a_batch_for_which_the_cards_memory_does_not_suffice_is_halved(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    stub = runtime(CUDA, CUDA, ["n", 4])
    engine, _ = _open(monkeypatch, tmp_path, stub, CARD, shape=(None, 4))
    session, sizes = stub.sessions[0], list[int]()
    bound = session.run_with_iobinding

    def full(binding: Any) -> None:
        sizes.append(binding.places["in"][0][0])
        if sizes[-1] > 2:
            raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for buffer")
        bound(binding)

    session.run_with_iobinding = full
    given = np.arange(20, dtype=np.float32).reshape(5, 4)
    assert np.array_equal(engine.run({"in": given})["out"], given * 2)
    assert sizes == [5, 2, 3, 1, 2]
    session.run_with_iobinding = lambda binding: (_ for _ in ()).throw(MemoryError())
    with pytest.raises(ModelError, match=r"out of memory on cuda:1 with in \(1, 4\); choose a smaller crop"):
        engine.run({"in": given})


def test_one_run_at_a_time_goes_through_a_cards_bound_memory(monkeypatch, tmp_path):
    pretend_cards(monkeypatch, 2)
    stub = runtime(CUDA, CUDA, [2, 4])
    engine, _ = _open(monkeypatch, tmp_path, stub, CARD)
    session, inside, most = stub.sessions[0], [0], [0]
    bound = session.run_with_iobinding

    def slow(binding: Any) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.002)
        bound(binding)
        inside[0] -= 1

    session.run_with_iobinding = slow
    given = [np.full((2, 4), i, np.float32) for i in range(12)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda one: engine.run({"in": one})["out"], given))
    assert most == [1] and all(np.array_equal(a, b * 2) for a, b in zip(made, given))
