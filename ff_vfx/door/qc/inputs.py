"""Opens all that quality control is to look at: result, plate, solve, limits, waivers. Read by judging.

What the job does not name is taken from the manifest beside the frames; what nobody names is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ff_vfx.door.linear import linear_plate, open_plate_to_render
from ff_vfx.door.manifests import read_manifest_of
from ff_vfx.door.tracking import solve_beside
from ff_vfx.errors import BadInput, TrustError
from ff_vfx.plate import open_plate, parse_frames
from ff_vfx.qc.checks import CHECKS as PUBLISH_CHECKS
from ff_vfx.qc.checks.quality import QUALITY
from ff_vfx.qc.limits import Limits, limits_from
from ff_vfx.qc.rules import RULES
from ff_vfx.qc.waivers import Waiver, waivers_from
from ff_vfx.track import load_solve
from ff_vfx.trust.manifest import ENDING
from ff_vfx.types.manifest import Manifest
from ff_vfx.types.plate import Plate
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.solve import Solve

FILE_CHECKS = ("frames", "finite", "matte-range", "matte-present", "plate-untouched")
CHECKS = (*FILE_CHECKS, *dict.fromkeys(rule.check for rule in RULES))
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """job: with what the manifest gave. made: the result, in the plate's colour space. numbers: frames to judge.

    passed: frames through which the plate went, as the manifest says; None: there is none to ask.
    """

    job: QcJob
    made: Plate
    plate: Plate
    solve: Solve | None
    previous: Plate | None
    numbers: Sequence[int]
    passed: frozenset[int] | None
    limits: Limits
    waivers: tuple[Waiver, ...]
    today: date
    notes: tuple[str, ...]


def open_inputs(job: QcJob) -> Inputs:
    """Everything, or why not.

    Raises:
        FfVfxError: something named is not there, or no plate is known; the message says what to name.
    """
    manifest, notes = _manifest(job.output)
    job = _filled(job, manifest)
    if not job.plate:
        raise BadInput(f"qc {job.output}: no manifest says which plate it was laid over; name it with --plate")
    plate = open_plate_to_render(job.plate, job.plate_colour)
    solve = load_solve(Path(job.solve), plate_key=plate.key) if job.solve else None
    known = sorted(manifest.frames) if manifest else list(plate.numbers)
    made = open_like(job.output, plate, known[0] if known else 1)
    passed = None
    if manifest:
        passed = frozenset(n for n, record in manifest.frames.items() if record.outcome == "passed")
    return Inputs(
        job=job,
        made=made,
        plate=plate,
        solve=solve,
        previous=open_like(job.previous, plate, known[0] if known else 1) if job.previous else None,
        numbers=parse_frames(job.frames, _expected(made, manifest)),
        passed=passed,
        limits=limits_from(_read(job.limits, "limits") if job.limits else {}, f"limits {job.limits}"),
        waivers=read_waivers(job.waivers),
        today=_day(job.today),
        notes=tuple(notes),
    )


def open_like(pattern: str, plate: Plate, first: int) -> Plate:
    """A result as a plate: an EXR in the plate's own space, a movie decoded. first: number of a movie's first frame."""
    if pattern.lower().endswith(".exr"):
        return open_plate(pattern, colour_space=plate.colour_space)
    return linear_plate(open_plate(pattern, first=first))


def read_waivers(path: str) -> tuple[Waiver, ...]:
    """The waivers of a file, for quality control and publish checks alike; none where no file is named.

    Raises:
        BadInput: it cannot be read, or a waiver is none.
    """
    publish = (
        check.name for check in PUBLISH_CHECKS if check.waivable and check.name != QUALITY
    )  # its limits one by one
    known = dict.fromkeys((*CHECKS, *publish))
    return waivers_from(_read(path, "waivers"), f"waivers {path}", tuple(known)) if path else ()


def _manifest(output: str) -> tuple[Manifest | None, list[str]]:
    try:
        return read_manifest_of(output), []
    except BadInput:
        if output.endswith(ENDING) or Path(output).is_dir():
            raise
        return None, []
    except TrustError as error:
        if output.endswith(ENDING) or Path(output).is_dir():
            raise
        return None, [f"its manifest is not believed: {error}"]


def _filled(job: QcJob, manifest: Manifest | None) -> QcJob:
    """The job with what the manifest says where it says nothing itself."""
    if not manifest or not manifest.frames:
        return job
    folder = Path(manifest.path).parent
    said = manifest.origins[next(iter(manifest.frames.values())).origin].job
    found = {"output": str(folder / manifest.pattern) if job.output != manifest.pattern else job.output}
    if not job.plate:
        found["plate"] = _there(str(said.get("plate") or ""), folder)
    if not job.plate_colour:
        found["plate_colour"] = str(said.get("plate_colour") or "")
    if not job.solve:
        beside = solve_beside(found["output"])
        named = str(said.get("solve") or "")
        there = [path for path in (Path(named), folder / named) if named and path.is_file()]
        found["solve"] = str(there[0] if there else beside if beside.is_file() else "")
    if not job.performer:
        found["performer"] = _there(str(said.get("performer") or ""), folder)
    return job.model_copy(update=found)


def _there(name: str, folder: Path) -> str:
    """A name as it was typed, or from the frames' folder where only that is there."""
    if name and not Path(name).is_absolute() and not Path(name).parent.exists() and (folder / name).parent.exists():
        return str(folder / name)
    return name


def _expected(made: Plate, manifest: Manifest | None) -> list[int]:
    """Frames that should be there: those on disk with the holes between, and those the manifest speaks of."""
    return sorted({*made.numbers, *(manifest.frames if manifest else ())})


def _read(path: str, what: str) -> Mapping[str, object]:
    """A JSON object from a file of sane size."""
    try:
        with open(path, "rb") as file:
            text = file.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise BadInput(f"{what} {path}: larger than a megabyte; that is no {what} file")
        data = json.loads(text)
    except OSError as error:
        raise BadInput(f"{what} {path}: {error.strerror}; check the path") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{what} {path}: not JSON ({error}); correct it there") from error
    if not isinstance(data, dict):
        raise BadInput(f"{what} {path}: holds a {type(data).__name__}; an object {{...}} is needed")
    return data


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError as error:
        raise BadInput(f"today {text}: no such day; write it as 2026-11-21") from error
