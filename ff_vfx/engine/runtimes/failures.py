"""What to do when a runtime fails: smaller batches where memory runs out, else one clear error. Read by every runtime.

Runtimes share no error of their own: onnxruntime and OpenCV tell of memory in a text, torch and Python by a class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch

from ff_vfx.engine.runtimes.arrays import Arrays, batchable, checked_inputs, checked_outputs
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec

Call = Callable[[Arrays], Arrays]
_TEXTS = (  # Source: the words of onnxruntime's allocators, CUDA, cuDNN, TensorRT and OpenCV.
    "failed to allocate memory",
    "out of memory",
    "bad allocation",
    "bad_alloc",
    "insufficient memory",
    "cuda_error_out_of_memory",
    "cudnn_status_alloc_failed",
    "outofmemory",
)
_LONGEST = 400


class OutOfMemory(ModelError):
    """One sample alone does not fit into the device's memory."""


def run_checked(
    spec: EngineSpec, device: Device, inputs: Mapping[str, np.ndarray], call: Call, *, finite: bool = True
) -> Arrays:
    """One run of a network, from checked inputs to checked outputs.

    Args:
        device: where it runs, for messages. call: the runtime's own run; its outputs are fresh memory.
        finite: refuse nan and infinity.

    Raises:
        ModelError: what went in or came out is not as the spec says, or the runtime failed; which and why.
        OutOfMemory: a single sample does not fit.
    """
    arrays = checked_inputs(spec, inputs)
    return checked_outputs(spec, _within_memory(spec, device, arrays, call), finite=finite)


def out_of_memory(error: BaseException) -> bool:
    """Whether a runtime's error tells that memory ran out."""
    text = str(error).lower()
    return isinstance(error, MemoryError | torch.cuda.OutOfMemoryError) or any(words in text for words in _TEXTS)


def reason(error: BaseException) -> str:
    """An error's text on one line, of readable length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _within_memory(spec: EngineSpec, device: Device, arrays: Arrays, call: Call) -> Arrays:
    """As `call`; a batch for which memory does not suffice is run in halves."""
    try:
        return call(arrays)
    except ModelError:
        raise
    except Exception as error:  # runtimes' errors share no base
        size = next(iter(arrays.values())).shape[0] if batchable(spec) else 1
        if not out_of_memory(error):
            raise ModelError(f"model {spec.name}: does not run as its manifest says: {reason(error)}") from error
        if size < 2:
            raise OutOfMemory(_full(spec, device, arrays)) from error
    if device.kind == "cuda" and torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = size // 2
    parts = [
        _within_memory(spec, device, {name: array[cut] for name, array in arrays.items()}, call)
        for cut in (slice(None, half), slice(half, None))
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _full(spec: EngineSpec, device: Device, arrays: Arrays) -> str:
    shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
    return (
        f"model {spec.name}: out of memory on {device} with {shapes}; choose a smaller crop (fuse.crop_px, fuse.boost, "
        "track.detector_px), another device, or close what else uses its memory"
    )
