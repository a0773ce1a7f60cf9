"""Networks and a runtime that are not ours, to hold ours against. Read by parity alone.

The real ONNX networks lie beside the checkout where there is test data; what each is shown is a fact of its training.
LiteRT is what the embedded networks were made for; it is not installed with ff-vfx: pip install ai-edge-litert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ff_vfx.engine.models.manifest import Manifest, sha256_of
from ff_vfx.engine.runtimes.arrays import Arrays, checked_inputs
from ff_vfx.types.engine import EngineSpec, TensorSpec

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "onnx"
_MEAN, _DEVIATION = 127.5, 128.0
# file: kind, range of the picture, channel order, and the side of an open one
_REAL = {
    "MobileFaceNet": ("recogniser", -1.0, 1.0, "rgb"),
    "osf_lm_model0_opt": ("landmarks", -2.0, 2.5, "rgb"),
    "osf_mnv3_detection_opt": ("face_detector", -2.0, 2.5, "rgb"),
    "osf_retinaface_640x640_opt": ("face_detector", -123.0, 151.0, "bgr"),
    "ultraface_RFB-320": ("face_detector", -127.0 / 128.0, 1.0, "rgb"),
    "yunet_n_dynamic": ("face_detector", 0.0, 255.0, "bgr"),
    "yunet_s_640_640": ("face_detector", 0.0, 255.0, "bgr"),
}


def real_networks() -> Iterator[tuple[Manifest, Path]]:
    """A manifest and file each, for as many as are here."""
    import onnx

    for name, (kind, low, high, channels) in _REAL.items():
        file = DATA / f"{name}.onnx"
        if not file.is_file():
            continue
        graph = onnx.load(file).graph
        weights = {one.name for one in graph.initializer}
        inputs = tuple(
            TensorSpec(one.name, _shape(one), "nchw", low, high, "srgb", channels, "picture")
            for one in graph.input
            if one.name not in weights
        )
        outputs = tuple(TensorSpec(one.name, _shape(one), "flat") for one in graph.output)
        yield Manifest(
            name=name, kind=kind, file=file.name, licence="see the file", allowed_use="any", origin=str(file.name),
            sha256=sha256_of(file), runtime="onnx", inputs=inputs, outputs=outputs, tolerance=1e-4, notes=kind,
            multiple=32,
        ), file  # fmt: skip


def _shape(value: Any) -> tuple[int | None, ...]:
    return tuple(one.dim_value or None for one in value.type.tensor_type.shape.dim)


class LiteRt:
    """An Engine of a TFLite file. Its tensors are (h, w, c); inputs and outputs are turned to the spec's."""

    def __init__(self, path: Path, spec: EngineSpec) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.spec = spec
        self._net = Interpreter(model_path=str(path), num_threads=1)
        self._net.allocate_tensors()

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Run once."""
        arrays = checked_inputs(self.spec, inputs)
        (given,) = self._net.get_input_details()
        (picture,) = arrays.values()
        self._net.set_tensor(given["index"], np.ascontiguousarray(picture.transpose(0, 2, 3, 1)))
        self._net.invoke()
        found = {one["name"]: self._net.get_tensor(one["index"]) for one in self._net.get_output_details()}
        return {tensor.name: _turned(found[tensor.name], tensor) for tensor in self.spec.outputs}


def _turned(array: np.ndarray, tensor: TensorSpec) -> np.ndarray:
    if tensor.layout == "nchw" and array.ndim == 4:
        array = array.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(array).reshape([n or 1 for n in tensor.shape])
