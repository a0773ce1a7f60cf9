"""The new face in the crop, before light and blending; and who makes one. Read by steady, composite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from ff_vfx.types.face import Face


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """The face's part of one plate frame, upright and steady.

    pixels: (3, s, s) float32, scene-linear in the plate's space, finite. to_plate: (3, 3) float64 crop px to plate px.
    face: the face of this frame. number: the frame's.
    """

    pixels: torch.Tensor
    to_plate: torch.Tensor
    face: Face
    number: int

    def points(self) -> np.ndarray:
        """The landmarks of the plate's own face, (478, 3) crop px."""
        return to_crop(self.face.landmarks, self.to_plate)


def to_crop(points: np.ndarray, to_plate: torch.Tensor) -> np.ndarray:
    """Plate pixels (n, 3) to crop pixels; depth is scaled alike."""
    inverse = np.linalg.inv(to_plate.numpy())
    moved = points.copy()
    moved[:, :2] = points[:, :2] @ inverse[:2, :2].T + inverse[:2, 2]
    moved[:, 2] = points[:, 2] * np.sqrt(abs(np.linalg.det(inverse[:2, :2])))
    return moved


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """The new face in the crop.

    picture: (3, s, s) float32 scene-linear: the new face in its own light; the surround where there is no new face.
    surround: (3, s, s): the plate's crop, bent to fit the new face's outline; the crop itself when nothing is bent.
    source: (2, s, s) x, y in crop px where `surround` was read.
    reach: (1, s, s) in [0, 1]: 0 where the surround is the crop untouched.
    points: (478, 3) the new face's landmarks, crop px.
    drawn: False where the face was not made on this frame but carried to it from key frames.
    """

    picture: torch.Tensor
    surround: torch.Tensor
    source: torch.Tensor
    reach: torch.Tensor
    points: np.ndarray
    drawn: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The new face, held still. picture: (3, s, s) scene-linear. grain: (3, s, s) what of picture is the plate's own

    grain, scene-linear; 0 where nothing was averaged. votes: (1, s, s) >= 1, how many frames' worth were averaged.
    confidence: (1, s, s) in [0, 1], how far flow and light agreed with the neighbours.
    """

    picture: torch.Tensor
    grain: torch.Tensor
    votes: torch.Tensor
    confidence: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How the plate's face moves to a neighbour. there: (2, s, s) crop px. error_px: (1, s, s) how far there and back

    misses the start. to_plate: (3, 3) float64, the neighbour's crop px to plate px.
    """

    there: torch.Tensor
    error_px: torch.Tensor
    to_plate: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Steadied:
    """One frame's crop and new face, held still, and how the plate's face moves to its neighbours.

    motion: 'forward' | 'backward' -> to the next, to the previous frame, where there is one.
    """

    crop: Crop
    fused: Fused
    held: Held
    motion: Mapping[str, Motion]


class Fuser(Protocol):
    """Anything that makes a new face: stills on a mesh, a network, a user's own. A pure function of its argument."""

    def fuse(self, crop: Crop) -> Fused:
        """The new face for one crop; same crop, same answer."""
        ...

    def place(self, crop: Crop) -> Fused:
        """Where the new face lies and the plate under it, without drawing it: `picture` is `surround` itself.

        All else is as `fuse` gives it, bit for bit.
        """
        ...


@runtime_checkable
class BatchFuser(Fuser, Protocol):
    """A fuser that makes several faces at once, faster than one by one and bit for bit the same.

    most: how many at once, at least 1.
    """

    most: int

    def fuse_many(self, crops: Sequence[Crop]) -> list[Fused]:
        """As `fuse`, for each of at most `most` crops, in their order."""
        ...


@runtime_checkable
class CodedFuser(Fuser, Protocol):
    """A fuser that reads a code (identity, expression) off the plate first, so that the code can be held steady.

    fuse(crop) is fuse_with(crop, code(crop)).
    """

    def code(self, crop: Crop) -> torch.Tensor:
        """What the fuser sees in one crop, (d,) float32, finite; near crops have near codes."""
        ...

    def fuse_with(self, crop: Crop, code: torch.Tensor) -> Fused:
        """The new face for one crop as that code has it. code: (d,) float32."""
        ...
