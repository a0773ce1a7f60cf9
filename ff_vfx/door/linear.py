"""Plates and stills that are not scene-linear (movies, PNG, camera logs), decoded as they are read. Read by the door.

All that follows works in scene-linear light. A plate that is scene-linear already passes as it is, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import torch

from ff_vfx.colour import Transform, working_space
from ff_vfx.plate import open_plate, read_still
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate


class LinearPlate:
    """A plate in the config's scene-linear space, whatever the files are in. See ff_vfx.types.plate.Plate."""

    def __init__(self, plate: Plate, space: str) -> None:
        self.numbers: Sequence[int] = plate.numbers
        self.rate: Fraction = plate.rate
        self.size: tuple[int, int] = plate.size
        self.colour_space: str = space
        self.name: str = plate.name
        self.key: str = plate.key
        self.stored_space: str = plate.colour_space
        self._plate = plate

    def read(self, number: int) -> Frame:
        """The frame, decoded to float32; errors as the plate's own."""
        return as_linear(self._plate.read(number), self.colour_space)


def open_linear_plate(pattern: str, colour_space: str) -> Plate:
    """`open_plate`, and decoded to scene-linear light where the files are not.

    Raises:
        BadInput, UnknownColourSpace, PlateError: as open_plate.
    """
    return linear_plate(open_plate(pattern, colour_space=colour_space))


def open_plate_to_render(pattern: str, colour_space: str) -> Plate:
    """`open_plate`, as a render wants it: an EXR in a camera's log stays in it, so that what is untouched keeps its

    bits; pictures and movies, which become EXR, are decoded to scene-linear light.

    Raises:
        BadInput, UnknownColourSpace, PlateError: as open_plate.
    """
    plate = open_plate(pattern, colour_space=colour_space)
    return plate if pattern.lower().endswith(".exr") else linear_plate(plate)


def linear_plate(plate: Plate) -> Plate:
    """The plate in scene-linear light; itself when it is."""
    space = working_space(plate.colour_space)
    return plate if space == plate.colour_space else LinearPlate(plate, space)


def read_linear_still(path: str, colour_space: str = "") -> Frame:
    """`read_still`, and decoded to scene-linear light where the file is not."""
    frame = read_still(path, colour_space=colour_space)
    return as_linear(frame, working_space(frame.colour_space))


def as_linear(frame: Frame, space: str) -> Frame:
    """The frame in another space; itself when it is there already. Alpha stays."""
    if frame.colour_space == space:
        return frame
    colour = Transform.between(frame.colour_space, space)(frame.pixels[:3]).float()
    return replace(frame, pixels=torch.cat([colour, frame.pixels[3:].float()]), colour_space=space)
