"""ONNX networks through onnxruntime, an optional extra. Read by open_model alone. On the CPU for now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ff_vfx.engine.arrays import blank_inputs, checked_inputs, checked_outputs
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec


class OnnxEngine:
    """One ONNX graph. onnxruntime itself is safe to call from several threads."""

    def __init__(self, path: Path, spec: EngineSpec) -> None:
        self.spec = spec
        runtime = _onnxruntime(path)
        options = runtime.SessionOptions()
        options.log_severity_level = 3  # Errors only: it warns by the hundred of harmless things.
        try:
            self._session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise ModelError(f"model {path}: onnxruntime cannot load it: {error}; install the model again") from error
        given = {tensor.name for tensor in self._session.get_inputs()}
        if given != {tensor.name for tensor in spec.inputs}:
            raise ModelError(f"model {path}: the file takes {sorted(given)}, its manifest says otherwise; correct it")
        self._outputs = [tensor.name for tensor in self._session.get_outputs()]
        blank = blank_inputs(spec)
        if blank is not None:
            self.run(blank)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once. ModelError says which input is off, or that the file gives other outputs than its manifest."""
        arrays = checked_inputs(self.spec, inputs)
        try:
            found = self._session.run(self._outputs, arrays)
        except Exception as error:  # as above
            raise ModelError(f"model {self.spec.name}: does not run as its manifest says: {error}") from error
        return checked_outputs(self.spec, self._outputs, found)


def _onnxruntime(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(f"model {path}: onnxruntime is not installed; pip install 'ff-vfx[onnx]'") from error
    return onnxruntime
