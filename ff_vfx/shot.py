"""The story of one shot: prepare it once, then render any frame, in any order. Read this first."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ff_vfx.colour import Transform, working_space
from ff_vfx.composite.clean_face import measure_clean_face
from ff_vfx.composite.finish import Matte, Person, ShotLook, Work, finish_frame, passed_through, shot_look
from ff_vfx.composite.occlusion import LOOKED_AT
from ff_vfx.composite.sight import MatteNetworks, sight_of
from ff_vfx.fuse.crop import crop_and_fuse, crop_and_place, crop_side, readable_crops
from ff_vfx.steady.code import code_holder
from ff_vfx.steady.flow import DenseFlow, FlowMethod
from ff_vfx.steady.neighbourhood import Neighbourhood, Source, drawn_later
from ff_vfx.steady.planes import PlanesOf, planes_steadier
from ff_vfx.steady.steadier import Steadier, steadier_of
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.fused import Fuser
from ff_vfx.types.layers import Layers
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import Settings
from ff_vfx.types.solve import Solve
from ff_vfx.types.stopwatch import Stopwatch

FLOOR = 0.01  # scene-linear, at the shot's own exposure: differences of light far below it are noise
_LOOK_FRAMES = 5  # spread over the shot; the look is the same whatever range is rendered


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
    seen: PlanesOf | None


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
    networks: MatteNetworks | None = None,
) -> Shot:
    """What no single frame decides. fuser: of this track; matte, person: see Shot; flow, networks: for ours."""
    space = working_space(plate.colour_space)
    to_light, from_light = Transform.between(plate.colour_space, space), Transform.between(space, plate.colour_space)
    size, floor = crop_side(track, settings.fuse), FLOOR * 2.0**-solve.exposure_stops
    clean = measure_clean_face(readable_crops(plate, track, track.spread(LOOKED_AT), size, to_light), floor)
    sight = sight_of(clean, networks, settings)
    wanted = drawn_later(plate.numbers, solve.cuts, settings.steady)
    make = crop_and_fuse(plate, track, fuser, size, to_light, code_holder(solve.cuts, settings.steady), wanted)
    place = crop_and_place(plate, track, fuser, size, to_light)
    source = Source(make, place, sight.free, plate.numbers, solve.cuts)
    beside, flow = settings.composite.matte_window, flow or DenseFlow(settings.steady.flow, solve.exposure_stops)
    near = Neighbourhood(source, settings.steady, flow, floor, beside=beside)
    # What looks back alone must not know the shot's later frames.
    seen = near.readable(track.spread(1 if settings.steady.causal else _LOOK_FRAMES))
    measured = shot_look(seen, sight.hidden, settings, floor)
    look = ShotLook(measured, sight, solve.grain, solve.plate_key, to_light, from_light)
    steadier = steadier_of(near, settings.steady, solve.grain, floor)
    mattes = planes_steadier(near, sight.look, beside, settings.steady)
    return Shot(plate, track, settings, steadier, look, floor, matte, person, mattes)


def render_frame(shot: Shot, number: int, watch: Stopwatch | None = None) -> Layers:
    """One frame's layers: a pure function of the shot and the number.

    Raises:
        PlateError, ModelError: it cannot be read, a network fails on it. A lost face is none: the plate passes.
    """
    watch = watch or Stopwatch()
    with watch.stage("read"):
        frame = shot.plate.read(number)
    if reason := shot.track.why_lost(number):
        return passed_through(frame, reason)
    seen = shot.seen(number, frame, watch) if shot.seen else ()
    made = shot.steadier.hold(number, frame, watch)
    with watch.stage("composite"):
        person = shot.person(made.fused.surround) if shot.person else torch.ones_like(made.held.votes)
        work = Work(frame, made.crop, made.fused, made.held, person, made.motion, shot.track.name, seen)
        artist = shot.matte(number, frame.data_window) if shot.matte else None
        return finish_frame(work, shot.look, shot.settings, artist)
