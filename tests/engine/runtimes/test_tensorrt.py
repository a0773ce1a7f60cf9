"""Plans of TensorRT: found, loaded, run and refused. TensorRT itself and the card are stubs; it never ran for real."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine.runtimes.plans import PlanKey, store_plan
from ff_vfx.engine.runtimes.tensorrt import TensorRtEngine, open_plan
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.engine.stubs import pretend_cards

CARD = Device("cuda", 0, "tensorrt")
SHA = "ab" * 32


class Context:
    """Doubles, for up to four samples."""

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = ()
        self.places: dict[str, int] = {}
        self.well = True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.shape = shape
        return shape[0] <= 4

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.shape

    def set_tensor_address(self, name: str, pointer: int) -> None:
        self.places[name] = pointer

    def execute_async_v3(self, stream: int) -> bool:
        assert stream == 7
        size = int(np.prod(self.shape)) * 4
        given, made = (
            np.frombuffer(memoryview((ctypes.c_char * size).from_address(self.places[name])), np.float32)
            for name in ("in", "out")
        )
        made[...] = given * 2
        return self.well


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Context:
    """A card, and TensorRT on it."""
    pretend_cards(monkeypatch)
    monkeypatch.setenv("FF_VFX_CACHE", str(tmp_path / "cache"))
    made, mode = Context(), SimpleNamespace(INPUT="input", OUTPUT="output")
    engine = SimpleNamespace(
        num_io_tensors=2,
        get_tensor_name=lambda i: ("in", "out")[i],
        get_tensor_mode=lambda name: "input" if name == "in" else "output",
        get_tensor_dtype=lambda name: "float",
        create_execution_context=lambda: made,
    )
    module = SimpleNamespace(
        __version__="10.3.0",
        TensorIOMode=mode,
        nptype=lambda kind: np.float32,
        Logger=type("Logger", (), {"ERROR": 1, "__init__": lambda self, level: None}),
        Runtime=lambda _: SimpleNamespace(deserialize_cuda_engine=lambda data: engine if data == b"plan" else None),
    )
    monkeypatch.setitem(sys.modules, "tensorrt", module)
    return made


def _spec(*shape: int | None, name: str = "in") -> EngineSpec:
    return EngineSpec("toy", "enhancer", (TensorSpec(name, shape),), (TensorSpec("out", shape),))


def _plan(tmp_path: Path, data: bytes = b"plan") -> Path:
    path = tmp_path / "toy.plan"
    path.write_bytes(data)
    return path


def test_a_plan_runs_at_every_size_it_was_built_for(context: Context, tmp_path: Path):
    engine = TensorRtEngine(_plan(tmp_path), _spec(None, 3), CARD)
    for size in (1, 4, 2):
        given = np.full((size, 3), size, np.float32)
        assert np.array_equal(engine.run({"in": given})["out"], given * 2)
    with pytest.raises(ModelError, match=r"was not built for 'in' \(5, 3\).*--sizes"):
        engine.run({"in": np.ones((5, 3), np.float32)})


def test_a_plan_that_does_not_load_or_run_or_fit_is_refused(context: Context, tmp_path: Path):
    with pytest.raises(ModelError, match=r"cannot load .*toy\.plan|toy\.plan cannot be loaded"):
        TensorRtEngine(_plan(tmp_path, b"else"), _spec(None, 3), CARD)
    with pytest.raises(ModelError, match=r"the plan takes \['in'\]"):
        TensorRtEngine(_plan(tmp_path), _spec(None, 3, name="picture"), CARD)
    context.well = False
    with pytest.raises(ModelError, match="did not run its plan"):
        TensorRtEngine(_plan(tmp_path), _spec(None, 3), CARD)


def _open(device: Device = CARD) -> tuple[Any, list[str]]:
    said: list[str] = []
    return open_plan(_spec(None, 3), SHA, device, said.append), said


@pytest.mark.usefixtures("context")
class TestOpening:
    def test_the_plan_of_this_model_card_and_version_is_taken(self):
        store_plan(PlanKey(SHA, "Stub_Card_0_sm90", "tensorrt-10.3.0", "fp32"), b"plan")
        engine, said = _open()
        assert engine is not None and engine.device == CARD and said == []

    def test_one_of_another_version_is_stale_and_how_to_build_it_is_said(self):
        store_plan(PlanKey(SHA, "Stub_Card_0_sm90", "tensorrt-10.2.0", "fp32"), b"plan")
        engine, said = _open()
        assert engine is None and len(said) == 1
        assert "its plan is for Stub_Card_0_sm90, tensorrt-10.2.0" in said[0] and "python -m engines plan" in said[0]

    def test_none_is_said(self):
        assert "no plan was built for it; onnxruntime runs it" in _open()[1][0]

    def test_without_tensorrt_that_is_said(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(sys.modules, "tensorrt", None)
        engine, said = _open()
        assert engine is None and "ff-vfx[tensorrt]" in said[0]

    def test_without_that_card_that_is_said(self):
        for device in (Device("cuda", 3, "tensorrt"), Device("cpu", 0, "tensorrt")):
            engine, said = _open(device)
            assert engine is None and "torch sees no such card" in said[0]
