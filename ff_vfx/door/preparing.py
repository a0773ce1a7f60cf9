"""From a solve and the people of a job to shots that can be rendered. Read by work; loads the networks they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from ff_vfx.colour import working_space
from ff_vfx.composite.sight import MatteNetworks
from ff_vfx.door.cast import Member, Role, different
from ff_vfx.door.linear import read_linear_still
from ff_vfx.door.networks.enhancer import Witness, wrap_with_enhancer
from ff_vfx.door.networks.flow_model import open_flow
from ff_vfx.door.networks.matte_models import open_matte_models
from ff_vfx.door.networks.opening import Opener, opener
from ff_vfx.door.networks.swapper import Whose, open_swapper
from ff_vfx.door.performer import open_performer
from ff_vfx.engine.model import Say
from ff_vfx.errors import BadInput
from ff_vfx.fuse.ahead import Company
from ff_vfx.fuse.performer import fuser_from_stills
from ff_vfx.fuse.swap.fuser import fuse_together
from ff_vfx.plate import read_matte
from ff_vfx.shot import FLOOR, prepare
from ff_vfx.steady.flow import FlowMethod
from ff_vfx.track import Detectors, choose_track, person_matte
from ff_vfx.track.detect import detect_still
from ff_vfx.track.gallery import Gallery, TrackScores, judge_of, scores_of
from ff_vfx.track.look import to_display
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Fuser
from ff_vfx.types.identity import Identity
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate
from ff_vfx.types.settings import Settings
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window

Told = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What all people of a job share. space: scene-linear, worked in. say: hears what cannot be as asked.

    flow, mattes: the job's networks for them; None where it names none. open: how others are opened, each once.
    company: the people that a swapper draws, by its manifest.
    """

    job: Job
    plate: Plate
    solve: Solve
    detectors: Detectors
    space: str
    flow: FlowMethod | None
    mattes: MatteNetworks | None
    open: Opener
    company: Callable[[Path], Company]
    say: Say

    @property
    def floor(self) -> float:
        """The scene-linear value under which differences are noise, at the shot's own exposure."""
        return FLOOR * 2.0**-self.solve.exposure_stops


def lay_ground(job: Job, plate: Plate, solve: Solve, detectors: Detectors, say: Say) -> Ground:
    """Open what all people of a job share.

    Raises:
        BadInput, ModelError: a network cannot be opened.
    """
    space, exposure = working_space(plate.colour_space), solve.exposure_stops
    flow, mattes = open_flow(job, space, exposure, say), open_matte_models(job, space, exposure, say)
    company = cache(lambda path: Company(fuse_together))
    return Ground(job, plate, solve, detectors, space, flow, mattes, opener(job, say), company, say)


def prepare_people(ground: Ground, roles: Sequence[Role]) -> tuple[tuple[Member, ...], Told]:
    """A shot for each person of a job, and what was decided, for the Report.

    Raises:
        FfVfxError: a person is not in the plate, two parts mean one person, or a network cannot be opened.
    """
    same = ground.job.settings.track.same_person
    tracks = [
        choose_track(
            ground.solve, ground.plate, role.part.face, ground.detectors, open_still=_open_still, same_person=same
        )
        for role in roles
    ]
    different(tracks, roles)
    scores = _judged(ground, roles, tracks)
    made = [_prepare(ground, role, track, scores.get(track.name)) for role, track in zip(roles, tracks, strict=True)]
    told: Told = {"face": ", ".join(track.name for track in tracks)}
    told["stills_left_out"] = [line for _, _, left_out in made for line in left_out]
    if ground.job.cast:
        told["cast"] = [
            {"face": track.name, "performer": role.part.performer, **decided}
            for track, role, (_, decided, _) in zip(tracks, roles, made, strict=True)
        ]
    else:
        told |= made[0][1]
    return tuple(member for member, _, _ in made), told


def _prepare(
    ground: Ground, role: Role, track: FaceTrack, scores: TrackScores | None
) -> tuple[Member, Told, list[str]]:
    """One person: whose face, made by which fuser, kept off whom; what was decided, and the stills left out."""
    job, solve = ground.job, ground.solve
    identity, left_out = None, list[str]()
    if role.stills:
        identity, left_out = open_performer(list(role.stills), job.stills_colour, ground.detectors)
    fuser, told = _fuser(ground, role, track, identity)
    kept: dict[int, float] = {}
    fuser, enhanced = wrap_with_enhancer(job, fuser, ground.plate, track, _witness(ground, kept))
    shot = prepare(
        ground.plate,
        solve,
        track,
        fuser,
        settings_of(job.settings, role),
        matte=matte_reader(role.part.matte),
        person=person_finder(solve, ground.space, ground.detectors),
        flow=ground.flow,
        networks=ground.mattes,
    )
    return Member(shot, scores, kept), {**told, **enhanced}, left_out


def settings_of(settings: Settings, role: Role) -> Settings:
    """What 'auto' means for this person: a network draws the mouth with its teeth, stills have no word on either."""
    if settings.composite.mouth != "auto" or not role.part.swapper:
        return settings
    composite = settings.composite.model_copy(update={"mouth": "performer"})
    return settings.model_copy(update={"composite": composite})


def _fuser(ground: Ground, role: Role, track: FaceTrack, identity: Identity | None) -> tuple[Fuser, Told]:
    if role.part.swapper:
        whose = Whose(identity, ground.detectors.recogniser, ground.say, ground.open, ground.company)
        light = (ground.space, ground.solve.exposure_stops)
        return open_swapper(ground.job, role.part.swapper, whose, track, light)
    if identity is None:
        raise BadInput("job: neither a performer nor a swapper; give a folder with stills of the performer's face")
    return fuser_from_stills(identity, track, ground.job.settings.fuse, ground.space, ground.floor), {}


def _witness(ground: Ground, kept: dict[int, float]) -> Witness:
    recogniser = ground.detectors.recogniser
    if recogniser is None:
        return Witness(open=ground.open)
    return Witness(recogniser.embed_picture, kept.__setitem__, ground.open)


def _judged(ground: Ground, roles: Sequence[Role], tracks: Sequence[FaceTrack]) -> dict[str, TrackScores]:
    """Track name -> whether he is who the job's still shows; of those named by a still, where there is a recogniser."""
    judge = judge_of(ground.detectors, ground.job.settings.track)
    if judge is None:
        return {}
    shown: dict[str, FaceTrack] = {}
    known: list[tuple[str, np.ndarray]] = []
    for role, track in zip(roles, tracks, strict=True):
        name = role.part.face
        if name and Path(name).is_file():
            still = _open_still(Path(name))
            shown[name] = track
            known.append((name, judge.recogniser.embed(still, detect_still(still, ground.detectors, name))))
    gallery = Gallery(tuple(known))
    return {
        track.name: scores_of(ground.solve, track, ground.plate, gallery.wanted(name), judge)
        for name, track in shown.items()
    }


def _open_still(path: Path) -> Frame:
    return read_linear_still(str(path))


def person_finder(solve: Solve, space: str, detectors: Detectors) -> Callable[[torch.Tensor], torch.Tensor]:
    """The person matte as the shot wants it: of a scene-linear crop."""
    return lambda crop: person_matte(to_display(crop, solve.exposure_stops, space), detectors)


def matte_reader(pattern: str) -> Callable[[int, Window], torch.Tensor | None] | None:
    """The artist's matte as a function of frame and window; None when there is none."""
    if not pattern:
        return None
    return lambda number, window: read_matte(pattern, number, window)
