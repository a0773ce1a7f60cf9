"""Opens all a job names and checks that it can start: plate, frames, output, performer, solve. Read by rendering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from ff_vfx.door.cast import Member, Role, roles_of
from ff_vfx.door.consent import Cleared, ask, clear, cleared_told, every, marked
from ff_vfx.door.folders import make_folder
from ff_vfx.door.in_order import chain, needed, order_told
from ff_vfx.door.invisible.laying import Invisible, invisible_of
from ff_vfx.door.job_stamp import Chosen, job_stamp
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.door.manifests import manifest_path
from ff_vfx.door.networks.brought import check_networks, networks_told
from ff_vfx.door.networks.recognise import open_job_detectors
from ff_vfx.door.outputs import MOVIES
from ff_vfx.door.overlap import ReadAhead, share_cores
from ff_vfx.door.preparing import lay_ground, prepare_people
from ff_vfx.door.provenance import Provenance, cast_of, hashed, origin_of, recorded
from ff_vfx.door.tracking import solve_for
from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.plate import output_path, parse_frames
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.job import Job
from ff_vfx.types.manifest import FrameRecord, Origin
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import ProgressCall
from ff_vfx.types.settings import Settings
from ff_vfx.types.stopwatch import Stopwatch

_AHEAD = 3


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A job that can start. numbers: the frames asked for; todo: those to make. reader: the plate, reading ahead.

    in_order: the frames to compute, todo among them: what looks back wants those before again.
    people: ready to render; none when there is nothing to make. cleared: whether each may be shown unmarked, in their
    order. provenance: what each frame says of itself; origin: what it is made from. times_ms: of getting ready.
    invisible: the mark to lay, where one is asked for.
    """

    job: Job
    numbers: tuple[int, ...]
    todo: tuple[int, ...]
    in_order: tuple[int, ...]
    plate: Plate
    reader: ReadAhead
    people: tuple[Member, ...]
    cleared: Cleared
    provenance: Provenance
    origin: Origin
    decisions: dict[str, object]
    times_ms: dict[str, float]
    invisible: Invisible | None = None

    @property
    def clearances(self) -> tuple[Clearance, ...]:
        """The same, one after another."""
        return every(self.cleared)


def open_work(job: Job, progress: ProgressCall) -> Work:
    """Everything a render needs, tracked first where there is no solve; networks are loaded only if a frame needs them.

    Raises:
        FfVfxError: it cannot start; the message says what to change.
    """
    share_cores()
    watch = Stopwatch()
    notes: list[str] = []
    detectors = cache(lambda: open_job_detectors(job, notes.append))
    with watch.stage("open"):
        plate, numbers, roles = open_inputs(job)
        networks = check_networks(job, roles)
        asked = ask(job, roles)
        cleared = clear(asked)
    with watch.stage("track"):
        solve, solve_file, found_by = solve_for(job, plate, detectors, progress)
    made_of = cast_of(roles, cleared, networks)
    stamp = job_stamp(job, plate, solve_file, Chosen(roles, networks, cleared, numbers))
    known = {} if job.overwrite else recorded(job.output)
    todo = tuple(number for number in numbers if not made_already(job.output, known.get(number), stamp))
    in_order = chain(numbers, todo, job.settings.steady)
    at_once = job.settings.fuse.batch if any(role.part.swapper for role in roles) else 1
    reader = read_ahead(plate, in_order, job.settings, at_once)
    beside = str(manifest_path(job.output))
    decisions: dict[str, object] = {"solve": str(solve_file), "solve_origin": found_by, "manifest": beside}
    people: tuple[Member, ...] = ()
    if todo:
        progress("prepare", 0, 1)
        with watch.stage("prepare"):
            people, told = prepare_people(lay_ground(job, reader, solve, detectors(), notes.append), roles)
            asked.same_stills()
            people = marked(people, cleared, job, plate)
        progress("prepare", 1, 1)
        decisions |= told
    invisible = invisible_of(job.settings.output, stamp, people)
    order = order_told(numbers, plate.numbers, job.settings.steady)
    decisions |= with_warnings(order, networks_told(networks), cleared_told(cleared), {"warnings": notes})
    origin, times = origin_of(job, plate, solve_file, made_of), watch.times_ms
    made = Provenance(job, origin, stamp)
    return Work(
        job, tuple(numbers), todo, in_order, plate, reader, people, cleared, made, origin, decisions, times, invisible
    )


def open_inputs(job: Job) -> tuple[Plate, list[int], tuple[Role, ...]]:
    """The plate, the frames asked for and who is in it, once it is sure that writing can harm none of them."""
    if not job.output:
        raise BadInput("render: no output named; give a pattern such as out/comp.####.exr")
    plate = open_plate_to_render(job.plate, job.plate_colour)
    numbers = parse_frames(job.frames, plate.numbers)
    roles = roles_of(job)
    check_output(job, numbers)
    refuse_overwriting(job, plate.numbers, roles)
    make_folder(output_path(job.output, numbers[0]).parent)
    return plate, numbers, roles


def with_warnings(*parts: Mapping[str, object]) -> dict[str, object]:
    """Decisions put together; their warnings follow one another, each once."""
    found: dict[str, object] = {}
    heard: dict[str, None] = {}
    for part in parts:
        found |= part
        heard |= dict.fromkeys(map(str, cast(list[str], part.get("warnings", ()))))
    found.pop("warnings", None)
    return {**found, **({"warnings": list(heard)} if heard else {})}


def check_output(job: Job, numbers: Sequence[int]) -> None:
    """See that the output's name can hold what is to be written.

    Raises:
        BadInput: neither an EXR nor a movie, or one EXR for many frames. WriteRefused: a movie is there already.
    """
    path = output_path(job.output, numbers[0])
    if path.suffix.lower() in MOVIES:
        if path.exists() and not job.overwrite:
            raise WriteRefused(
                f"output {path}: is there already, and a movie is made whole; name another or --overwrite"
            )
    elif path.suffix.lower() != ".exr":
        raise BadInput(f"output {job.output}: ends in neither .exr nor {', '.join(MOVIES)}; layers need EXR")
    elif len(numbers) > 1 and path == output_path(job.output, numbers[1]):
        raise BadInput(f"output {job.output}: one file for {len(numbers)} frames; put #### in its name")


def refuse_overwriting(job: Job, numbers: Sequence[int], roles: Sequence[Role]) -> None:
    """An output that would land on the plate, the matte or a still is refused before anything is computed.

    Raises:
        WriteRefused: names the file that would have been lost.
    """
    outputs = {output_path(job.output, number).resolve() for number in numbers}
    patterns = [job.plate, *(role.part.matte for role in roles)]
    inputs = {output_path(pattern, number) for pattern in patterns if pattern for number in numbers}
    for file in [*inputs, *(still for role in roles for still in role.stills)]:
        if file.resolve() in outputs:
            raise WriteRefused(f"output {job.output}: would overwrite {file}; write to another folder or name")


def read_ahead(plate: Plate, numbers: Sequence[int], settings: Settings, at_once: int) -> ReadAhead:
    """The plate, reading what the frames asked for will need, and no more than they need at once.

    at_once: frames that are fused together, so that the last of them is needed so much earlier.
    """
    order = needed(numbers, plate.numbers, settings)
    return ReadAhead(plate, order, ahead=_AHEAD, keep=settings.held_frames + _AHEAD + at_once - 1)


def made_already(output: str, record: FrameRecord | None, stamp: str) -> bool:
    """True when the frame is on disk as it was taken down, to the bit, and made from the same things; no movie is."""
    if record is None or record.stamp != stamp or Path(output).suffix.lower() in MOVIES:
        return False
    return hashed(output_path(output, record.number)).sha256 == record.made.sha256
