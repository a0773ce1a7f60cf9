"""A run on a card, recorded once and played again (a CUDA graph), for static shapes. Read by torch_engine and tensorrt.

A recording reads and writes the same addresses each time: what goes in is copied there, what comes out is copied away.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

Tensors = list[torch.Tensor]
_WARM_UPS = 3  # Source: the torch documentation on CUDA graphs


class Recording:
    """Called as the run it records. Not safe from several threads."""

    def __init__(self, run: Callable[[Tensors], Tensors]) -> None:
        """run: tensors on the card in and out, always of the same shapes; it must not wait for the card."""
        self._run = run
        self._graph: torch.cuda.CUDAGraph | None = None
        self._given: Tensors = []
        self._made: Tensors = []

    def __call__(self, tensors: Tensors) -> Tensors:
        if self._graph is None:
            self._record(tensors)
        for kept, new in zip(self._given, tensors):
            kept.copy_(new)
        assert self._graph is not None
        self._graph.replay()
        return [made.clone() for made in self._made]

    def _record(self, tensors: Tensors) -> None:
        self._given = [tensor.clone() for tensor in tensors]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UPS):
                self._run(self._given)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._made = self._run(self._given)
        self._graph = graph
