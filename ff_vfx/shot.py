"""The story of one shot: prepare it once, then render any frame, in any order. Read this first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ff_vfx.colour import Transform, working_space
from ff_vfx.composite.clean_face import measure_clean_face
from ff_vfx.composite.finish import ShotLook, Work, finish_frame, look_samples, passed_through
from ff_vfx.composite.look import measure_look
from ff_vfx.composite.occlusion import LOOKED_AT, front_finder
from ff_vfx.fuse.crop import crop_and_fuse, crop_and_place, crop_side, readable_crops
from ff_vfx.steady.code import code_holder
from ff_vfx.steady.flow import DenseFlow, FlowMethod
from ff_vfx.steady.neighbourhood import Neighbourhood, Source, drawn_later
from ff_vfx.steady.steadier import Steadier, steadier_of
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.fused import Fuser
from ff_vfx.types.layers import Layers
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import FuseSettings, Settings
from ff_vfx.types.solve import Solve
from ff_vfx.types.stopwatch import Stopwatch
from ff_vfx.types.window import Window

FLOOR = 0.01  # scene-linear, at the shot's own exposure: differences of light far below it are noise
_LOOK_FRAMES = 5  # spread over the shot; the look is the same whatever range is rendered
Matte = Callable[[int, Window], torch.Tensor | None]
Person = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A prepared shot. matte: the artist's own, wins. person: (3, s, s) crop -> (1, s, s); None: all is person."""

    plate: Plate
    track: FaceTrack
    settings: Settings
    steadier: Steadier
    look: ShotLook
    floor: float
    matte: Matte | None
    person: Person | None


def prepare(  # noqa: PLR0913  the last two are who may overrule our matte
    plate: Plate,
    solve: Solve,
    track: FaceTrack,
    fuser: Fuser,
    settings: Settings,
    *,
    matte: Matte | None = None,
    person: Person | None = None,
    flow: FlowMethod | None = None,
) -> Shot:
    """Everything about a shot that no single frame decides. fuser: made for this track; matte, person: see Shot.

    flow: a network in the place of dense inverse search.
    """
    space = working_space(plate.colour_space)
    to_light, from_light = Transform.between(plate.colour_space, space), Transform.between(space, plate.colour_space)
    size, floor = crop_side(track, settings.fuse), FLOOR * 2.0**-solve.exposure_stops
    clean = measure_clean_face(readable_crops(plate, track, track.spread(LOOKED_AT), size, to_light), floor)
    front = front_finder(clean, settings.composite.occlusion, settings.steady.held_frames + 1)
    wanted = drawn_later(plate.numbers, solve.cuts, settings.steady)
    make = crop_and_fuse(plate, track, fuser, size, to_light, code_holder(solve.cuts, settings.steady), wanted)
    place = crop_and_place(plate, track, fuser, size, to_light)
    source = Source(make, place, lambda *made: 1.0 - front(*made).bent, plate.numbers, solve.cuts)
    near = Neighbourhood(source, settings.steady, flow or DenseFlow(settings.steady.flow, solve.exposure_stops), floor)
    # What looks back alone must not know the shot's later frames.
    seen = near.readable(track.spread(1 if settings.steady.causal else _LOOK_FRAMES))
    fineness = settings.fuse.detail / FuseSettings().detail
    measured = measure_look(look_samples(seen, front, settings), settings.composite, floor, fineness)
    look = ShotLook(measured, front, solve.grain, solve.plate_key, to_light, from_light)
    steadier = steadier_of(near, settings.steady, solve.grain, floor)
    return Shot(plate, track, settings, steadier, look, floor, matte, person)


def render_frame(shot: Shot, number: int, watch: Stopwatch | None = None) -> Layers:
    """One frame's layers: a pure function of the shot and the number.

    Raises:
        PlateError: this frame cannot be read. A face that is not there is no error: the plate passes through.
    """
    watch = watch or Stopwatch()
    with watch.stage("read"):
        frame = shot.plate.read(number)
    if reason := shot.track.why_lost(number):
        return passed_through(frame, reason)
    made = shot.steadier.hold(number, frame, watch)
    with watch.stage("composite"):
        person = shot.person(made.fused.surround) if shot.person else torch.ones_like(made.held.votes)
        work = Work(frame, made.crop, made.fused, made.held, person, made.motion, shot.track.name)
        artist = shot.matte(number, frame.data_window) if shot.matte else None
        return finish_frame(work, shot.look, shot.settings, artist)
