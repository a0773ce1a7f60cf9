"""What stands for a card where there is none: onnxruntime's and torch's side. Read by the engine's tests."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

CPU_ONLY = ["AzureExecutionProvider", "CPUExecutionProvider"]
CUDA = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]


def pretend_cards(monkeypatch: pytest.MonkeyPatch, count: int = 1) -> None:
    """torch sees so many cards, whose memory is this machine's."""
    for name, value in {
        "is_available": lambda: count > 0,
        "device_count": lambda: count,
        "get_device_name": lambda index: f"Stub Card {index}",
        "get_device_capability": lambda index: (9, 0),
        "synchronize": lambda place=None: None,
        "empty_cache": lambda: None,
        "device": lambda place: _Nothing(),
        "current_stream": lambda *_: SimpleNamespace(cuda_stream=7, wait_stream=lambda other: None),
        "Stream": lambda *_: SimpleNamespace(wait_stream=lambda other: None),
        "stream": lambda stream: _Nothing(),
        "graph": lambda graph: _Nothing(),
    }.items():
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", lambda: SimpleNamespace(replay=lambda: None))
    for module in ("binding", "torch_engine", "tensorrt"):
        monkeypatch.setattr(f"ff_vfx.engine.runtimes.{module}.card", lambda index: torch.device("cpu", index))
    for switch in ("benchmark", "deterministic", "allow_tf32"):
        monkeypatch.setattr(torch.backends.cudnn, switch, getattr(torch.backends.cudnn, switch))
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: self)
    empty = torch.empty
    monkeypatch.setattr(torch, "empty", lambda *args, pin_memory=False, **more: empty(*args, **more))


class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


class Session:
    """A session that doubles 'in' into 'out', through `run` or through bound memory."""

    def __init__(self, working: list[str], shape: list[Any], number: str = "tensor(float)") -> None:
        self._working, self.bound = working, list[dict[str, Any]]()
        self._in = SimpleNamespace(name="in", shape=shape, type=number)
        self._out = SimpleNamespace(name="out", shape=shape, type=number)

    def get_providers(self) -> list[str]:
        return self._working

    def get_inputs(self) -> list[Any]:
        return [self._in]

    def get_outputs(self) -> list[Any]:
        return [self._out]

    def run(self, names: list[str], arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
        return [arrays["in"] * 2]

    def io_binding(self) -> _Binding:
        self.bound.append({})
        return _Binding(self.bound[-1])

    def run_with_iobinding(self, binding: _Binding) -> None:
        shape, given = binding.places["in"][0], _memory(binding.places["in"])
        binding.made = given * 2
        if binding.places["out"] is not None:
            _memory(binding.places["out"])[...] = binding.made
        assert shape == given.shape


class _Binding:
    def __init__(self, places: dict[str, Any]) -> None:
        self.places, self.made = places, np.zeros(0)

    def bind_input(self, name: str, kind: str, index: int, number: type, shape: Any, pointer: int) -> None:
        assert kind == "cuda"
        self.places[name] = (tuple(shape), np.dtype(number), pointer)

    def bind_output(
        self, name: str, kind: str, index: int, number: type | None = None, shape: Any = None, pointer: int = 0
    ) -> None:
        self.places[name] = None if number is None else (tuple(shape), np.dtype(number), pointer)

    def synchronize_outputs(self) -> None: ...

    def copy_outputs_to_cpu(self) -> list[np.ndarray]:
        return [self.made]


def _memory(place: tuple[tuple[int, ...], np.dtype, int]) -> np.ndarray:
    shape, number, pointer = place
    size = int(np.prod(shape)) * number.itemsize
    return np.frombuffer(memoryview((ctypes.c_char * size).from_address(pointer)), number).reshape(shape)


def runtime(listed: list[str], working: list[str], shape: list[Any], **more: Any) -> Any:
    """A module like onnxruntime. listed: providers it says it has. working: those its sessions truly have.

    Its `opened` holds the providers of each session, `options` the options.
    """
    made = SimpleNamespace(__version__="9.9", opened=[], options=[], sessions=[])
    refuse: Callable[[list[Any]], None] = more.pop("refuse", lambda providers: None)

    class Options:
        def __init__(self) -> None:
            self.entries: dict[str, str] = {}
            made.options.append(self)

        def add_session_config_entry(self, key: str, value: str) -> None:
            self.entries[key] = value

    def session(path: str, options: Any, providers: list[Any], enable_fallback: int) -> Session:
        made.opened.append(providers)
        refuse(providers)
        made.sessions.append(Session(working, shape, **more))
        return made.sessions[-1]

    made.SessionOptions, made.InferenceSession = Options, session
    made.get_available_providers = lambda: listed
    return made
