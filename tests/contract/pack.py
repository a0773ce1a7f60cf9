"""A folder in buffalo_l's layout without its weights: right names, shapes and outputs. Read by tests; never shipped.

det_10g.onnx truly detects: it is YuNet with its answers rewritten, inside the graph, as SCRFD gives them.
w600k_r50.onnx is a real small recogniser. The landmark networks answer with fixed points. Where the real networks do
not lie beside the checkout, the detector sees nobody and the recogniser is a projection of the picture: loading can
still be tested.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import onnx.compose
from onnx import TensorProto, helper, numpy_helper

from tests.contract.models import ONNX

_OPSET, _IR = 11, 6
_STRIDES = (8, 16, 32)
_SIZES = ((8, 12800), (16, 3200), (32, 800))  # rows at 640 px, as the published file declares them
_PICTURE = "input.1"


def write_pack(folder: Path, *, real: bool = True) -> Path:
    """The folder with all five files; it is made if needed. real: False leaves the real networks out even if there."""
    folder.mkdir(parents=True, exist_ok=True)
    yunet, recogniser = ONNX / "yunet_n_dynamic.onnx", ONNX / "MobileFaceNet.onnx"
    onnx.save(_scrfd_of(onnx.load(yunet)) if real and yunet.is_file() else _blind(), folder / "det_10g.onnx")
    if real and recogniser.is_file():
        shutil.copyfile(recogniser, folder / "w600k_r50.onnx")
    else:
        onnx.save(_projection(), folder / "w600k_r50.onnx")
    onnx.save(_constant(192, _points_106().reshape(-1), "fc1"), folder / "2d106det.onnx")
    onnx.save(_constant(192, _points_68().reshape(-1), "fc1"), folder / "1k3d68.onnx")
    onnx.save(_constant(96, np.array([0.2, 0.8, 0.3], np.float32), "fc1"), folder / "genderage.onnx")
    return folder


def _scrfd_of(yunet: onnx.ModelProto) -> onnx.ModelProto:
    """YuNet behind SCRFD's face: RGB of (x - 127.5) / 128 in, scores, distances and points of two anchors out."""
    graph = onnx.compose.add_prefix(yunet, "y_").graph  # its inner names are numbers, as SCRFD's outputs are
    bodies, first, outputs = list(graph.node), [], []
    for name, value in (("c128", 128.0), ("c127", 127.5), ("half", 0.5), ("zero", 0.0)):
        graph.initializer.append(numpy_helper.from_array(np.array(value, np.float32), name))
    for name, numbers in (("bgr", [2, 1, 0]), ("xy", [0, 1]), ("wh", [2, 3]), ("rows4", [-1, 4]), ("rows10", [-1, 10]),
                          ("rows1", [-1, 1])):  # fmt: skip
        graph.initializer.append(numpy_helper.from_array(np.array(numbers, np.int64), name))
    first += [
        helper.make_node("Mul", [_PICTURE, "c128"], ["scaled"]),
        helper.make_node("Add", ["scaled", "c127"], ["bytes"]),
        helper.make_node("Gather", ["bytes", "bgr"], [graph.input[0].name], axis=1),
    ]
    last: list[onnx.NodeProto] = []
    for stride in _STRIDES:
        last += _rewritten(stride)
    for kind, width, names in (
        ("s", 1, ("448", "471", "494")),
        ("d", 4, ("451", "474", "497")),
        ("k", 10, ("454", "477", "500")),
    ):
        for (stride, rows), name in zip(_SIZES, names, strict=True):
            last.append(helper.make_node("Identity", [f"{kind}_{stride}"], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, width]))
    picture = helper.make_tensor_value_info(_PICTURE, TensorProto.FLOAT, [1, 3, "?", "?"])
    made = helper.make_graph([*first, *bodies, *last], "scrfd", [picture], outputs, list(graph.initializer))
    return helper.make_model(made, ir_version=_IR, opset_imports=[helper.make_opsetid("", _OPSET)])


def _rewritten(stride: int) -> list[onnx.NodeProto]:
    """One stride of YuNet's: s_ (2n, 1), d_ (2n, 4), k_ (2n, 10); the first anchor of each cell never sees a face."""
    t = str(stride)

    def twice(source: str, blank: str, rows: str, out: str) -> list[onnx.NodeProto]:
        return [
            helper.make_node("Mul", [source, "zero"], [blank]),
            helper.make_node("Concat", [blank, source], [f"{out}wide"], axis=2),
            helper.make_node("Reshape", [f"{out}wide", rows], [out]),
        ]

    return [
        helper.make_node("Mul", [f"y_cls_{t}", f"y_obj_{t}"], [f"both{t}"]),
        helper.make_node("Clip", [f"both{t}", "zero"], [f"clip{t}"]),
        helper.make_node("Sqrt", [f"clip{t}"], [f"root{t}"]),
        helper.make_node("Gather", [f"y_bbox_{t}", "xy"], [f"at{t}"], axis=2),
        helper.make_node("Gather", [f"y_bbox_{t}", "wh"], [f"log{t}"], axis=2),
        helper.make_node("Exp", [f"log{t}"], [f"size{t}"]),
        helper.make_node("Mul", [f"size{t}", "half"], [f"half{t}"]),
        helper.make_node("Sub", [f"half{t}", f"at{t}"], [f"low{t}"]),
        helper.make_node("Add", [f"half{t}", f"at{t}"], [f"high{t}"]),
        helper.make_node("Concat", [f"low{t}", f"high{t}"], [f"edges{t}"], axis=2),
        *twice(f"root{t}", f"sb{t}", "rows1", f"s_{t}"),
        *twice(f"edges{t}", f"db{t}", "rows4", f"d_{t}"),
        *twice(f"y_kps_{t}", f"kb{t}", "rows10", f"k_{t}"),
    ]


def _blind() -> onnx.ModelProto:
    """Nine outputs for 640 px, nobody in any."""
    outputs, nodes, weights = [], [], []
    for width, names in ((1, ("448", "471", "494")), (4, ("451", "474", "497")), (10, ("454", "477", "500"))):
        for (_, rows), name in zip(_SIZES, names, strict=True):
            weights.append(numpy_helper.from_array(np.zeros((rows, width), np.float32), f"w{name}"))
            nodes.append(helper.make_node("Identity", [f"w{name}"], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, width]))
    picture = helper.make_tensor_value_info(_PICTURE, TensorProto.FLOAT, [1, 3, 640, 640])
    graph = helper.make_graph(nodes, "blind", [picture], outputs, weights)
    return helper.make_model(graph, ir_version=_IR, opset_imports=[helper.make_opsetid("", _OPSET)])


def _projection() -> onnx.ModelProto:
    """(n, 3, 112, 112) -> (n, 512): cells of the picture, seen from fixed random directions."""
    directions = np.random.default_rng(1).normal(size=(3 * 14 * 14, 512)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", [_PICTURE], ["small"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["small"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "directions"], ["683"]),
    ]
    picture = helper.make_tensor_value_info(_PICTURE, TensorProto.FLOAT, ["None", 3, 112, 112])
    output = helper.make_tensor_value_info("683", TensorProto.FLOAT, ["None", 512])
    graph = helper.make_graph(nodes, "eyes", [picture], [output], [numpy_helper.from_array(directions, "directions")])
    return helper.make_model(graph, ir_version=_IR, opset_imports=[helper.make_opsetid("", _OPSET)])


def _constant(side: int, answer: np.ndarray, output: str) -> onnx.ModelProto:
    """The same answer to every picture, one row each. The first operation has the name that MXNet's exports have."""
    weights = [
        numpy_helper.from_array(np.zeros((3, len(answer)), np.float32), "nothing"),
        numpy_helper.from_array(answer.astype(np.float32)[None], "answer"),
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["data"], ["mean"], name="bn_data"),
        helper.make_node("Flatten", ["mean"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "nothing"], ["rows"]),
        helper.make_node("Add", ["rows", "answer"], [output]),
    ]
    picture = helper.make_tensor_value_info("data", TensorProto.FLOAT, ["None", 3, side, side])
    made = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["None", len(answer)])
    graph = helper.make_graph(nodes, "constant", [picture], [made], weights)
    return helper.make_model(graph, ir_version=_IR, opset_imports=[helper.make_opsetid("", _OPSET)])


# Where a face has its five points in the crop that landmark networks are shown, -1 and 1 the rims: mean of three.
_FIVE = np.array(((-0.22, -0.2), (0.26, -0.195), (0.045, 0.045), (-0.22, 0.27), (0.262, 0.272)))


def _points_106() -> np.ndarray:
    points = np.zeros((106, 2), np.float32)
    for group, five in zip(((33, 35, 39, 40), (87, 89, 93, 94), (86,), (52,), (61,)), _FIVE, strict=True):
        points[list(group)] = five
    return points


def _points_68() -> np.ndarray:
    points = np.zeros((1103, 3), np.float32)
    for group, five in zip(((36, 39), (42, 45), (30,), (48,), (54,)), _FIVE, strict=True):
        points[[1103 - 68 + k for k in group], :2] = five
    return points
