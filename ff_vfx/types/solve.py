"""What the first pass learned of a shot: tracks, cuts, grain, exposure, and the artist's keyframes.

Read by shot and fuse; ff_vfx.track writes and reads it as a file. It depends on the plate alone, not on the performer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ff_vfx.types.face import FaceTrack


@dataclass(frozen=True, slots=True)
class Keyframe:
    """An artist's word, stronger than the tracker's: on frame `number`, landmark `landmark` of `track` lies at (x, y).

    x, y: plate pixels, y down. reach_frames: how far the correction fades over neighbours.
    """

    track: str
    number: int
    landmark: int
    x: float
    y: float
    reach_frames: int = 4


@dataclass(frozen=True, slots=True)
class Grain:
    """The plate's grain, per channel R, G, B: variance = slope * value + floor, scene-linear.

    slope, floor: three floats each. sigma_px: blur of white noise that has the grain's spatial autocorrelation.
    """

    slope: tuple[float, float, float] = (0.0, 0.0, 0.0)
    floor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sigma_px: float = 0.0

    def scaled(self, variance: float) -> Grain:
        """The same grain with that many times the variance."""
        slope, floor = ((r * variance, g * variance, b * variance) for r, g, b in (self.slope, self.floor))
        return Grain(slope, floor, self.sigma_px)


@dataclass(frozen=True, slots=True, eq=False)
class Solve:
    """A tracked shot. plate_key and settings_key tell whether it still fits; made_with names versions and models.

    cuts: the first frame of each new take inside the shot. exposure_stops: one gain for the whole shot that brings the
    face's bright end (99th percentile) to 1, for 8-bit flow and network inputs.
    """

    plate_key: str
    settings_key: str
    size: tuple[int, int]
    colour_space: str
    tracks: tuple[FaceTrack, ...]
    cuts: tuple[int, ...] = ()
    exposure_stops: float = 0.0
    grain: Grain = Grain()
    keyframes: tuple[Keyframe, ...] = ()
    made_with: tuple[tuple[str, str], ...] = ()


def cut_between(cuts: Iterable[int], number: int, other: int) -> bool:
    """Whether two frames (or rows) are of different takes. cuts: those that begin one."""
    first, last = sorted((number, other))
    return any(first < cut <= last for cut in cuts)
