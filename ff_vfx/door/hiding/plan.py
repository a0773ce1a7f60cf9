"""Everything an anonymising run decides before its first frame: what there is, where it is, who stays. For anonymising.

All of it comes from the whole plate, whatever frames are asked for: a frame alone is covered as in the range.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.door.folders import make_folder
from ff_vfx.door.hiding.clearing import Scene, clear, new_face_of
from ff_vfx.door.hiding.inspection import Plan, Shot
from ff_vfx.door.hiding.sightings import load_sightings, save_sightings, sightings_beside
from ff_vfx.door.linear import linear_plate, open_plate_to_render
from ff_vfx.door.networks.recognise import detection_key, open_job_detectors
from ff_vfx.door.outputs import MOVIES
from ff_vfx.door.overlap import ReadAhead, share_cores
from ff_vfx.door.provenance import Cast, Provenance, origin_of, placed
from ff_vfx.door.stamp import file_hash, make_stamp
from ff_vfx.door.tracking import solve_for
from ff_vfx.door.work import check_output, refuse_overwriting
from ff_vfx.errors import BadInput, FaceNotFound, SolveMismatch, WriteRefused
from ff_vfx.plate import output_path, parse_frames, sequence_path, valid_output
from ff_vfx.track import Detectors
from ff_vfx.track.cover import Held, head_tracks
from ff_vfx.track.heads import head_by_hand
from ff_vfx.track.sweep import Sweep, sweep_plate
from ff_vfx.types.anonymise_job import AnonymiseJob
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.heads import HeadTrack
from ff_vfx.types.job import Job
from ff_vfx.types.manifest import Origin
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import ProgressCall
from ff_vfx.types.settings import Settings
from ff_vfx.types.solve import Solve
from ff_vfx.types.stopwatch import Stopwatch
from ff_vfx.types.window import Window

NewFace = tuple[tuple[Path, ...], tuple[Clearance, ...]]  # of the method synthetic: stills, and the consent for them


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A job that can start. numbers: the frames asked for; todo: those to make. as_job: what a render calls a job.

    notes: what could not be as the job says. provenance: what each frame says of itself. times_ms: of getting ready.
    """

    job: AnonymiseJob
    as_job: Job
    numbers: tuple[int, ...]
    todo: tuple[int, ...]
    plate: Plate
    reader: ReadAhead
    solve: Solve
    solve_file: Path
    sweep: Sweep
    sightings_file: Path
    list_file: Path
    plan: Plan
    shot: Shot
    detectors: Detectors
    notes: list[str]
    provenance: Provenance
    times_ms: Mapping[str, float]


def lay_ground(job: AnonymiseJob, progress: ProgressCall) -> Ground:
    """Look at the whole plate and decide on everybody in it.

    Raises:
        FfVfxError: it cannot start; the message says what to change.
    """
    share_cores()
    watch, notes = Stopwatch(), list[str]()
    work = _as_job(job)
    with watch.stage("open"):
        plate, numbers = _open_inputs(job, work)
        new_face = new_face_of(job)
        list_file = _outputs(job, work, numbers[0])
        detectors = open_job_detectors(work, notes.append)
    with watch.stage("track"):
        solve, solve_file, _ = solve_for(work, plate, lambda: detectors, progress)
    with watch.stage("sweep"):
        sightings_file = sightings_beside(job.output)
        sweep = _swept(work, plate, job.settings.least, (detectors, sightings_file), progress)
    held = Held(job.settings.bridge_frames, job.settings.tail_frames)
    found = head_tracks(solve, sweep, plate.numbers, held, job.settings.grow)
    tracks = (*found, *_by_hand(job, plate, sweep.aspect))
    with watch.stage("clear"):
        released = _released(job, found)
        clearing = clear(Scene(job, solve, found, plate, detectors))
    plan = Plan(tracks, clearing, released, job.method)
    display = _first_frame(plate, sweep)
    shot = Shot(plate.name, plate.numbers, solve.cuts, display, job.settings.least)
    stamp = _stamp((job, work), plate, plan, new_face, (solve_file, sightings_file))
    todo = tuple(n for n in numbers if job.overwrite or not _made_already(job.output, n, stamp))
    provenance = Provenance(work, _origin((job, work), plate, plan, new_face, solve_file), stamp)
    reader = ReadAhead(plate, todo)
    return Ground(
        job, work, tuple(numbers), todo, plate, reader, solve, solve_file, sweep, sightings_file, list_file, plan, shot,
        detectors, notes, provenance, watch.times_ms,
    )  # fmt: skip


def _as_job(job: AnonymiseJob) -> Job:
    names = (
        "plate", "output", "solve", "frames", "plate_colour", "models", "pack", "device", "project", "shot", "use",
        "territory", "consent", "overwrite", "stop_on_error", "performer",
    )  # fmt: skip
    # A covered face is not AI-made, which is what credentials would say of it.
    written = job.written if job.method == "synthetic" else job.written.model_copy(update={"c2pa": "none"})
    return Job(**{name: getattr(job, name) for name in names}, settings=Settings(track=job.track, output=written))


def _open_inputs(job: AnonymiseJob, work: Job) -> tuple[Plate, list[int]]:
    """The plate and the frames asked for, once it is sure that writing can harm none of them."""
    if not job.output:
        raise BadInput("anonymise: no output named; give a pattern such as out/hidden.####.exr")
    if job.written.layers != "all":
        raise BadInput("anonymise: written.layers 'face' makes no sense here; leave it 'all'")
    plate = open_plate_to_render(job.plate, job.plate_colour)
    numbers = parse_frames(job.frames, plate.numbers)
    check_output(work, numbers)
    refuse_overwriting(work, plate.numbers, [])
    make_folder(output_path(job.output, numbers[0]).parent)
    return plate, numbers


def _outputs(job: AnonymiseJob, work: Job, first: int) -> Path:
    """Where the list goes; its folder and the sheet's are made, and neither may be an input."""
    pattern = sequence_path(work.output)
    stem = (pattern.before if pattern.numbered else Path(work.output).stem).rstrip("._-") or "shot"
    path = Path(job.list) if job.list else pattern.folder / f"{stem}.inspect.json"
    if path.suffix.lower() not in (".json", ".csv"):
        raise BadInput(f"list {path}: ends in neither .json nor .csv")
    if job.sheet and Path(job.sheet).suffix.lower() != ".png":
        raise BadInput(f"sheet {job.sheet}: does not end in .png")
    if job.solve and not Path(job.solve).is_file():
        raise BadInput(f"solve {job.solve}: no such file; leave it out, and the plate is tracked")
    inputs = {Path(one.record).resolve() for one in job.cleared if one.record}
    inputs |= {Path(job.solve).resolve()} if job.solve else set()
    inputs |= {output_path(job.plate, first).resolve()}
    for file in (path, *([Path(job.sheet)] if job.sheet else [])):
        if file.resolve() in inputs:
            raise WriteRefused(f"{file}: would overwrite what the job reads; name another")
        make_folder(file.parent)
    return path


def _swept(work: Job, plate: Plate, least: float, by: tuple[Detectors, Path], progress: ProgressCall) -> Sweep:
    """What the file beside the output says was seen, if it is of this plate and these networks; else looked at now."""
    detectors, path = by
    models = ", ".join(e.spec.name for e in (detectors.detector, detectors.mesh))
    key = hashlib.sha256(
        json.dumps([__version__, plate.key, work.plate_colour, least, models, detection_key(work),
                    work.settings.track.detector_px]).encode()
    ).hexdigest()  # fmt: skip
    if path.is_file():
        try:
            return load_sightings(path, key)
        except SolveMismatch:
            pass  # It is ours and no longer fits: it is made again.
    seen = linear_plate(plate)
    reader = ReadAhead(seen, plate.numbers)
    try:
        sweep = sweep_plate(reader, detectors, least, partial(progress, "look"))
    finally:
        reader.close()
    if not sweep.sightings:
        first = next(iter(sweep.faults.values()), "")
        raise BadInput(f"{plate.name}: nobody could look at any frame: {first}")
    save_sightings(sweep, path, key)
    return load_sightings(path, key)


def _by_hand(job: AnonymiseJob, plate: Plate, aspect: float) -> list[HeadTrack]:
    """A track for each disc that somebody drew."""
    found = []
    for k, one in enumerate(job.covers):
        numbers = parse_frames(one.frames, plate.numbers)
        head = head_by_hand(one.x, one.y, one.radius, aspect)
        found.append(HeadTrack(f"hand{k}", "hand", dict.fromkeys(numbers, head)))
    return found


def _released(job: AnonymiseJob, tracks: Sequence[HeadTrack]) -> dict[str, str]:
    """Track name -> who says that it is no face. FaceNotFound: no such track."""
    names = {track.name for track in tracks}
    for one in job.released:
        if one.track not in names:
            raise FaceNotFound(f"released {one.track}: no such track; there are {', '.join(sorted(names)) or 'none'}")
    return {one.track: one.by for one in job.released}


def _first_frame(plate: Plate, sweep: Sweep) -> Window:
    return plate.read(min(sweep.sightings)).display_window


def _stamp(
    jobs: tuple[AnonymiseJob, Job], plate: Plate, plan: Plan, new_face: NewFace, files: tuple[Path, Path]
) -> str:
    """Changes with whatever decides a pixel: clearances too, so that a revoked consent makes the frames anew.

    Args:
        files: the solve and the sightings.
    """
    job, work = jobs
    cleared = [
        [name, one.clearance.sha256, [[p.first, p.last, p.reason] for p in (one.scores.pieces if one.scores else ())]]
        for name, one in sorted(plan.clearing.tracks.items())
    ]
    choices = json.dumps(
        [job.method, job.settings.model_dump(mode="json"), cleared, sorted(plan.released.items()),
         [one.model_dump(mode="json") for one in job.covers], file_hash(files[1]), plate.colour_space,
         [one.sha256 for one in new_face[1]]]
    )  # fmt: skip
    return make_stamp(
        plate_key=plate.key,
        solve_file=files[0],
        stills=new_face[0],
        settings=work.settings,
        choices=("anonymise", choices),
    )


def _origin(jobs: tuple[AnonymiseJob, Job], plate: Plate, plan: Plan, new_face: NewFace, solve_file: Path) -> Origin:
    """What the frames are made from, for the manifest; its job is the anonymising one."""
    job, work = jobs
    cleared = tuple(one.clearance for _, one in sorted(plan.clearing.tracks.items()))
    asked = job.model_dump(mode="json", exclude={"frames", "overwrite", "stop_on_error", "device", "list", "sheet"})
    cast = Cast(new_face[0], (*new_face[1], *cleared), ())
    return replace(origin_of(work, plate, solve_file, cast), job=placed(asked))


def _made_already(output: str, number: int, stamp: str) -> bool:
    return Path(output).suffix.lower() not in MOVIES and valid_output(
        output_path(output, number), number=number, stamp=stamp
    )
