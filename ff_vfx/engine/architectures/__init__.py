"""The torch networks whose weights a manifest may name. Read by the torch runtime; importing it loads torch.

A file of weights holds numbers alone, so what they are for is code of ours: one entry here, one file beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from torch import nn

from ff_vfx.engine.architectures.edsr import Edsr

ARCHITECTURES: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {"edsr_x2": partial(Edsr, 2), "edsr_x4": partial(Edsr, 4)}
)

__all__ = ["ARCHITECTURES", "Edsr"]
