"""Who goes on the plate: the performer, seen in a few stills. Read by fuse; made at the door."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ff_vfx.errors import BadInput
from ff_vfx.types.face import Face
from ff_vfx.types.frame import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One picture of the performer with his one face in it."""

    frame: Frame
    face: Face
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """A performer: at least one still, all in one colour space.

    embedding: (d,) float32 of length 1, what a recogniser sees in the stills; None where none was asked.
    """

    name: str
    stills: tuple[Still, ...]
    embedding: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not self.stills:
            raise BadInput(f"performer {self.name}: no stills; give a folder with at least one picture of the face")
