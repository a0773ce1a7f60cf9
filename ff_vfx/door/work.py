"""Opens all a job names and checks that it can start: plate, frames, output, performer, solve. Read by rendering."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from ff_vfx.colour import working_space
from ff_vfx.door.flow_model import flow_key, open_flow
from ff_vfx.door.folders import make_folder
from ff_vfx.door.in_order import chain, chain_key, needed, order_told
from ff_vfx.door.linear import open_plate_to_render, read_linear_still
from ff_vfx.door.outputs import MOVIES
from ff_vfx.door.overlap import ReadAhead, share_cores
from ff_vfx.door.performer import open_performer, still_files
from ff_vfx.door.stamp import file_hash, make_stamp
from ff_vfx.door.tracking import solve_for
from ff_vfx.engine import models_folder
from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.fuse.performer import fuser_from_stills
from ff_vfx.plate import output_path, parse_frames, read_matte, sequence_path, valid_output
from ff_vfx.shot import FLOOR, Shot, prepare
from ff_vfx.track import Detectors, choose_track, open_detectors, person_matte
from ff_vfx.track.look import to_display
from ff_vfx.types.identity import Identity
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import ProgressCall
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import Solve
from ff_vfx.types.stopwatch import Stopwatch
from ff_vfx.types.window import Window

_AHEAD = 3


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A job that can start. numbers: the frames asked for; todo: those to make. reader: the plate, reading ahead.

    in_order: the frames to compute, todo among them: what looks back wants those before again.
    shot: None when there is nothing to make. times_ms: of getting ready.
    """

    job: Job
    numbers: tuple[int, ...]
    todo: tuple[int, ...]
    in_order: tuple[int, ...]
    plate: Plate
    reader: ReadAhead
    shot: Shot | None
    stamp: str
    decisions: dict[str, object]
    times_ms: dict[str, float]


def open_work(job: Job, progress: ProgressCall) -> Work:
    """Everything a render needs, tracked first where there is no solve; networks are loaded only if a frame needs them.

    Raises:
        FfVfxError: it cannot start; the message says what to change.
    """
    share_cores()
    watch = Stopwatch()
    detectors = cache(lambda: open_detectors(models_folder(job.models)))
    with watch.stage("open"):
        plate, numbers, stills = open_inputs(job)
        flow = flow_key(job)
    with watch.stage("track"):
        solve, solve_file, origin = solve_for(job, plate, detectors, progress)
    stamp = make_stamp(
        plate_key=plate.key,
        solve_file=solve_file,
        stills=stills,
        settings=job.settings,
        choices=(
            face_key(job.face),
            job.plate_colour,
            plate.colour_space,
            job.stills_colour,
            matte_key(job.matte),
            flow,
            chain_key(numbers, job.settings.steady),
        ),
    )
    todo = tuple(number for number in numbers if job.overwrite or not made_already(job.output, number, stamp))
    in_order = chain(numbers, todo, job.settings.steady)
    reader = read_ahead(plate, in_order, job.settings.steady)
    decisions: dict[str, object] = {"solve": str(solve_file), "solve_origin": origin}
    decisions |= order_told(numbers, plate.numbers, job.settings.steady)
    shot = None
    if todo:
        progress("prepare", 0, 1)
        with watch.stage("prepare"):
            identity, left_out = open_performer(stills, job.stills_colour, detectors())
            shot = prepare_shot(job, reader, solve, identity, detectors())
        progress("prepare", 1, 1)
        decisions |= {"face": shot.track.name, "stills_left_out": left_out}
    return Work(job, tuple(numbers), todo, in_order, plate, reader, shot, stamp, decisions, watch.times_ms)


def prepare_shot(job: Job, plate: Plate, solve: Solve, identity: Identity, detectors: Detectors) -> Shot:
    """The shot of a job: whose face, made by which fuser, kept off whom."""
    track = choose_track(solve, plate, job.face, detectors, open_still=lambda path: read_linear_still(str(path)))
    space = working_space(plate.colour_space)
    fuser = fuser_from_stills(identity, track, job.settings.fuse, space, floor_of(solve))
    person = person_finder(solve, space, detectors)
    flow = open_flow(job, space, solve.exposure_stops)
    return prepare(plate, solve, track, fuser, job.settings, matte=matte_reader(job.matte), person=person, flow=flow)


def open_inputs(job: Job) -> tuple[Plate, list[int], list[Path]]:
    """The plate, the frames asked for and the stills' files, once it is sure that writing can harm none of them."""
    if not job.output:
        raise BadInput("render: no output named; give a pattern such as out/comp.####.exr")
    plate = open_plate_to_render(job.plate, job.plate_colour)
    numbers = parse_frames(job.frames, plate.numbers)
    stills = still_files(job.performer)
    check_output(job, numbers)
    refuse_overwriting(job, plate.numbers, stills)
    make_folder(output_path(job.output, numbers[0]).parent)
    return plate, numbers, stills


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


def refuse_overwriting(job: Job, numbers: Sequence[int], stills: Sequence[Path]) -> None:
    """An output that would land on the plate, the matte or a still is refused before anything is computed.

    Raises:
        WriteRefused: names the file that would have been lost.
    """
    outputs = {output_path(job.output, number).resolve() for number in numbers}
    inputs = {output_path(pattern, number) for pattern in (job.plate, job.matte) if pattern for number in numbers}
    for file in [*inputs, *stills]:
        if file.resolve() in outputs:
            raise WriteRefused(f"output {job.output}: would overwrite {file}; write to another folder or name")


def read_ahead(plate: Plate, numbers: Sequence[int], settings: SteadySettings) -> ReadAhead:
    """The plate, reading what the frames asked for will need, and no more than they need at once."""
    order = needed(numbers, plate.numbers, settings)
    return ReadAhead(plate, order, ahead=_AHEAD, keep=settings.held_frames + _AHEAD)


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


def made_already(output: str, number: int, stamp: str) -> bool:
    """True when the frame is on disk, reads to its end and was made from the same things; never for a movie."""
    return Path(output).suffix.lower() not in MOVIES and valid_output(
        output_path(output, number), number=number, stamp=stamp
    )


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
