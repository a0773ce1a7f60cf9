"""What goes into a network and what comes out, held against its spec. Read by every runtime of this floor."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec

Arrays = dict[str, np.ndarray]
_OPEN_PX = {"flow": 128}  # the smallest picture that a flow network's coarsest level can still match in
_OPEN_PX_ELSE = 64


def checked_inputs(spec: EngineSpec, inputs: Mapping[str, np.ndarray]) -> Arrays:
    """The inputs as contiguous float32, in the order of the spec; one that is so already is not copied.

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
        if not fits(array.shape, tensor):
            raise ModelError(
                f"model {spec.name}: input '{tensor.name}' has shape {array.shape}; {tensor.shape} is needed"
            )
    return {name: np.ascontiguousarray(inputs[name], dtype=np.float32) for name in wanted}


def checked_outputs(spec: EngineSpec, found: Mapping[str, np.ndarray], *, finite: bool = True) -> Arrays:
    """The outputs that the spec names, in its order; not copied.

    Args:
        found: what the runtime gave, by name, in memory that it does not fill again. finite: refuse nan and infinity.

    Raises:
        ModelError: the file gives other outputs than its manifest says, or numbers that are none.
    """
    for tensor in spec.outputs:
        if tensor.name not in found:
            raise ModelError(f"model {spec.name}: the file has no output '{tensor.name}', only {sorted(found)}{_FIX}")
        array = found[tensor.name]
        if not fits(array.shape, tensor):
            raise ModelError(
                f"model {spec.name}: output '{tensor.name}' has shape {array.shape}, "
                f"the manifest says {tensor.shape}{_FIX}"
            )
        if finite and not _finite(array):
            raise ModelError(
                f"model {spec.name}: output '{tensor.name}' holds nan or infinity; the network does not suit what it "
                "was shown, or its precision is too low for it: check its manifest's range, or use fp32"
            )
    return {tensor.name: found[tensor.name] for tensor in spec.outputs}


def blank_inputs(spec: EngineSpec, batch: int = 1) -> Arrays:
    """Zeros for a first run that proves the file keeps its promise; the smallest sensible size where one is open.

    Args:
        batch: how many, where the first axis is open.
    """
    return {t.name: np.zeros(_shape(spec, t, batch), np.float32) for t in spec.inputs}


def batchable(spec: EngineSpec) -> bool:
    """Whether several samples may go in at once and come out apart: every first axis is open."""
    return all(tensor.shape and tensor.shape[0] is None for tensor in (*spec.inputs, *spec.outputs))


def static(spec: EngineSpec) -> bool:
    """Whether no size is open, so that one recording of a run serves all."""
    return all(None not in tensor.shape for tensor in (*spec.inputs, *spec.outputs))


def fits(shape: tuple[int, ...], tensor: TensorSpec) -> bool:
    """Whether an array of this shape is what the spec says."""
    return len(shape) == len(tensor.shape) and all(w is None or w == n for n, w in zip(shape, tensor.shape))


_FIX = "; correct the manifest, or install the model again"


def _finite(array: np.ndarray) -> bool:
    """A sum is nan or infinite if any number is; a sum that only grew too large is looked at number by number."""
    if array.dtype.kind != "f" or not array.size:
        return True
    total = float(torch.from_numpy(array).sum()) if array.dtype == np.float32 else float(array.sum(dtype=np.float64))
    return math.isfinite(total) or bool(np.isfinite(array).all())


def _shape(spec: EngineSpec, tensor: TensorSpec, batch: int) -> list[int]:
    least = _OPEN_PX.get(spec.kind, _OPEN_PX_ELSE)
    side = -(-least // spec.multiple) * spec.multiple
    picture = tensor.layout != "flat" and len(tensor.shape) == 4
    sides = {"nchw": (2, 3), "nhwc": (1, 2)}.get(tensor.layout, ()) if picture else ()
    return [
        n if n is not None else batch if axis == 0 else side if axis in sides else 1
        for axis, n in enumerate(tensor.shape)
    ]
