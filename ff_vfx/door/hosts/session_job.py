"""What a session's job names, opened and checked: plate, people, solve; what decides its pixels. Read by session."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.colour import resolve_space
from ff_vfx.door.cast import Member, Role, role_key, roles_of
from ff_vfx.door.consent import Cleared, Watched, ask, cleared_key, marked, missing_line
from ff_vfx.door.exporting import Wish, export_file
from ff_vfx.door.folders import make_folder
from ff_vfx.door.hosts.plate import HostPlate
from ff_vfx.door.invisible.keys import mark_key_id
from ff_vfx.door.jobs import make_job
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.door.networks.brought import check_networks, networks_key
from ff_vfx.door.networks.recognise import detection_key, open_job_detectors
from ff_vfx.door.preparing import lay_ground, prepare_people
from ff_vfx.door.stamp import file_hash
from ff_vfx.door.tracking import track_job
from ff_vfx.engine import models_folder
from ff_vfx.engine.model import silent
from ff_vfx.errors import BadInput, FfVfxError
from ff_vfx.track import load_solve, settings_key
from ff_vfx.types.job import Job
from ff_vfx.types.report import ProgressCall, Report
from ff_vfx.types.solve import Solve
from ff_vfx.types.user_folders import cache_folder

_NO_PIXELS = {"output", "frames", "overwrite", "stop_on_error", "solve", "label"}  # of a job, what changes none
_EXPORT: dict[str, tuple[type, ...]] = {
    "format": (str,),
    "face": (str,),
    "points": (list,),
    "shapes": (list,),
    "offset": (int,),
    "reference": (int,),
    "tolerance_px": (int, float),
    "output": (str,),
    "overwrite": (bool,),
}
_ASPECT = 0.01  # by which a host's format may be off the plate's: rounding


class NotTracked(BadInput):
    """There is no solve yet."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a host must know of a job. rate: frames a second, as a fraction. neighbours: frames read on each side."""

    tracked: bool
    first: int
    last: int
    size: tuple[int, int]
    rate: tuple[int, int]
    neighbours: int
    stamp: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """What tracking found, frames but for people."""

    people: int
    found: int
    lost: int
    failed: int
    text: str


class SessionJob:
    """A job, opened. key: names all that decides its pixels but the solve's content."""

    def __init__(self, asked: Mapping[str, object], device: str = "") -> None:
        """asked: `job`, and where they are wanted `preset`, `colour` and `size` (width, height) of the host's pictures.

        device: where the job names none.

        Raises:
            FfVfxError: it cannot work.
        """
        data = _checked_names(asked)
        job = make_job(data, preset=str(asked.get("preset", "")))
        self.job: Job = job.model_copy(update={"output": "", "device": job.device or device})
        self.plate = open_plate_to_render(job.plate, job.plate_colour)
        colour = str(asked.get("colour") or "")
        self.space = resolve_space(colour) if colour else self.plate.colour_space
        self.scale = _scale(asked.get("size"), self.plate.size)
        self.roles: tuple[Role, ...] = roles_of(self.job) if job.performer or job.cast or job.swapper else ()
        self.solve_file = Path(job.solve) if job.solve else solves_folder() / f"{self._plate_and_settings()}.json"
        self._asked = ask(self.job, self.roles)
        self._watched = Watched(self._asked)
        self.cleared()
        self.key = self._key()
        self._seen: tuple[tuple[int, int], bytes, Solve] | None = None

    @property
    def first_face(self) -> str:
        """Whose face the job says, or its first part."""
        return self.job.cast[0].face if self.job.cast else self.job.face

    def tracked(self) -> bool:
        """Whether there is a solve that fits."""
        try:
            self.solve()
        except FfVfxError:
            return False
        return True

    def solve(self) -> tuple[bytes, Solve]:
        """The solve as its file is now, and a hash of it.

        Raises:
            NotTracked: there is none. SolveMismatch: it is another plate's, or damaged.
        """
        try:
            status = self.solve_file.stat()
        except OSError as error:
            raise NotTracked(f"{self.plate.name}: not tracked yet; press Track, or name its solve") from error
        state = (status.st_mtime_ns, status.st_size)
        if self._seen is None or self._seen[0] != state:
            digest = bytes.fromhex(file_hash(self.solve_file))
            self._seen = (state, digest, load_solve(self.solve_file, plate_key=self.plate.key))
        return self._seen[1:]

    def cleared(self) -> Cleared:
        """Whether each of the job's people may be shown unmarked, now."""
        return self._watched.cleared()

    def stamp(self, cleared: Cleared | None = None) -> bytes:
        """16 bytes: all that decides the job's pixels. cleared: as found before; None: as it is now."""
        digest = self.solve()[0] if self.tracked() else b""
        consent = "\n".join(cleared_key(cleared or self.cleared(), self.job, self.plate)).encode()
        return hashlib.sha256(self.key + digest + consent).digest()[:16]

    def marked(self, people: tuple[Member, ...], cleared: Cleared) -> tuple[Member, ...]:
        """The same people, those who are not cleared under the mark."""
        return marked(people, cleared, self.job, self.plate)

    def facts(self) -> Facts:
        """For the host."""
        numbers, rate = self.plate.numbers, self.plate.rate
        told = self._told()
        neighbours = self.job.settings.reach
        rates = (rate.numerator, rate.denominator)
        ends = (numbers[0], numbers[-1])
        return Facts(self.tracked(), *ends, self.plate.size, rates, neighbours, self.stamp(), told)

    def prepare(self, plate: HostPlate, solve: Solve) -> tuple[Member, ...]:
        """Everybody, as a render of the job has them.

        Raises:
            FfVfxError: as `prepare_people`, or no performer is named.
        """
        if not self.roles:
            raise BadInput("no performer: name a folder with stills of the performer's face, or a swapper")
        # Fallbacks are in the report of a render; a host has no place for them.
        detectors = open_job_detectors(self.job)
        people = prepare_people(lay_ground(self.job, plate, solve, detectors, silent), self.roles)[0]
        self._asked.same_stills()
        return people

    def track(self, *, anew: bool, progress: ProgressCall) -> Tracked:
        """Track the plate and write the solve, unless one that fits is there.

        Raises:
            BadInput: it cannot start, or found nobody.
        """
        if not anew and self.tracked():
            solve = self.solve()[1]
            return Tracked(len(solve.tracks), *_counted(solve), 0, self._told())
        make_folder(self.solve_file.parent)
        wanted = self.job.model_copy(update={"solve": str(self.solve_file), "frames": ""})
        report: Report = track_job(wanted, sheet="", movie="", progress=progress)
        if report.faults:
            raise BadInput("; ".join(report.faults))
        outcomes = [entry.outcome for entry in report.frames]
        found, lost, failed = (outcomes.count(outcome) for outcome in ("rendered", "passed", "failed"))
        return Tracked(len(self.solve()[1].tracks), found, lost, failed, self._told())

    def export(self, what: Mapping[str, object], face: str) -> dict[str, object]:
        """The solve as a compositor's own nodes. what: as docs/exports.md has the options. face: where it names none.

        Raises:
            FfVfxError: as ff_vfx.door.export_track.
        """
        self.solve()
        wish, output, overwrite = _wish(what, face)
        found = export_file(str(self.solve_file), wish, output=output, overwrite=overwrite)
        return {**found, "files": [output] if output else []}

    def _told(self) -> str:
        missing = missing_line(self.cleared())
        return f"{self._tracked_told()}; {missing}" if missing else self._tracked_told()

    def _tracked_told(self) -> str:
        try:
            solve = self.solve()[1]
        except FfVfxError as error:
            return str(error)
        found, lost = _counted(solve)
        people = f"{len(solve.tracks)} {'person' if len(solve.tracks) == 1 else 'people'}"
        return f"tracked: {people}, a face on {found} of {found + lost} frames"

    def _plate_and_settings(self) -> str:
        tracking = settings_key(self.job.settings.track, detection_key(self.job))
        parts = f"{self.plate.key} {self.plate.colour_space} {tracking}"
        return hashlib.sha256(parts.encode()).hexdigest()[:32]

    def _key(self) -> bytes:
        settings = self.job.settings.model_dump(mode="json", exclude={"track", "preset"})
        parts = {
            "version": __version__,
            "job": {**self.job.model_dump(mode="json", exclude=_NO_PIXELS | {"settings"}), "settings": settings},
            "plate": [self.plate.key, self.plate.colour_space],
            "stills": [(still.name, file_hash(still)) for role in self.roles for still in role.stills],
            "chosen": [key for role in self.roles for key in role_key(role)],
            "networks": networks_key(self.job, check_networks(self.job, self.roles), self.roles),
            "models": str(models_folder(self.job.models)),
            "solve": str(self.solve_file.absolute()),
            "host": [self.space, self.scale],
            "mark": mark_key_id(self.job.settings.output),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _checked_names(asked: Mapping[str, object]) -> Mapping[str, object]:
    if unknown := sorted(set(asked) - {"job", "preset", "colour", "size"}):
        raise BadInput(f"open: '{unknown[0]}' is unknown; job, preset, colour and size can be")
    job = asked.get("job")
    if not isinstance(job, Mapping):
        raise BadInput("open: no job in it; give the job as an object")
    return job


def _wish(what: Mapping[str, object], face: str) -> tuple[Wish, str, bool]:
    """What is wanted, where to, and whether over what is there.

    Raises:
        BadInput: an unknown name, or a value of another kind.
    """
    if unknown := sorted(set(what) - set(_EXPORT)):
        raise BadInput(f"export: '{unknown[0]}' is unknown; use {', '.join(_EXPORT)}")
    for name, value in what.items():
        kinds = _EXPORT[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise BadInput(f"export: {name} is {value!r}; see docs/exports.md")
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise BadInput(f"export: {name} is {value!r}; give a list of names")
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in what.items()}
    output, overwrite = str(given.pop("output", "")), bool(given.pop("overwrite", False))
    return Wish(**{"format": "", "face": face, **given}), output, overwrite  # type: ignore[arg-type]


def _scale(size: object, own: tuple[int, int]) -> tuple[float, float]:
    """How large the host's format is beside the plate's.

    Raises:
        BadInput: it is no size, or of another shape.
    """
    if size is None:
        return 1.0, 1.0
    if not (isinstance(size, list) and len(size) == 2 and all(type(n) is int and 0 < n <= 32768 for n in size)):
        raise BadInput(f"open: size {size}; give [width, height] in px")
    x, y = size[0] / own[0], size[1] / own[1]
    if abs(x / y - 1.0) > _ASPECT:
        raise BadInput(f"open: the host's format is {size[0]}x{size[1]}, the plate {own[0]}x{own[1]}; reformat one")
    return x, y


def _counted(solve: Solve) -> tuple[int, int]:
    """Frames with a face and without, of those that were tracked."""
    numbers = {int(number) for track in solve.tracks for number in track.numbers}
    found = {
        int(number)
        for track in solve.tracks
        for number, status in zip(track.numbers, track.status, strict=True)
        if status != "lost"
    }
    return len(found), len(numbers - found)


def solves_folder() -> Path:
    """Where solves are kept that a job gives no name to: the user's cache."""
    return cache_folder() / "solves"
