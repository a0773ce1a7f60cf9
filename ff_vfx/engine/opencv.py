"""TFLite networks through OpenCV's dnn module. Read by open_model alone.

Trap: only the path form of readNetFromTFLite minds the engine it is given; from a buffer, and with the default engine
of OpenCV 5.0.0, every output but the last is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from ff_vfx.engine.arrays import blank_inputs, checked_inputs, checked_outputs
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec


class OpenCvEngine:
    """One TFLite graph. A lock makes `run` safe from any thread, one at a time; open another for real parallel work.

    Inputs are (1, c, h, w) float32 by name, outputs float32 by name; every output is the caller's own memory.
    """

    def __init__(self, path: Path, spec: EngineSpec) -> None:
        self.spec = spec
        self._lock = threading.Lock()
        try:
            self._net = cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
        except cv2.error as error:
            raise ModelError(
                f"model {path}: OpenCV cannot load it: {_reason(error)}; install the model again"
            ) from error
        self._outputs = list(self._net.getUnconnectedOutLayersNames())
        blank = blank_inputs(spec)
        if blank is not None:
            self.run(blank)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once. ModelError says which input is off, or that the file gives other outputs than its manifest."""
        arrays = checked_inputs(self.spec, inputs)
        with self._lock:
            try:
                for name, array in arrays.items():
                    self._net.setInput(array, name)
                found = self._net.forward(self._outputs)
            except cv2.error as error:
                raise ModelError(
                    f"model {self.spec.name}: does not run as its manifest says: {_reason(error)}"
                ) from error
            return checked_outputs(self.spec, self._outputs, found)


def _reason(error: cv2.error) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
