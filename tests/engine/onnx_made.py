"""Contract-only networks: any names and shapes, zeros out; for what reads a file's description. Read by tests alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Dims = Sequence[int | str]


def made(
    path: Path,
    inputs: Mapping[str, Dims],
    outputs: Mapping[str, Dims],
    *,
    weights: Mapping[str, np.ndarray] | None = None,
    types: Mapping[str, int] | None = None,
    opset: int = 17,
) -> Path:
    """A network that gives zeros of its outputs' shapes. A text as a size: open; in an output, as large as the input's.

    weights: initializers after those it needs. types: of tensors that are not float32.
    """
    nodes, parts = [], {}
    open_at = {size: (name, axis) for name, dims in inputs.items() for axis, size in enumerate(dims)}
    for output, dims in outputs.items():
        sizes = [_size(nodes, parts, f"{output}_{i}", size, open_at) for i, size in enumerate(dims)]
        nodes += [
            helper.make_node("Concat", sizes, [f"{output}_shape"], axis=0),
            helper.make_node("ConstantOfShape", [f"{output}_shape"], [output]),
        ]
    kinds = types or {}
    taken, given = (
        [
            helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), list(dims))
            for name, dims in side.items()
        ]
        for side in (inputs, outputs)
    )
    initializers = [numpy_helper.from_array(array, name) for name, array in {**parts, **(weights or {})}.items()]
    graph = helper.make_graph(nodes, "made", taken, given, initializers)
    model = helper.make_model(graph, producer_name="tests", opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    onnx.save(model, path)
    return path


def _size(
    nodes: list[onnx.NodeProto], parts: dict[str, np.ndarray], name: str, size: int | str, open_at: Mapping
) -> str:
    """The name of a tensor (1,) that holds one size."""
    parts[name] = np.array([size if isinstance(size, int) else open_at[size][1]], np.int64)
    if isinstance(size, int):
        return name
    shape, found = f"{name}_of", f"{name}_found"
    nodes += [
        helper.make_node("Shape", [open_at[size][0]], [shape]),
        helper.make_node("Gather", [shape, name], [found]),
    ]
    return found
