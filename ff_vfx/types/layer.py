"""One premultiplied picture with its coverage. Read by composite and whoever writes or shows it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ff_vfx.errors import BadInput
from ff_vfx.types.window import Window


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """premult (3, h, w) float32 scene-linear unbounded; coverage (1, h, w) float32 in [0, 1]; window: plate pixels."""

    premult: torch.Tensor
    coverage: torch.Tensor
    window: Window
    colour_space: str

    def __post_init__(self) -> None:
        h, w = self.window.height, self.window.width
        if tuple(self.premult.shape) != (3, h, w) or tuple(self.coverage.shape) != (1, h, w):
            raise BadInput(
                f"layer: {tuple(self.premult.shape)} and {tuple(self.coverage.shape)} do not fit {self.window}"
            )
