"""A small finished sequence, written the way a render writes one, without a network in it. Read by tests of trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ff_vfx.door.cast import roles_of
from ff_vfx.door.consent import ask, clear
from ff_vfx.door.outputs import MOVIES, FrameFiles, Movie
from ff_vfx.door.provenance import Provenance, cast_of, origin_of
from ff_vfx.door.stamp import file_hash
from ff_vfx.plate import open_plate
from ff_vfx.types.job import Job
from ff_vfx.types.report import FrameEntry
from ff_vfx.types.settings import settings_from
from ff_vfx.types.window import Window
from tests.conftest import ROOT
from tests.plate.making import layers_of, untouched, write_exr

STILL = ROOT / "examples" / "s010" / "performer" / "still_0.exr"
STAMP = "ab" * 16


def made_plate(folder: Path, numbers: Sequence[int], **header: Any) -> str:
    """Plate frames of 32x24; gives their pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = folder / f"plate.{number}.exr"
        write_exr(path, size=(32, 24), colorInteropID="lin_ap1_scene", framesPerSecond=Fraction(24), **header)
    return str(folder / "plate.####.exr")


def job_of(folder: Path, numbers: Sequence[int], **changes: Any) -> Job:
    """A job whose plate is made anew unless it is there."""
    plate = str(folder / "plate" / "plate.####.exr")
    if not (folder / "plate").is_dir():
        made_plate(folder / "plate", numbers)
    output = folder / "out" / "comp.####.exr"
    output.parent.mkdir(exist_ok=True)
    solve = folder / "shot.ffsolve.json"
    solve.write_text("{}")
    given = {"plate": plate, "performer": str(STILL), "output": str(output), "solve": str(solve)}
    return Job(**{**given, **changes})


def render(
    job: Job, numbers: Sequence[int], *, passed: Sequence[int] = (), stamp: str = STAMP
) -> tuple[dict[int, FrameEntry], Provenance]:
    """Write the frames; gives what became of each. passed: those where the plate goes through."""
    plate = open_plate(job.plate)
    roles = roles_of(job)
    cast = cast_of(roles, clear(ask(job, roles)), ())
    provenance = Provenance(job, origin_of(job, plate, Path(job.solve), cast), stamp)
    told: dict[int, FrameEntry] = {}

    def tell(entry: FrameEntry) -> None:
        told[entry.number] = entry

    def failed(entry: FrameEntry, error: Exception) -> FrameEntry:
        return replace(entry, outcome="failed", fault=str(error))

    is_movie = Path(job.output).suffix in MOVIES
    output = Movie(job, plate, tell, provenance) if is_movie else FrameFiles(job, tell, failed, provenance)
    for number in numbers:
        frame = plate.read(number)
        layers = untouched(frame) if number in passed else layers_of(frame, Window(4, 4, 20, 16))
        decisions = {"passed": "no face"} if number in passed else {}
        entry = FrameEntry(number, "passed" if number in passed else "rendered", job.output)
        output.put(replace(layers, attributes={}, decisions=decisions), entry)
    output.close(whole=True)
    return told, provenance


def settings(**output: Any):
    return settings_from("post", {"output": output})


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: file_hash(path) for path in sorted(folder.iterdir())}
