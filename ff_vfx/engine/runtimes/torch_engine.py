"""Networks of our own by torch, the reference: weights from a safetensors file, code from architectures. Read by model.

Weights are numbers alone (never a pickle). Trap: what cuDNN may choose by timing or cut short (benchmark, TF32) is set
for a whole process; opening a network on a card switches it off and leaves it so, since threads run side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from ff_vfx.engine.architectures import ARCHITECTURES
from ff_vfx.engine.runtimes.arrays import Arrays, blank_inputs, static
from ff_vfx.engine.runtimes.failures import reason, run_checked
from ff_vfx.engine.runtimes.recording import Recording
from ff_vfx.engine.runtimes.transfer import card, to_card, to_host
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.engine import EngineSpec

Tensors = list[torch.Tensor]


class TorchEngine:
    """One torch network. Inputs go in, outputs come out in the order of the spec; the module knows no names.

    On the CPU any number of threads may run it at once; on CUDA a lock lets one in at a time.
    """

    def __init__(self, module: torch.nn.Module, spec: EngineSpec, device: Device = CPU) -> None:
        """Args: module: with its weights; it is moved. device: where to run; fp16 on CUDA alone.

        Raises:
            ModelError: the network is not what the spec says.
        """
        self.spec, self.device = spec, device
        self._place = card(device.index) if device.kind == "cuda" else torch.device("cpu")
        half = device.kind == "cuda" and device.precision == "fp16"
        self._number = torch.float16 if half else torch.float32
        self._module = module.to(self._place, self._number).eval().requires_grad_(False)
        self._held = {_memory(tensor) for tensor in (*module.parameters(), *module.buffers())}
        self._lock = threading.Lock()
        if device.kind == "cuda":
            _repeatable()
        recorded = device.kind == "cuda" and static(spec)
        self._forward: Callable[[Tensors], Tensors] = Recording(self._plain) if recorded else self._plain
        run_checked(spec, device, blank_inputs(spec), self._call, finite=False)

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Run once. ModelError says which input is off, or that the network gives other outputs than its manifest."""
        return run_checked(self.spec, self.device, inputs, self._call)

    def _call(self, arrays: Arrays) -> Arrays:
        with torch.inference_mode():
            found = self._on_cpu(arrays) if self.device.kind == "cpu" else self._on_card(arrays)
        return {tensor.name: array for tensor, array in zip(self.spec.outputs, found)}

    def _on_cpu(self, arrays: Arrays) -> list[np.ndarray]:
        """A module may hand out what it was given, or its own weights: those are copied."""
        given = [torch.from_numpy(array) for array in arrays.values()]
        held = self._held | {_memory(tensor) for tensor in given}
        return [(t.clone() if _memory(t) in held else t).numpy() for t in self._plain(given)]

    def _on_card(self, arrays: Arrays) -> list[np.ndarray]:
        with self._lock, torch.cuda.device(self._place):
            given = [to_card(array, self._place, self._number) for array in arrays.values()]
            return [to_host(tensor) for tensor in self._forward(given)]

    def _plain(self, tensors: Tensors) -> Tensors:
        found = self._module(*tensors)
        return [found] if isinstance(found, torch.Tensor) else list(found)


def open_torch(
    path: Path, spec: EngineSpec, architecture: str, device: Device = CPU, say: Callable[[str], None] = lambda _: None
) -> TorchEngine:
    """A network of ours on a device; on the CPU, and `say` told so, where torch has not that card.

    Raises:
        ModelError: see load_torch and TorchEngine.
    """
    return TorchEngine(load_torch(path, architecture), spec, _usable(device, say))


def _repeatable() -> None:
    """No kernel of cuDNN's is chosen by timing, none cuts digits off."""
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _usable(device: Device, say: Callable[[str], None]) -> Device:
    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.kind == "cuda" and device.index >= cards:
        said = (
            f"{device} is asked for and torch sees {cards}" if cards else "cuda is asked for and torch has no CUDA here"
        )
        say(f"{said}; networks of torch's run on the CPU")
        return Device(runtime="torch")
    lowest = ("fp32", "fp16") if device.kind == "cuda" else ("fp32",)
    if device.precision not in lowest:
        say(f"{device} is asked for and torch runs no {device.precision} there; its networks run in fp32")
        return replace(device, precision="fp32")
    return device


def load_torch(path: Path, architecture: str) -> torch.nn.Module:
    """A network of ours with the weights of a file.

    Raises:
        ModelError: no such architecture, or the file is broken or made for another; which weights are off.
    """
    if architecture not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        raise ModelError(f"model {path}: architecture '{architecture}' is none of {known}; correct the manifest")
    try:
        weights = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"model {path}: is no safetensors file: {reason(error)}; install the model again") from error
    module = ARCHITECTURES[architecture]()
    try:
        module.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise ModelError(f"model {path}: does not fit architecture '{architecture}': {reason(error)}") from error
    return module
