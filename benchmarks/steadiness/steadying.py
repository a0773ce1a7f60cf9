"""The pipeline's steadying of one track, without the look that only a composite needs. Read by results.

As `ff_vfx.shot.prepare` puts it together, bit for bit (a test holds them equal); crops, faces, flow and what stands
before the face are made once for all settings, since each is a pure function of the frame.
"""

from __future__ import annotations

from functools import cache

from benchmarks.steadiness.remembered import RememberedFlow, RememberedFuser
from ff_vfx.colour import Transform, working_space
from ff_vfx.composite.clean_face import measure_clean_face
from ff_vfx.composite.occlusion import LOOKED_AT, front_finder
from ff_vfx.fuse.crop import crop_and_fuse, crop_and_place, crop_side, readable_crops
from ff_vfx.shot import FLOOR
from ff_vfx.steady.neighbourhood import Neighbourhood, Source
from ff_vfx.steady.steadier import Steadier, steadier_of
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused, Fuser
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import Settings, settings_from
from ff_vfx.types.solve import Solve


class Steadying:
    """Everything of a plate and its track that modes share. fuser: one without a code."""

    def __init__(self, plate: Plate, solve: Solve, fuser: Fuser) -> None:
        defaults, track = settings_from(), solve.tracks[0]
        to_light = Transform.between(plate.colour_space, working_space(plate.colour_space))
        size, remembered = crop_side(track, defaults.fuse), RememberedFuser(fuser)
        self._solve, self._floor = solve, FLOOR * 2.0**-solve.exposure_stops
        clean = measure_clean_face(readable_crops(plate, track, track.spread(LOOKED_AT), size, to_light), self._floor)
        front = front_finder(clean, defaults.composite.occlusion, len(plate.numbers) + 1)
        make = cache(lambda number: crop_and_fuse(plate, track, remembered, size, to_light)(number, None))
        place = cache(lambda number: crop_and_place(plate, track, remembered, size, to_light)(number, None))

        def made(number: int, frame: Frame | None) -> tuple[Crop, Fused]:
            return make(number)

        def placed(number: int, frame: Frame | None) -> tuple[Crop, Fused]:
            return place(number)

        self._source = Source(made, placed, lambda *pair: 1.0 - front(*pair).bent, plate.numbers, solve.cuts)
        self._flows: dict[str, RememberedFlow] = {}

    def crop_of(self, number: int) -> tuple[Crop, Fused]:
        """One frame's crop and new face, nothing held still; PlateError, TrackLost: there is none."""
        return self._source.make(number, None)

    def steadier(self, settings: Settings) -> Steadier:
        """A new one for these settings; only what they say of steadying counts."""
        quality = settings.steady.flow
        flow = self._flows.setdefault(quality, RememberedFlow(quality, self._solve.exposure_stops))
        near = Neighbourhood(self._source, settings.steady, flow, self._floor)
        return steadier_of(near, settings.steady, self._solve.grain, self._floor)
