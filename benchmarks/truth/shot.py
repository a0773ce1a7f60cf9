"""A shot with its exact truth: what the temporal benchmark judges by. Read by every module of the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.window import Window

SPACE = "ACEScg"


@dataclass(frozen=True, slots=True, eq=False)
class TruthShot:
    """A plate and the perfect result, frame by frame; keys are frame numbers.

    plate: in memory, ACEScg. truth: (3, h, w) float32 scene-linear, with the plate's own grain.
    flow: (h, w, 2) float32 px from n to n + 1, exact, of the truth picture; absent at the last frame and at a cut.
    face: (1, h, w) float32, where to judge; what is in front of the face is taken out.
    events: (1, h, w) float32, eyes or mouth, on the frames where something happens there. occluder: (1, h, w) alpha.
    landmarks: (478, 3) float64 plate px, true. cuts: first frame of each new take. about: one line for the docs.
    """

    name: str
    about: str
    plate: Plate
    truth: Mapping[int, torch.Tensor]
    flow: Mapping[int, np.ndarray]
    face: Mapping[int, torch.Tensor]
    events: Mapping[int, torch.Tensor]
    occluder: Mapping[int, torch.Tensor]
    landmarks: Mapping[int, np.ndarray]
    cuts: tuple[int, ...]
    fps: float


class MemoryPlate:
    """Frames that are already there, as `ff_vfx.types.plate.Plate`."""

    def __init__(self, name: str, pictures: Mapping[int, torch.Tensor], fps: float) -> None:
        """pictures: (3, h, w) float16 or float32 by frame number."""
        self.pictures, self.name, self.key = pictures, name, f"truth-{name}"
        self.numbers: Sequence[int] = sorted(pictures)
        self.rate, self.colour_space = Fraction(fps), SPACE
        first = pictures[self.numbers[0]]
        self.size = (int(first.shape[-1]), int(first.shape[-2]))

    def read(self, number: int) -> Frame:
        """The frame; its pixels are shared, not copied."""
        window = Window(0, 0, *self.size)
        return Frame(self.pictures[number], number, SPACE, window, window)
