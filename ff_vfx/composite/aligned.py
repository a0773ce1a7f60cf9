"""A crop as a matte network wants to see it, and what it says back on the crop's pixels. Read by parsing and occluder.

The square that is shown is the manifest's template laid on the face, or the whole crop where there is none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine.pictures import to_network
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import affine_grid, sample_affine
from ff_vfx.image.square import square_to_picture
from ff_vfx.types.engine import Engine, EngineSpec, TensorSpec
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Crop
from ff_vfx.types.planes import Planes

_OPEN_PX = 512  # the side of a picture where the network takes any
_RIM = 0.03  # of the square's side: over which its word fades out
_FOUND_LOW, _FOUND_HIGH = 0.1, 0.3  # part of the face recognised, between which a network begins to be believed


class Aligned:
    """One network's way of seeing. Immutable; safe to call from several threads."""

    def __init__(self, engine: Engine, space: str, exposure_stops: float) -> None:
        """Args:
            engine: one picture in, (1, 3, h, w) or (1, h, w, 3), h = w. space: the crops' colour space.
            exposure_stops: the shot's.

        Raises:
            BadInput: it takes something else.
        """
        self.engine, self.input = engine, _picture_of(engine.spec)
        self._template, self.side = engine.spec.template, _side(engine.spec, self.input)
        self._bridge = Bridge(space, exposure_stops, "srgb" if self.input.encoding == "none" else self.input.encoding)

    def run(self, crop: Crop) -> tuple[dict[str, np.ndarray], torch.Tensor]:
        """The network's answers by name, and (3, 3) from its picture's px to the crop's.

        Raises:
            ModelError: it does not run; which network, on which frame.

        Domain: scene-linear, unbounded.
        """
        matrix = square_to_picture(self._template, crop.points(), crop.pixels.shape[-1], self.side)
        shown = sample_affine(self._bridge.encode(crop.pixels), matrix, self.side, self.side).clamp(0.0, 1.0)
        try:
            return self.engine.run({self.input.name: to_network(shown[None], self.input)}), matrix
        except ModelError as error:
            raise ModelError(f"frame {crop.number}: {error}") from error

    def brought_back(self, planes: torch.Tensor, matrix: torch.Tensor, face: tuple[int, ...], crop: Crop) -> Planes:
        """What the network says, on the crop's pixels.

        Args:
            planes: (c, h, w) in [0, 1], of the whole square at any size. matrix: see `run`.
            face: rows of `planes` that together are the face; where it finds next to none, it is not believed.
        """
        size, (h, w) = crop.pixels.shape[-1], planes.shape[-2:]
        back = torch.linalg.inv(matrix)
        smaller = torch.diag(torch.tensor([w / self.side, h / self.side, 1.0], dtype=torch.float64))
        values = sample_affine(planes, smaller @ back, size, size).clamp(0.0, 1.0)
        known = self._known(back, size)
        found = _share(values[list(face)].sum(0, keepdim=True), known, crop)
        return Planes(values, known * smooth(found, _FOUND_LOW, _FOUND_HIGH), found)

    def fail(self, crop: Crop, what: str) -> ModelError:
        """The error of an answer that cannot be used."""
        return ModelError(f"frame {crop.number}: model {self.engine.spec.name}: {what}; check its manifest and file")

    def _known(self, back: torch.Tensor, size: int) -> torch.Tensor:
        """(1, size, size): 1 where the network has looked, falling to 0 at the rim of its square."""
        if self._template is None:
            return torch.ones(1, size, size)
        place = affine_grid(back, size, size) / self.side
        inside = torch.minimum(place, 1.0 - place).amin(-1)
        return (inside / _RIM).clamp(0.0, 1.0)[None]


@dataclass(frozen=True, slots=True, eq=False)
class MatteNetwork(ABC):
    """A network ready to look at crops. A pure function of the crop; safe to call from several threads.

    output: the one of its answers that is read. face: rows of what it says that together are the face.
    """

    aligned: Aligned
    output: TensorSpec
    face: ClassVar[tuple[int, ...]]

    def look(self, crop: Crop) -> Planes:
        """What it says of the crop's pixels, a row each as the class has them.

        Raises:
            ModelError: the network fails, or answers something else than its manifest says.

        Domain: scene-linear, unbounded.
        """
        made, matrix = self.aligned.run(crop)
        return self.aligned.brought_back(self.read(made[self.output.name], crop), matrix, self.face, crop)

    @abstractmethod
    def read(self, made: np.ndarray, crop: Crop) -> torch.Tensor:
        """(c, h, w) in [0, 1], of what the network gave."""

    def channels_first(self, made: np.ndarray) -> np.ndarray:
        """A picture's axes as they are read here."""
        return made.transpose(0, 3, 1, 2) if self.output.layout == "nhwc" and made.ndim == 4 else made


def smooth(value: float, low: float, high: float) -> float:
    """0 up to low, 1 from high, without a corner between."""
    x = min(1.0, max(0.0, (value - low) / (high - low)))
    return x * x * (3.0 - 2.0 * x)


def _share(face: torch.Tensor, known: torch.Tensor, crop: Crop) -> float:
    """How much of the plate's own face, as the mesh has it, the network calls a face."""
    size = crop.pixels.shape[-1]
    asked = polygon_mask(crop.points()[face_mesh().loops["oval"], :2], size) * known
    total = float(asked.sum())
    return float((face.clamp(0.0, 1.0) * asked).sum()) / total if total > 0.0 else 0.0


def _picture_of(spec: EngineSpec) -> TensorSpec:
    given = ", ".join(f"{t.name} {t.shape} {t.layout}" for t in spec.inputs)
    first = spec.inputs[0]
    sides, channels = ((2, 3), 1) if first.layout == "nchw" else ((1, 2), 3)
    shape = first.shape
    alone = len(spec.inputs) == 1 and first.layout in ("nchw", "nhwc") and len(shape) == 4
    if not alone or shape[0] not in (1, None) or shape[channels] != 3 or shape[sides[0]] != shape[sides[1]]:
        raise BadInput(f"model {spec.name}: takes {given}; one square picture of three channels is needed")
    return first


def _side(spec: EngineSpec, picture: TensorSpec) -> int:
    """px; where it is open, about what these networks are trained at."""
    fixed = picture.shape[2]
    return fixed or max(1, _OPEN_PX // spec.multiple) * spec.multiple
