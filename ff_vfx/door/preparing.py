"""From a solve and the people of a job to shots that can be rendered. Read by work; loads the networks they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from ff_vfx.colour import working_space
from ff_vfx.door.cast import Role, different
from ff_vfx.door.flow_model import open_flow
from ff_vfx.door.linear import read_linear_still
from ff_vfx.door.performer import open_performer
from ff_vfx.fuse.performer import fuser_from_stills
from ff_vfx.plate import read_matte
from ff_vfx.shot import FLOOR, Shot, prepare
from ff_vfx.track import Detectors, choose_track, person_matte
from ff_vfx.track.look import to_display
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window


def prepare_people(
    job: Job, plate: Plate, solve: Solve, roles: Sequence[Role], detectors: Detectors
) -> tuple[tuple[Shot, ...], dict[str, object]]:
    """A shot for each person of a job, and what was decided, for the Report.

    Raises:
        FfVfxError: a person is not in the plate, two parts mean one person, or a network cannot be opened.
    """
    still = lambda path: read_linear_still(str(path))  # noqa: E731
    tracks = [choose_track(solve, plate, role.part.face, detectors, open_still=still) for role in roles]
    different(tracks, roles)
    made = [_prepare(job, plate, solve, (role, track), detectors) for role, track in zip(roles, tracks, strict=True)]
    told: dict[str, object] = {"face": ", ".join(track.name for track in tracks)}
    told["stills_left_out"] = [line for _, lines in made for line in lines]
    if job.cast:
        told["cast"] = [{"face": t.name, "performer": r.part.performer} for t, r in zip(tracks, roles, strict=True)]
    return tuple(shot for shot, _ in made), told


def _prepare(
    job: Job, plate: Plate, solve: Solve, who: tuple[Role, FaceTrack], detectors: Detectors
) -> tuple[Shot, list[str]]:
    """One person: whose face, made by which fuser, kept off whom; and the stills that were left out."""
    role, track = who
    space = working_space(plate.colour_space)
    identity, left_out = open_performer(list(role.stills), job.stills_colour, detectors)
    fuser = fuser_from_stills(identity, track, job.settings.fuse, space, floor_of(solve))
    shot = prepare(
        plate,
        solve,
        track,
        fuser,
        job.settings,
        matte=matte_reader(role.part.matte),
        person=person_finder(solve, space, detectors),
        flow=open_flow(job, space, solve.exposure_stops),
    )
    return shot, left_out


def person_finder(solve: Solve, space: str, detectors: Detectors) -> Callable[[torch.Tensor], torch.Tensor]:
    """The person matte as the shot wants it: of a scene-linear crop."""
    return lambda crop: person_matte(to_display(crop, solve.exposure_stops, space), detectors)


def floor_of(solve: Solve) -> float:
    """The scene-linear value under which differences are noise, at the shot's own exposure."""
    return FLOOR * 2.0**-solve.exposure_stops


def matte_reader(pattern: str) -> Callable[[int, Window], torch.Tensor | None] | None:
    """The artist's matte as a function of frame and window; None when there is none."""
    if not pattern:
        return None
    return lambda number, window: read_matte(pattern, number, window)
