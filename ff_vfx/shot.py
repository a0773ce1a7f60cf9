"""The story of one shot: prepare it once, then render any frame, in any order, on any machine.

Read this first. `prepare` gathers what does not change over the shot; `render_frame` is a pure function of the shot and
a frame number: fuse the frame and its neighbours, steady, light, lay over, and name the layers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ff_vfx.composite.finish import ShotLook, Work, finish_frame, passed_through
from ff_vfx.composite.look import Look, measure_look
from ff_vfx.composite.mattes import face_mattes
from ff_vfx.errors import PlateError, TrackLost
from ff_vfx.fuse.crop import crop_side, take_crop
from ff_vfx.steady.flow import Flow, flow_both_ways, flow_picture
from ff_vfx.steady.recall import Recall
from ff_vfx.steady.window import steady
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused, Fuser
from ff_vfx.types.layers import Layers
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import Settings
from ff_vfx.types.solve import Solve
from ff_vfx.types.stopwatch import Stopwatch
from ff_vfx.types.window import Window

FLOOR = 0.01  # scene-linear, at the shot's own exposure: differences of light far below it are noise
_LOOK_FRAMES = 5  # spread over the shot; the look is the same whatever range is rendered

Matte = Callable[[int, Window], torch.Tensor | None]
PersonMatte = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A prepared shot. matte: the artist's own, wins. person: (3, s, s) crop -> (1, s, s); None: all is person."""

    plate: Plate
    solve: Solve
    track: FaceTrack
    fuser: Fuser
    settings: Settings
    size: int
    floor: float
    look: Look | None
    matte: Matte | None
    person: PersonMatte | None
    fused_recall: Recall
    flow_recall: Recall


def prepare(
    plate: Plate,
    solve: Solve,
    track: FaceTrack,
    fuser: Fuser,
    settings: Settings,
    *,
    matte: Matte | None = None,
    person: PersonMatte | None = None,
) -> Shot:
    """Everything about a shot that no single frame decides.

    Args:
        fuser: see ff_vfx.fuse; made for this track. matte, person: see Shot.
    """
    size, floor = crop_side(track, settings.fuse), FLOOR * 2.0**-solve.exposure_stops
    reach = settings.steady.window
    recalls = Recall(2 * reach + 2), Recall(reach * (reach + 2) + 1)
    shot = Shot(plate, solve, track, fuser, settings, size, floor, None, matte, person, *recalls)
    samples = []
    for number in _spread(track):
        try:
            fused = _fused(shot, number)[1]
        except PlateError:
            continue  # the frame's own entry in the report will say so
        samples.append((fused, face_mattes(fused.points, size, face_mesh(), settings.composite)))
    return replace(shot, look=measure_look(samples, settings.composite, floor))


def render_frame(shot: Shot, number: int, watch: Stopwatch | None = None) -> Layers:
    """One frame's layers: a pure function of the shot and the number.

    Raises:
        PlateError: this frame cannot be read. A face that is not there is no error: the plate passes through.
    """
    watch = watch or Stopwatch()
    with watch.stage("read"):
        frame = shot.plate.read(number)
    try:
        shot.track.face(number)
    except TrackLost as lost:
        return passed_through(frame, str(lost))
    with watch.stage("fuse"):
        crop, fused = _fused(shot, number, frame)
        around = {n: _fused(shot, n) for n in _neighbours(shot, number)}
    with watch.stage("flow"):
        flows = {n: _flow(shot, number, n) for n in around}
    with watch.stage("steady"):
        held = steady(fused, [(around[n][1], flows[n]) for n in around], shot.settings.steady, shot.floor)
    with watch.stage("composite"):
        motion = {
            name: (flows[n].there, around[n][0].to_plate)
            for name, n in (("forward", number + 1), ("backward", number - 1))
            if n in around
        }
        person = torch.ones_like(held.votes) if shot.person is None else shot.person(fused.surround)
        confidence = (held.votes - 1.0) / max(len(around), 1)
        work = Work(frame, crop, fused, held.picture, held.votes, confidence, person, motion, shot.track.name)
        artist = shot.matte(number, frame.data_window) if shot.matte else None
        return finish_frame(work, ShotLook(shot.look, shot.solve.grain, shot.solve.plate_key), shot.settings, artist)


def _spread(track: FaceTrack) -> list[int]:
    """A few frames over the shot that have a face."""
    found = [int(n) for n, status in zip(track.numbers, track.status, strict=True) if status != "lost"]
    return (
        sorted({found[round(k * (len(found) - 1) / max(_LOOK_FRAMES - 1, 1))] for k in range(_LOOK_FRAMES)})
        if found
        else []
    )


def _neighbours(shot: Shot, number: int) -> list[int]:
    """The frames that may vote on this one: near, of the same take, with a face, readable."""
    reach = shot.settings.steady.window
    return [n for n in range(number - reach, number + reach + 1) if n != number and _usable(shot, number, n)]


def _usable(shot: Shot, number: int, other: int) -> bool:
    first, last = sorted((number, other))
    if any(first < cut <= last for cut in shot.solve.cuts):
        return False
    try:
        _fused(shot, other)
    except (PlateError, TrackLost):
        return False
    return True


def _fused(shot: Shot, number: int, frame: Frame | None = None) -> tuple[Crop, Fused]:
    def make() -> tuple[Crop, Fused]:
        face = shot.track.face(number)
        crop = take_crop(frame or shot.plate.read(number), face, shot.size)
        return crop, shot.fuser.fuse(crop)

    return shot.fused_recall.get(number, make)


def _flow(shot: Shot, number: int, other: int) -> Flow:
    """From `number` to `other`. Both ways are made at once, earlier frame first, so that the order asked never matters."""
    first, second = sorted((number, other))

    def make() -> tuple[Flow, Flow]:
        greys = [flow_picture(_fused(shot, n)[1].surround, shot.solve.exposure_stops) for n in (first, second)]
        return flow_both_ways(greys[0], greys[1], shot.settings.steady.flow)

    return shot.flow_recall.get((first, second), make)[0 if number == first else 1]
