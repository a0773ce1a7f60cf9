"""Who is in a job and what each is given: one person, or several, each with a performer. Read by work and rendering."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ff_vfx.composite.finish import passed_through
from ff_vfx.composite.mark import Mark, mark_layers
from ff_vfx.composite.together import together
from ff_vfx.door.stamp import file_hash
from ff_vfx.door.stills import still_files
from ff_vfx.errors import BadInput
from ff_vfx.plate import sequence_path
from ff_vfx.shot import Shot, render_frame
from ff_vfx.track.gallery import TrackScores
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.job import Job, Part
from ff_vfx.types.layers import Layers
from ff_vfx.types.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class Role:
    """One part of a job and the stills of its performer; none where a network needs none."""

    part: Part
    stills: tuple[Path, ...]


def roles_of(job: Job) -> tuple[Role, ...]:
    """Everybody in the job; a job without a cast is one person's.

    Raises:
        BadInput: both a cast and a performer, a part without a face, or a performer without stills.
    """
    if not job.cast:
        return (_role(Part(face=job.face, performer=job.performer, matte=job.matte), job),)
    if doubled := [name for name in ("performer", "face", "matte") if getattr(job, name)]:
        raise BadInput(f"job: a cast and a {doubled[0]} of its own; put that into the cast's parts")
    if unnamed := [part.performer for part in job.cast if not part.face.strip()]:
        raise BadInput(f"cast: {unnamed[0]}: whose face in the plate is not said; give 0, 1.., 'x,y' or a still")
    return tuple(_role(part, job) for part in job.cast)


def _role(part: Part, job: Job) -> Role:
    """The part with the job's swapper where it has none of its own."""
    swapper = part.swapper or job.swapper
    stills = () if swapper and not part.performer else tuple(still_files(part.performer))
    return Role(part.model_copy(update={"swapper": swapper}), stills)


def role_key(role: Role) -> tuple[str, ...]:
    """What of a part decides pixels, besides its stills."""
    return face_key(role.part.face), matte_key(role.part.matte)


def face_key(choice: str) -> str:
    """The choice of face, with the picture's content where it is one."""
    return f"{choice} {file_hash(Path(choice))}" if choice and Path(choice).is_file() else choice


def matte_key(pattern: str) -> str:
    """Changes whenever a file of the matte sequence does."""
    if not pattern:
        return ""
    path = sequence_path(pattern)
    files = list(path.found().values()) if path.numbered else [path.at(0)]
    if not any(file.is_file() for file in files):
        raise BadInput(f"matte {pattern}: no such file; check the name and the frame token")
    states = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:32]


def different(tracks: Sequence[FaceTrack], roles: Sequence[Role]) -> None:
    """See that no two parts mean one person.

    Raises:
        BadInput: two do; the message says which.
    """
    for index, track in enumerate(tracks):
        for earlier in range(index):
            if tracks[earlier].name == track.name:
                faces = f"'{roles[earlier].part.face}' and '{roles[index].part.face}'"
                raise BadInput(f"cast: {faces} are one person, {track.name}; look at `ff-vfx track PLATE --sheet`")


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One person of a job, ready to render.

    scores: whether he is who he should be; None where nobody said who, or nobody can tell. kept: frame -> cosine of
    his new face before and after enhancement, filled as frames are made. mark: laid over his face, for nobody cleared
    him; see ff_vfx.door.consent.
    """

    shot: Shot
    scores: TrackScores | None = None
    kept: Mapping[int, float] = field(default_factory=dict)
    mark: Mark | None = None

    def render(self, number: int, watch: Stopwatch) -> Layers:
        """His layers of one frame; the plate passes where he is not who he should be. Errors as shot.render_frame."""
        told: dict[str, object] = self.scores.decisions(number) if self.scores else {}
        if self.scores and (reason := self.scores.why_not(number)):
            layers = passed_through(self.shot.plate.read(number), reason)
        else:
            layers = render_frame(self.shot, number, watch)
        if self.mark and not layers.window.empty:
            layers = mark_layers(layers, self.shot.track.face(number), self.mark)
        if number in self.kept:
            told["enhance_cosine"] = round(self.kept[number], 4)
        return replace(layers, decisions={**layers.decisions, **told})

    def nearness(self, number: int) -> float:
        """Px a canonical unit: of two heads alike the larger is nearer. Who is lost comes first and shows nothing."""
        if self.shot.track.why_lost(number):
            return 0.0
        return float(np.cbrt(abs(np.linalg.det(self.shot.track.face(number).pose[:, :3]))))


def render_people(people: Sequence[Member], number: int, watch: Stopwatch) -> Layers:
    """One frame with everybody in it, who is nearer over who is behind. Errors as shot.render_frame."""
    return together([member.render(number, watch) for member in sorted(people, key=lambda one: one.nearness(number))])
