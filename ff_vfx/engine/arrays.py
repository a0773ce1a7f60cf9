"""What goes into a network and what comes out, held against its spec. Read by every runtime of this floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec


def checked_inputs(spec: EngineSpec, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The inputs as contiguous float32, in the order of the spec.

    Raises:
        ModelError: a name is missing or unknown, a shape does not fit, or the array is not of numbers.
    """
    wanted = [t.name for t in spec.inputs]
    if set(wanted) != set(inputs):
        raise ModelError(f"model {spec.name}: inputs {sorted(inputs)} given; {wanted} are needed")
    for tensor in spec.inputs:
        array = inputs[tensor.name]
        if array.dtype.kind not in "fiu":
            raise ModelError(f"model {spec.name}: input '{tensor.name}' is {array.dtype}; float32 is needed")
        if not _fits(array.shape, tensor):
            raise ModelError(
                f"model {spec.name}: input '{tensor.name}' has shape {array.shape}; {tensor.shape} is needed"
            )
    return {name: np.ascontiguousarray(inputs[name], dtype=np.float32) for name in wanted}


def checked_outputs(spec: EngineSpec, names: Sequence[str], arrays: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Own copies of the outputs, by name: a runtime may fill the same memory again on its next run.

    Raises:
        ModelError: the file gives other outputs than its manifest says.
    """
    found = dict(zip(names, arrays))
    for tensor in spec.outputs:
        if tensor.name not in found:
            raise ModelError(f"model {spec.name}: the file has no output '{tensor.name}', only {sorted(found)}{_FIX}")
        shape = found[tensor.name].shape
        if not _fits(shape, tensor):
            raise ModelError(
                f"model {spec.name}: output '{tensor.name}' has shape {shape}, the manifest says {tensor.shape}{_FIX}"
            )
    return {tensor.name: np.array(found[tensor.name]) for tensor in spec.outputs}


def blank_inputs(spec: EngineSpec) -> dict[str, np.ndarray] | None:
    """Zeros of the spec's shapes for a first run that proves the file keeps its promise; None where a size is open."""
    if any(n is None for t in spec.inputs for n in t.shape):
        return None
    return {t.name: np.zeros([n or 1 for n in t.shape], np.float32) for t in spec.inputs}


_FIX = "; correct the manifest, or install the model again"


def _fits(shape: tuple[int, ...], tensor: TensorSpec) -> bool:
    return len(shape) == len(tensor.shape) and all(w is None or w == n for n, w in zip(shape, tensor.shape))
