"""One network on several devices: a batch is shared out, single runs go round. Read by model, for its callers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from ff_vfx.engine.runtimes.arrays import Arrays, batchable
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import Engine, EngineSpec


class Placed(Engine, Protocol):
    """An engine that knows where it runs."""

    device: Device


class PooledEngine:
    """Engines of one spec, one a device. A sample's bits do not depend on the split where they do not on the batch.

    Cards of one kind give the same bits; of two kinds, the same within the manifest's tolerance.
    """

    def __init__(self, engines: Sequence[Placed]) -> None:
        if not engines:
            raise ModelError("a pool of engines needs at least one device; name cpu or cuda")
        self.spec: EngineSpec = engines[0].spec
        self.device = engines[0].device
        self.engines = tuple(engines)
        self._turn, self._lock = itertools.count(), threading.Lock()
        self._threads = ThreadPoolExecutor(len(engines), thread_name_prefix="ff-engine")

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Run once; a batch is split evenly, in order. Errors are the engines' own."""
        sizes = {array.shape[0] for array in inputs.values() if array.ndim}
        size = sizes.pop() if len(sizes) == 1 and batchable(self.spec) else 1
        if size < 2:
            with self._lock:
                turn = next(self._turn)
            return self.engines[turn % len(self.engines)].run(inputs)
        cuts = np.linspace(0, size, min(size, len(self.engines)) + 1).astype(int)
        parts = list(self._threads.map(self._part, self.engines, itertools.repeat(inputs), cuts[:-1], cuts[1:]))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @staticmethod
    def _part(engine: Engine, inputs: Mapping[str, np.ndarray], first: int, end: int) -> Arrays:
        return engine.run({name: array[first:end] for name, array in inputs.items()})
