"""TFLite and ONNX networks through OpenCV's dnn module, on the CPU. Read by model alone.

Traps of OpenCV 5.0.0: of a TFLite file only the classic engine gives every output, and only the path form of
readNetFromTFLite minds the engine it is given. Of an ONNX file the classic engine takes no open size; the new one does,
but gives an empty network, not an error, for an operator it does not know.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ff_vfx.engine.runtimes.arrays import Arrays, blank_inputs
from ff_vfx.engine.runtimes.failures import reason, run_checked
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec


class OpenCvEngine:
    """One graph. A lock makes `run` safe from any thread, one at a time; open another for real parallel work.

    Inputs and outputs are float32 by name; every output is the caller's own memory.
    """

    device = Device(runtime="opencv")

    def __init__(self, path: Path, spec: EngineSpec) -> None:
        self.spec = spec
        self._lock = threading.Lock()
        self._net = _loaded(path)
        self._outputs = list(self._net.getUnconnectedOutLayersNames())
        run_checked(spec, self.device, blank_inputs(spec), self._call, finite=False)

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Run once. ModelError says which input is off, or that the file gives other outputs than its manifest."""
        return run_checked(self.spec, self.device, inputs, self._call)

    def _call(self, arrays: Arrays) -> Arrays:
        with self._lock:
            for name, array in arrays.items():
                self._net.setInput(array, name)
            found = self._net.forward(self._outputs)
            return {
                name: np.array(array) for name, array in zip(self._outputs, found)
            }  # it fills the same memory again


def _loaded(path: Path) -> Any:
    try:
        if path.suffix.lower() == ".onnx":
            net = cv2.dnn.readNetFromONNX(str(path), cv2.dnn.ENGINE_NEW)
        else:
            net = cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
    except cv2.error as error:
        raise ModelError(f"model {path}: OpenCV cannot load it: {reason(error)}; install the model again") from error
    if net.empty():
        raise ModelError(f"model {path}: OpenCV cannot load it: it holds an operator OpenCV does not know; use onnx")
    return net
