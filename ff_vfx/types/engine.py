"""One loaded network, whatever runs it. Read by track (detectors), fuse (swappers) and composite (mattes)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ff_vfx.types.template import Template

Level = float | tuple[float, float, float]  # one for all channels, or one each, in the order of the spec's channels


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output: its name, shape (None where dynamic), value range and encoding.

    layout: 'nchw' | 'nhwc' | 'flat'. low, high: the values that display black and white map to; a network trained on
        (x - mean) / deviation has low = -mean / deviation and high = (1 - mean) / deviation.
    encoding: 'srgb' | 'linear' | 'none'. channels: 'rgb' | 'bgr' | 'none'.
    role: what it is for, where the kind alone does not tell: see ROLES in ff_vfx.engine.models; '' by the kind's order.
    """

    name: str
    shape: tuple[int | None, ...]
    layout: str = "nchw"
    low: Level = 0.0
    high: Level = 1.0
    encoding: str = "none"
    channels: str = "none"
    role: str = ""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What a network takes and gives; read from its manifest. tolerance: largest difference to the torch reference.

    template: where a face lies in its picture; None: it is shown whatever crop there is. multiple: an open height or
    width must be a multiple of so many px. licence, allowed_use: as in the manifest; '' where there is no file.
    """

    name: str
    kind: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    tolerance: float = 1e-4
    template: Template | None = None
    multiple: int = 1
    licence: str = ""
    allowed_use: str = ""


class Engine(Protocol):
    """Arrays in, arrays out, by name; deterministic on one machine; safe to call from any thread.

    Where the spec's first axis is open (None), any number of pictures may go in at once.
    """

    spec: EngineSpec

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once. Shapes and names as `spec`; outputs are the caller's own memory.

        Raises:
            ModelError: an input is off, the file does not keep to its manifest, or it does not run; which and why.
        """
        ...
