"""ONNX networks through onnxruntime, an optional extra: on the CPU, through CUDA or TensorRT. Read by model alone.

Traps: onnxruntime lists providers it was built with, not those that work here, and takes the CPU without a word; what
truly runs is known from the session. It spins while it waits unless it is told not to (docs/decisions/0012).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from ff_vfx.engine.runtimes.arrays import Arrays, blank_inputs, static
from ff_vfx.engine.runtimes.binding import NUMBERS, CudaBinding
from ff_vfx.engine.runtimes.failures import out_of_memory, reason, run_checked
from ff_vfx.engine.runtimes.providers import providers, without_graph
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.engine import EngineSpec


class _Runs(Protocol):
    def __call__(self, arrays: Arrays) -> list[np.ndarray]: ...


class OnnxEngine:
    """One ONNX graph. On the CPU any number of threads may run it at once; on CUDA a lock lets one in at a time."""

    def __init__(
        self, path: Path, spec: EngineSpec, device: Device = CPU, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """Args:
            device: where to run. say: told when that cannot be, and what is done instead.

        Raises:
            ModelError: onnxruntime is absent or cannot load the file, or the file is not what the spec says.
        """
        runtime = _onnxruntime(path)
        wanted, asked = providers(runtime, path, device, spec, say)
        session, self.device = _started(runtime, path, wanted, asked, say)
        self.spec = spec
        self._numbers = _held_against(path, spec, session)
        self._outputs = [tensor.name for tensor in session.get_outputs()]
        self._run = self._runner(session)
        run_checked(spec, self.device, blank_inputs(spec), self._call, finite=False)

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Run once. ModelError says which input is off, or that the file gives other outputs than its manifest."""
        return run_checked(self.spec, self.device, inputs, self._call)

    def _call(self, arrays: Arrays) -> Arrays:
        given = {name: array.astype(self._numbers[name], copy=False) for name, array in arrays.items()}
        return dict(zip(self._outputs, self._run(given)))

    def _runner(self, session: Any) -> _Runs:
        if self.device.kind == "cpu" or not torch.cuda.is_available():  # without torch's, nobody holds the buffers
            return lambda arrays: session.run(self._outputs, arrays)
        keep = static(self.spec) and all(isinstance(n, int) for tensor in session.get_outputs() for n in tensor.shape)
        bound, lock = CudaBinding(session, self._outputs, self.device.index, keep=keep), threading.Lock()

        def locked(arrays: Arrays) -> list[np.ndarray]:
            with lock:
                return bound.run(arrays)

        return locked


def _started(
    runtime: Any, path: Path, wanted: list[Any], device: Device, say: Callable[[str], None]
) -> tuple[Any, Device]:
    """A session on the first provider that starts, and the device that it so runs on."""
    try:
        session = _session(runtime, path, wanted)
        if device.kind == "cpu" or "CUDAExecutionProvider" in session.get_providers():
            return session, device
        why = "its libraries or the driver are missing"
    except Exception as error:  # onnxruntime's errors share no base of their own
        if plain := without_graph(wanted, str(error)):
            return _started(runtime, path, plain, device, say)
        if len(wanted) == 1:
            raise ModelError(f"model {path}: onnxruntime cannot load it: {_why(runtime, error)}") from error
        why = reason(error)
    lost, rest = wanted[0][0].removesuffix("ExecutionProvider"), wanted[1:]
    to = Device(runtime=device.runtime) if len(rest) == 1 else replace(device, precision="fp32")
    found = _started(runtime, path, rest, to, say)  # where the file itself is the reason, this tells so
    say(f"onnxruntime cannot start {lost} here ({why}); networks run on {found[1].kind}")
    return found


def _session(runtime: Any, path: Path, wanted: list[Any]) -> Any:
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # Errors only: it warns by the hundred of harmless things.
    options.intra_op_num_threads = torch.get_num_threads()  # this process' share of the machine
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Its own fallback prints to stdout, where a command's results go; ours is above.
    return runtime.InferenceSession(str(path), options, providers=wanted, enable_fallback=0)


def _why(runtime: Any, error: Exception) -> str:
    text = reason(error)
    lower = text.lower()
    if out_of_memory(error):
        return f"out of memory: {text}; choose another device, or close what else uses its memory"
    if "opset" in lower or "ir version" in lower or "ir_version" in lower:
        version = getattr(runtime, "__version__", "")
        return f"it was made for an operator set that onnxruntime {version} does not know: {text}; export it for 17"
    if "invalid device" in lower or "device_id" in lower:
        return f"{text}; there is no such card, name another device"
    if any(words in lower for words in ("no op registered", "is not a registered function", "find an implementation")):
        return f"it holds an operator that this build does not have: {text}; export it without, or get that build"
    return f"{text}; install the model again"


def _held_against(path: Path, spec: EngineSpec, session: Any) -> dict[str, Any]:
    """The number type of each input; what the file itself says must not contradict its manifest."""
    tensors = {tensor.name: tensor for tensor in session.get_inputs()}
    if set(tensors) != {tensor.name for tensor in spec.inputs}:
        raise ModelError(f"model {path}: the file takes {sorted(tensors)}, its manifest says otherwise; correct it")
    for said in spec.inputs:
        real = tensors[said.name]
        if real.type not in NUMBERS:
            raise ModelError(f"model {path}: input '{said.name}' is of type {real.type}, which no picture can be")
        if len(real.shape) != len(said.shape) or any(
            isinstance(n, int) and n != m for n, m in zip(real.shape, said.shape)
        ):
            raise ModelError(
                f"model {path}: does not run as its manifest says: input '{said.name}' is {list(said.shape)} there "
                f"(null: open) and {real.shape} in the file; correct the manifest"
            )
    return {name: NUMBERS[tensor.type] for name, tensor in tensors.items()}


def _onnxruntime(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(f"model {path}: onnxruntime is not installed; pip install 'ff-vfx[onnx]'") from error
    return onnxruntime
