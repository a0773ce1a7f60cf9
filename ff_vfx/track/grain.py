"""The plate's own grain, measured where its motion is known. Read by `track_plate`."""

from __future__ import annotations

from ff_vfx.types.face import FaceTrack
from ff_vfx.types.plate import Plate
from ff_vfx.types.solve import Grain


def measure_grain(plate: Plate, tracks: tuple[FaceTrack, ...]) -> Grain:
    """stub"""
    return Grain()
