"""Runs an onnxruntime session on a card from buffers that stay: pinned on the way in, bound on the card. Read by onnx.

A recorded run (a CUDA graph) reads and writes the same addresses each time, so for static shapes the buffers are made
once. Trap: onnxruntime's stream is not torch's; each side is waited for before the other goes on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.engine.runtimes.transfer import card, number_of

NUMBERS = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}


class CudaBinding:
    """Not safe from several threads; its reader locks."""

    def __init__(self, session: Any, outputs: list[str], index: int, *, keep: bool) -> None:
        """Args: index: which card. keep: whether shapes are static, so that outputs are bound once as well."""
        self._session, self._outputs, self._keep = session, outputs, keep
        self._place = card(index)
        self._pinned: dict[str, torch.Tensor] = {}
        self._there: dict[str, torch.Tensor] = {}
        self._made: dict[str, torch.Tensor] = {}
        self._pinned_out: dict[str, torch.Tensor] = {}
        self._binding: Any = None

    def run(self, arrays: Arrays) -> list[np.ndarray]:
        """The outputs in their order, in memory of their own."""
        if self._binding is None or any(self._pinned[name].shape != array.shape for name, array in arrays.items()):
            self._bind(arrays)
        for name, array in arrays.items():
            self._pinned[name].numpy()[...] = array
            self._there[name].copy_(self._pinned[name], non_blocking=True)
        torch.cuda.synchronize(self._place)
        self._session.run_with_iobinding(self._binding)
        self._binding.synchronize_outputs()
        if not self._keep:
            return [np.array(value) for value in self._binding.copy_outputs_to_cpu()]
        return [self._fetched(name) for name in self._outputs]

    def _fetched(self, name: str) -> np.ndarray:
        self._pinned_out[name].copy_(self._made[name])
        return self._pinned_out[name].numpy().copy()

    def _bind(self, arrays: Arrays) -> None:
        self._binding = self._session.io_binding()
        for name, array in arrays.items():
            host = torch.empty(array.shape, dtype=number_of(array.dtype), pin_memory=True)
            self._pinned[name], self._there[name] = host, torch.empty_like(host, device=self._place)
            self._binding.bind_input(
                name, "cuda", self._place.index, array.dtype.type, array.shape, self._there[name].data_ptr()
            )
        for tensor in self._session.get_outputs():
            if not self._keep:
                self._binding.bind_output(tensor.name, "cuda", self._place.index)
                continue
            number = np.dtype(NUMBERS[tensor.type])
            host = torch.empty(tensor.shape, dtype=number_of(number), pin_memory=True)
            made = torch.empty_like(host, device=self._place)
            self._pinned_out[tensor.name], self._made[tensor.name] = host, made
            self._binding.bind_output(
                tensor.name, "cuda", self._place.index, number.type, tuple(tensor.shape), made.data_ptr()
            )
