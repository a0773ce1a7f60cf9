"""Plans of TensorRT, built beforehand by engines/ for this very card. Read by model; never run by us so far.

Traps: TensorRT keeps the pointers it was given, so buffers live as long as the engine; an output's size is known only
once every input's is set.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ff_vfx.engine.runtimes.arrays import Arrays, blank_inputs, static
from ff_vfx.engine.runtimes.failures import reason, run_checked
from ff_vfx.engine.runtimes.plans import PlanKey, find_plan, gpu_name
from ff_vfx.engine.runtimes.recording import Recording
from ff_vfx.engine.runtimes.transfer import card, number_of, to_card, to_host
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec

Tensors = list[torch.Tensor]


class TensorRtEngine:
    """One plan. A lock lets one thread in at a time."""

    def __init__(self, plan: Path, spec: EngineSpec, device: Device) -> None:
        """Raises ModelError: TensorRT cannot load the plan, or it is not what the spec says."""
        runtime = _tensorrt()
        self.spec, self.device = spec, device
        self._place = card(device.index)
        self._lock = threading.Lock()
        with torch.cuda.device(self._place):
            self._keeper = runtime.Runtime(runtime.Logger(runtime.Logger.ERROR))
            self._engine = self._keeper.deserialize_cuda_engine(plan.read_bytes())
            if self._engine is None:
                raise ModelError(f"model {spec.name}: {plan} cannot be loaded; build it anew: python -m engines plan")
            self._context = self._engine.create_execution_context()
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        self._inputs = [n for n in names if self._engine.get_tensor_mode(n) == runtime.TensorIOMode.INPUT]
        self._outputs = [n for n in names if n not in self._inputs]
        if set(self._inputs) != {tensor.name for tensor in spec.inputs}:
            raise ModelError(f"model {spec.name}: the plan takes {sorted(self._inputs)}, its manifest says otherwise")
        self._numbers = {n: number_of(runtime.nptype(self._engine.get_tensor_dtype(n))) for n in names}
        self._forward: Callable[[Tensors], Tensors] = Recording(self._plain) if static(spec) else self._plain
        run_checked(spec, device, blank_inputs(spec), self._call, finite=False)

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Run once. ModelError says which input is off, or that a size is outside what the plan was built for."""
        return run_checked(self.spec, self.device, inputs, self._call)

    def _call(self, arrays: Arrays) -> Arrays:
        with self._lock, torch.cuda.device(self._place):
            given = [to_card(arrays[n], self._place, self._numbers[n]) for n in self._inputs]
            for name, tensor in zip(self._inputs, given):
                if not self._context.set_input_shape(name, tuple(tensor.shape)):
                    raise ModelError(
                        f"model {self.spec.name}: the plan was not built for '{name}' {tuple(tensor.shape)}; "
                        "build one that is: python -m engines plan --sizes"
                    )
            found = self._forward(given)
            return {name: to_host(tensor) for name, tensor in zip(self._outputs, found)}

    def _plain(self, given: Tensors) -> Tensors:
        made = [
            torch.empty(tuple(self._context.get_tensor_shape(n)), dtype=self._numbers[n], device=self._place)
            for n in self._outputs
        ]
        for name, tensor in zip((*self._inputs, *self._outputs), (*given, *made)):
            self._context.set_tensor_address(name, tensor.data_ptr())
        if not self._context.execute_async_v3(torch.cuda.current_stream().cuda_stream):
            raise ModelError(f"model {self.spec.name}: TensorRT did not run its plan; build it anew")
        return made


def open_plan(spec: EngineSpec, sha256: str, device: Device, say: Callable[[str], None]) -> TensorRtEngine | None:
    """The model as a plan of this machine's; None, and `say` is told why, where there is none that is right.

    Args:
        sha256: of the model's ONNX file.

    Raises:
        ModelError: the plan is there and does not keep to the spec.
    """
    if device.kind != "cuda" or gpu_name(device.index) == "none":
        say(f"{device} is asked for and torch sees no such card; no TensorRT plans are used")
        return None
    try:
        version = tensorrt_version()
    except ModelError as error:
        say(str(error))
        return None
    plan, why = find_plan(PlanKey(sha256, gpu_name(device.index), version, device.precision))
    if plan is None:
        say(f"model {spec.name}: {why}; onnxruntime runs it. Build one: python -m engines plan MANIFEST")
        return None
    return TensorRtEngine(plan, spec, device)


def tensorrt_version() -> str:
    """'tensorrt-10.3.0'. ModelError where it is not installed."""
    return f"tensorrt-{_tensorrt().__version__}"


def _tensorrt() -> Any:
    try:
        import tensorrt
    except ImportError as error:
        raise ModelError(f"tensorrt cannot be loaded: {reason(error)}; pip install 'ff-vfx[tensorrt]'") from error
    return tensorrt
