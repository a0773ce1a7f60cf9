"""Swapper networks whose answer is known, with manifests, for tests: the layout of INSwapper and larger ones.

Read by tests alone. Right names, shapes and outputs; the graphs are arithmetic, or a small network with seeded weights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.types.template import TEMPLATES, Points

onnx = pytest.importorskip("onnx", reason="contract swappers are written with the onnx package")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LOW = tuple(-m / d for m, d in zip(_MEAN, _DEVIATION))
_HIGH = tuple((1.0 - m) / d for m, d in zip(_MEAN, _DEVIATION))
_OWN = tuple((0.1 + 0.8 * x, 0.05 + 0.85 * y) for x, y in TEMPLATES["ffhq_512"].points)


@dataclass(frozen=True)
class Family:
    """One layout of the family, as a manifest declares it. length: of the identity; 0: none. batch: an open axis.

    embedding: how long what its recogniser gives is.
    """

    name: str
    side: int | None = 128
    template: str | Points | None = "arcface_128"
    low: float | tuple[float, ...] = 0.0
    high: float | tuple[float, ...] = 1.0
    channels: str = "rgb"
    layout: str = "nchw"
    length: int = 512
    matrix: str = "last"
    batch: bool = True
    matte: bool = False
    multiple: int = 1
    embedding: int = 512


INSWAPPER = Family("inswapper_like")
FAMILIES = (
    INSWAPPER,
    Family("inswapper_fixed", batch=False),
    Family("like_256", 256, "arcface_112", -1.0, 1.0, "bgr", length=256, matrix="emap"),
    Family("like_512", 512, "ffhq_512", _LOW, _HIGH, "rgb", "nhwc", 512, ""),
    Family("like_512_own_points", 512, _OWN, 0.0, 255.0, "bgr", "nhwc", 0, "", batch=False),
    Family("open_size", None, "ffhq_512", -1.0, 1.0, length=0, matrix="", multiple=32),
    Family("with_matte", 256, "arcface_112", matrix="", matte=True),
    Family("whole_crop", 128, None, length=0, matrix=""),
)


def matrix_of(family: Family) -> np.ndarray:
    """(embedding, length) float32, the file's last initializer."""
    return np.random.default_rng(7).standard_normal((family.embedding, family.length or 1)).astype(np.float32) / 16.0


def colours_of(family: Family) -> np.ndarray:
    """(length, 3): which RGB tint each number of the latent stands for, display units."""
    return np.random.default_rng(8).standard_normal((family.length, 3)).astype(np.float32) * 0.08


def disc(side: int, centre: tuple[float, float], radius: float) -> np.ndarray:
    """(side, side) soft disc; centre and radius in parts of the side."""
    y, x = (np.mgrid[0:side, 0:side] + 0.5) / side
    return np.clip((radius - np.hypot(x - centre[0], y - centre[1])) * side / 8.0, 0.0, 1.0).astype(np.float32)


DISC = (0.4, 0.42), 0.1  # beside the picture's left eye: neither alignment nor mirror may be off


def write_swapper(folder: Path, family: Family, kind: str = "identity") -> Path:
    """The ONNX file and its manifest, whose path is returned.

    Args:
        kind: 'identity' gives back what it is shown. 'tint' adds the latent's colour in DISC (no identity: a fixed
            one). 'strided' is a small network that is not the same at every place. 'flat' gives the mean colour of each
            4 x 4 px block: all fine detail is lost.
    """
    nodes, weights = _body(family, kind)
    if family.length:
        weights["emap"] = matrix_of(family)
    inputs, outputs = _tensors(family)
    graph = helper.make_graph(
        nodes,
        "swapper",
        [_declared(tensor) for tensor in inputs],
        [_declared(tensor) for tensor in outputs],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    name = f"{family.name}_{kind}"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file = folder / f"{name}.onnx"
    file.write_bytes(model.SerializeToString())
    manifest = folder / f"{name}.json"
    manifest.write_text(json.dumps(_manifest(family, name, file, inputs, outputs), indent=2))
    return manifest


def _tensors(family: Family) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    n, s = None if family.batch else 1, family.side
    shape = [n, 3, s, s] if family.layout == "nchw" else [n, s, s, 3]
    level = {k: list(v) if isinstance(v, tuple) else v for k, v in (("low", family.low), ("high", family.high))}
    picture = {"shape": shape, "layout": family.layout, **level, "encoding": "srgb", "channels": family.channels}
    flat = {"layout": "flat", "low": 0, "high": 1, "encoding": "none", "channels": "none"}
    inputs: list[dict[str, Any]] = [{"name": "target", **picture, "role": "picture"}]
    if family.length:
        inputs.append({"name": "source", "shape": [n, family.length], **flat, "role": "identity"})
    outputs: list[dict[str, Any]] = [{"name": "output", **picture, "role": "picture"}]
    if family.matte:
        outputs.append({"name": "mask", "shape": [n, 1, s, s], **flat, "layout": "nchw", "role": "matte"})
    return inputs, outputs


def _manifest(family: Family, name: str, file: Path, inputs: Sequence, outputs: Sequence) -> dict[str, Any]:
    return {
        "format": 2,
        "name": name,
        "kind": "swapper",
        "file": file.name,
        "licence": "Apache-2.0",
        "allowed_use": "any",
        "origin": "made by a test",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "runtime": "onnx",
        "inputs": inputs,
        "outputs": outputs,
        "tolerance": 1e-4,
        "notes": "",
        "template": family.template,
        "multiple": family.multiple,
        "identity_matrix": family.matrix,
    }


def _declared(tensor: dict[str, Any]) -> Any:
    dims = [one if one is not None else f"open{i}" for i, one in enumerate(tensor["shape"])]
    return helper.make_tensor_value_info(tensor["name"], TensorProto.FLOAT, dims)


def _body(family: Family, kind: str) -> tuple[list, dict[str, np.ndarray]]:
    """Nodes and weights from 'target' to 'output', in the network's own range and order of channels."""
    nodes, weights = {"identity": _identity, "tint": _tint, "strided": _strided, "flat": _flat}[kind](family)
    if family.layout == "nhwc":
        first = helper.make_node("Transpose", ["target"], ["x"], perm=[0, 3, 1, 2])
        nodes = [first, *nodes, helper.make_node("Transpose", ["y"], ["output"], perm=[0, 2, 3, 1])]
    else:
        nodes = [
            helper.make_node("Identity", ["target"], ["x"]),
            *nodes,
            helper.make_node("Identity", ["y"], ["output"]),
        ]
    if family.length and kind != "tint":  # a runtime drops an input that nothing reads
        weights["nought"] = np.zeros((), np.float32)
        last = helper.make_node("ReduceSum", ["source"], ["source_sum"], keepdims=0)
        scaled = helper.make_node("Mul", ["source_sum", "nought"], ["source_nought"])
        nodes = [*nodes[:-1], last, scaled, helper.make_node("Add", ["y", "source_nought"], ["z"]), nodes[-1]]
        nodes[-1].input[0] = "z"
    if family.matte:
        weights["half"] = (np.arange(family.side or 1) < (family.side or 1) // 2).astype(np.float32)
        shape = helper.make_node("ReduceMax", ["x"], ["x_one"], axes=[1], keepdims=1)
        nodes += [shape, helper.make_node("Sub", ["x_one", "x_one"], ["x_none"])]
        nodes.append(helper.make_node("Add", ["x_none", "half"], ["mask"]))
    return nodes, weights


def _width(family: Family) -> np.ndarray:
    """(1, 3, 1, 1): a display unit in the network's range, in its order of channels."""
    width = (np.array(family.high, np.float64) - np.array(family.low, np.float64)) * np.ones(3)
    return (width[::-1] if family.channels == "bgr" else width).reshape(1, 3, 1, 1).astype(np.float32)


def _identity(_family: Family) -> tuple[list, dict[str, np.ndarray]]:
    return [helper.make_node("Identity", ["x"], ["y"])], {}


def _tint(family: Family) -> tuple[list, dict[str, np.ndarray]]:
    weights = {"disc": disc(family.side or 1, *DISC)[None, None], "width": _width(family)}
    colours = colours_of(family) if family.length else np.array([[0.1, 0.02, -0.1]], np.float32)
    weights["colours"] = np.ascontiguousarray(colours[:, ::-1] if family.channels == "bgr" else colours)
    nodes = []
    if family.length:
        weights["as_picture"] = np.array([-1, 3, 1, 1], np.int64)
        nodes.append(helper.make_node("MatMul", ["source", "colours"], ["flat_tint"]))
        nodes.append(helper.make_node("Reshape", ["flat_tint", "as_picture"], ["tint"]))
    else:
        weights["tint"] = weights.pop("colours").reshape(1, 3, 1, 1)
    nodes.append(helper.make_node("Mul", ["tint", "width"], ["wide_tint"]))
    nodes.append(helper.make_node("Mul", ["wide_tint", "disc"], ["added"]))
    return [*nodes, helper.make_node("Add", ["x", "added"], ["y"])], weights


def _strided(family: Family) -> tuple[list, dict[str, np.ndarray]]:
    rng = np.random.default_rng(9)
    weights = {
        "down": (rng.standard_normal((12, 3, 3, 3)) * 0.4).astype(np.float32),
        "up": (rng.standard_normal((12, 3, 2, 2)) * 0.25).astype(np.float32),
        "shift": np.array(family.low, np.float32).reshape(1, -1, 1, 1),
        "width": _width(family),
        "share": np.array(0.3, np.float32),
    }
    nodes = [
        helper.make_node("Sub", ["x", "shift"], ["x0"]),
        helper.make_node("Div", ["x0", "width"], ["x1"]),
        helper.make_node("Conv", ["x1", "down"], ["d0"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["d0"], ["d1"]),
        helper.make_node("ConvTranspose", ["d1", "up"], ["u0"], strides=[2, 2]),
        helper.make_node("Tanh", ["u0"], ["u1"]),
        helper.make_node("Mul", ["u1", "share"], ["u2"]),
        helper.make_node("Mul", ["u2", "width"], ["u3"]),
        helper.make_node("Add", ["x", "u3"], ["y"]),
    ]
    return nodes, weights


def _flat(family: Family) -> tuple[list, dict[str, np.ndarray]]:
    weights = {"down": np.zeros((3, 3, 4, 4), np.float32), "up": np.zeros((3, 3, 4, 4), np.float32)}
    for i in range(3):
        weights["down"][i, i], weights["up"][i, i] = 1.0 / 16.0, 1.0
    down = helper.make_node("Conv", ["x", "down"], ["d"], strides=[4, 4])
    return [down, helper.make_node("ConvTranspose", ["d", "up"], ["y"], strides=[4, 4])], weights
