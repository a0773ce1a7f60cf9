"""Grain on made-up plates."""

from __future__ import annotations

import numpy as np

from ff_vfx.errors import FrameMissing
from ff_vfx.track.grain import measure_grain
from ff_vfx.types.solve import Grain
from tests.track.shots import MemoryPlate


def _plate(slope: float, floor: float, frames: int = 3) -> MemoryPlate:
    ramp = np.linspace(0.02, 0.9, 256)[None, :, None] * np.ones((240, 1, 3))

    def frame(number: int) -> np.ndarray:
        noise = np.random.default_rng(number).normal(size=ramp.shape)
        return ramp + noise * np.sqrt(slope * ramp + floor)

    return MemoryPlate({k: (lambda k=k: frame(k)) for k in range(frames)}, (256, 240))  # type: ignore[misc]


def test_white_grain_is_measured_within_a_tenth_of_a_stop():
    grain = measure_grain(_plate(2e-4, 1e-5), (), ())
    for slope, floor in zip(grain.slope, grain.floor, strict=True):
        assert abs(0.5 * np.log2((slope * 0.4 + floor) / (2e-4 * 0.4 + 1e-5))) < 0.1
    assert grain.sigma_px < 0.3


def test_a_clean_plate_has_none():
    grain = measure_grain(_plate(0.0, 0.0), (), ())
    assert max(*grain.slope, *grain.floor) < 1e-9


def test_one_frame_a_cut_and_holes_give_none_instead_of_a_guess():
    assert measure_grain(_plate(1e-4, 0.0, frames=1), (), ()) == Grain()
    assert measure_grain(_plate(1e-4, 0.0, frames=2), (), (1,)) == Grain()
    holed = _plate(1e-4, 0.0, frames=2)
    holed.frames[1] = FrameMissing("frame 1: a hole")
    assert measure_grain(holed, (), ()) == Grain()
