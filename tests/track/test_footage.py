"""Two real clips, for ourselves alone: not one frame of them is kept or shown."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.track import track_plate
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings
from tests.track.shots import DATA, frame_of

EVERY, MOST = 8, 24


class _Clip:
    """Every eighth frame of a movie, decoded forward."""

    rate, colour_space, key = Fraction(10), "linear rec.709", "clip"

    def __init__(self, path: Path) -> None:
        av = pytest.importorskip("av")
        container = av.open(str(path))
        self.name = path.name
        self.shown = [
            f.to_ndarray(format="rgb24")
            for k, f in zip(range(EVERY * MOST), container.decode(video=0), strict=False)
            if k % EVERY == 0
        ]
        self.numbers: Sequence[int] = range(len(self.shown))
        self.size = (self.shown[0].shape[1], self.shown[0].shape[0])

    def read(self, number: int) -> Frame:
        x = self.shown[number].astype(np.float32) / 255.0
        return frame_of(np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4), number, self.colour_space)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", ["s18.mp4", "d13.mp4"])
def test_real_people_are_tracked_on_98_frames_of_100(engines, name):
    path = DATA / "footage" / name
    if not path.is_file():
        pytest.skip("the clips do not lie beside the checkout")
    solve = track_plate(_Clip(path), TrackSettings(crop_variants=2), engines)
    assert len(solve.tracks) == 1 and solve.cuts == ()
    assert np.mean([s == "tracked" for s in solve.tracks[0].status]) >= 0.98
