"""One picture of a plate. Read by every stage; nobody writes into its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ff_vfx.errors import BadInput
from ff_vfx.types.window import Window


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Pixels and what is needed to put them back exactly.

    pixels: (3|4, h, w) float16 or float32 as stored, R G B (A), scene-linear, unbounded; h, w are the data window's.
    number: the host's frame number, may be negative.
    colour_space: an OpenColorIO name; the pixels are in it.
    data_window, display_window: the file's own, half-open. Plate coordinates are the display's: the centre of the
        array's pixel (row j, column i) is (data_window.x0 + i + 0.5, data_window.y0 + j + 0.5).
    pixel_aspect: width over height of one pixel.
    source: what else the file held (parts, channels, attributes, alpha); only ff_vfx.plate looks inside.
    """

    pixels: torch.Tensor
    number: int
    colour_space: str
    data_window: Window
    display_window: Window
    pixel_aspect: float = 1.0
    source: object = None

    def __post_init__(self) -> None:
        shape = tuple(self.pixels.shape)
        if len(shape) != 3 or shape[0] not in (3, 4) or shape[1:] != (self.data_window.height, self.data_window.width):
            raise BadInput(f"frame {self.number}: pixels {shape} do not fit the data window {self.data_window}")
        if self.pixels.dtype not in (torch.float16, torch.float32):
            raise BadInput(f"frame {self.number}: pixels are {self.pixels.dtype}; float16 or float32 is needed")
