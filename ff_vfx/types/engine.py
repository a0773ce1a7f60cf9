"""One loaded network, whatever runs it. Read by track (detectors) and fuse (swappers)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output: its name, shape (None where dynamic), value range and encoding.

    layout: 'nchw' | 'nhwc' | 'flat'. low, high: the values that display black and white map to.
    encoding: 'srgb' | 'linear' | 'none'. channels: 'rgb' | 'bgr' | 'none'.
    """

    name: str
    shape: tuple[int | None, ...]
    layout: str = "nchw"
    low: float = 0.0
    high: float = 1.0
    encoding: str = "none"
    channels: str = "none"


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What a network takes and gives; read from its manifest. tolerance: largest difference to the torch reference."""

    name: str
    kind: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    tolerance: float = 1e-4


class Engine(Protocol):
    """Arrays in, arrays out, by name; deterministic on one machine; safe to call from one thread at a time."""

    spec: EngineSpec

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once. Shapes and names as `spec`; ModelError says which input is off."""
        ...
