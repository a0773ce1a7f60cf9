"""Anonymising at the door: everybody of a plate who is not cleared, covered on every frame. Read by door.anonymous.

Unlike in a render, a frame that fails is not written and the plate does not pass: it would publish a face. What was
seen, held and left open is in the inspection list.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ff_vfx import __version__
from ff_vfx.composite.anonymise import cover_of, covered, plane_treatment
from ff_vfx.door.hiding.files import write_all
from ff_vfx.door.hiding.inspection import inspection, write_list
from ff_vfx.door.hiding.inspection_sheet import write_sheet
from ff_vfx.door.hiding.plan import Ground, lay_ground
from ff_vfx.door.hiding.synthetic_faces import Synthetic, open_synthetic
from ff_vfx.door.outputs import MOVIES
from ff_vfx.door.pictures import shown
from ff_vfx.door.rendering import Entries, failed_entry
from ff_vfx.errors import FfVfxError, FrameBroken
from ff_vfx.plate import output_path, read_still
from ff_vfx.plate.beside import beside_treated
from ff_vfx.types.anonymise_job import AnonymiseJob
from ff_vfx.types.frame import Frame
from ff_vfx.types.layers import Layers
from ff_vfx.types.report import FrameEntry, ProgressCall, Report
from ff_vfx.types.stopwatch import Stopwatch

FrameCall = Callable[[FrameEntry], None]
METHOD, HEADS, CLEARED = "ffvfx/anonymised", "ffvfx/anonymised.heads", "ffvfx/anonymised.cleared"


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A job that can start. synthetic: who is given a new face; None for the other methods. marks: of every header."""

    ground: Ground
    synthetic: Synthetic | None
    marks: Mapping[str, str]


def anonymise_job(job: AnonymiseJob, *, progress: ProgressCall, on_frame: FrameCall) -> Report:
    """See ff_vfx.door.anonymise."""
    start = time.perf_counter()
    try:
        work = open_work(job, progress)
    except FfVfxError as error:
        return Report("anonymise", faults=(str(error),), version=__version__)
    except KeyboardInterrupt:
        return Report("anonymise", decisions={"interrupted": True}, version=__version__)
    ground = work.ground
    entries = Entries(len(ground.numbers), progress, on_frame)
    interrupted = write_all(ground, partial(_compute, work), entries)
    frames = entries.in_order(ground.numbers)
    decisions = {**_told(work), **({"interrupted": True} if interrupted else {})}
    faults: tuple[str, ...] = ()
    try:
        decisions |= _listed(work, frames)
    except (FfVfxError, OSError) as error:
        faults = (f"inspection list: {error}",)
    times = {**ground.times_ms, **entries.totals(), "wall": (time.perf_counter() - start) * 1000.0}
    return Report("anonymise", frames, times, decisions, faults, version=__version__)


def open_work(job: AnonymiseJob, progress: ProgressCall) -> Work:
    """Look at the whole plate, decide who is cleared, and see that everything can be written. Errors as lay_ground."""
    ground = lay_ground(job, progress)
    synthetic = open_synthetic(ground, progress) if job.method == "synthetic" and ground.todo else None
    cleared = "; ".join(
        f"{name}: {one.clearance.record_id}" for name, one in sorted(ground.plan.clearing.tracks.items())
    )
    return Work(ground, synthetic, {METHOD: job.method, CLEARED: cleared or "nobody"})


def _compute(work: Work, number: int) -> tuple[Layers | None, FrameEntry]:
    """The frame's layers and its entry so far; no layers when it failed, and then nothing is written of it."""
    ground = work.ground
    path = output_path(ground.job.output, number)
    entry = FrameEntry(number, "rendered", str(path))
    watch, start = Stopwatch(), time.perf_counter()
    try:
        if fault := ground.sweep.faults.get(number):
            raise FrameBroken(f"frame {number}: nobody could look for faces on it: {fault}")
        with watch.stage("read"):
            frame = ground.reader.read(number)
        layers = _layers(work, frame, watch)
    except Exception as error:  # noqa: BLE001  law 5: the others go on
        return None, _not_written(failed_entry(entry, error), path)
    times = {**watch.times_ms, "compute": (time.perf_counter() - start) * 1000.0}
    outcome = "passed" if "passed" in layers.decisions else "rendered"
    return layers, replace(entry, outcome=outcome, times_ms=times, decisions=dict(layers.decisions))


def _not_written(entry: FrameEntry, path: Path) -> FrameEntry:
    """The entry of a frame that failed; it warns of what an earlier run has left there."""
    if not path.is_file():
        return entry
    return replace(entry, fault=f"{entry.fault}; {path.name} there is of an earlier run: do not use it")


def _layers(work: Work, frame: Frame, watch: Stopwatch) -> Layers:
    """One frame with everybody covered who is not cleared."""
    ground = work.ground
    there = ground.plan.covered(frame.number)
    drawn, how = work.synthetic.faces(frame, there, watch) if work.synthetic else (None, {})
    rest = [head for track, head in there if how.get(track.name, "") != "synthetic"]
    method = "pixelate" if ground.job.method == "pixelate" else "blur"
    with watch.stage("cover"):
        picture = frame if drawn is None else drawn.picture(frame)
        cover = cover_of(rest, frame.data_window, ground.job.settings.cells)
        everything = (
            cover if drawn is None else cover_of([h for _, h in there], frame.data_window, ground.job.settings.cells)
        )
        beside, left_out = beside_treated(frame, plane_treatment(everything, frame.data_window, method))
        fused, window, coverage = covered(picture, cover, method), cover.window, cover.coverage
        if drawn is not None:
            fused, window, coverage = drawn.with_cover(frame, fused, cover)
    decisions: dict[str, object] = {
        "covered": {track.name: how.get(track.name, f"{method}: {head.state}") for track, head in there}
    }
    decisions |= {"left_out": left_out} if left_out else {}
    decisions |= {} if there else {"passed": "nobody is here who is not cleared"}
    attributes: dict[str, str | int | float] = {**work.marks, HEADS: len(there)}
    planes = {"ffMatte.red": coverage[0]}
    return Layers(beside, window, fused, coverage, planes, attributes=attributes, decisions=decisions)


def _told(work: Work) -> dict[str, object]:
    """What was decided for the whole shot."""
    ground = work.ground
    plan, tracks = ground.plan, ground.plan.tracks
    told: dict[str, object] = {"method": ground.job.method, "solve": str(ground.solve_file)}
    told |= {"tracks": len(tracks), "sightings": str(ground.sightings_file)}
    told["cleared"] = {name: one.clearance.record_id for name, one in sorted(plan.clearing.tracks.items())}
    warnings = [f"not cleared, so covered: {line}" for line in plan.clearing.refused] + list(ground.notes)
    warnings += ground.provenance.warnings
    open_gaps = [
        f"{t.name}: open in its gap {a}-{b}" for t in tracks for a, b in t.gaps if plan.outcome(t) == "covered"
    ]
    if warnings or open_gaps:
        told["warnings"] = list(dict.fromkeys(warnings + open_gaps))
    return told


def _listed(work: Work, frames: tuple[FrameEntry, ...]) -> dict[str, object]:
    """Write the inspection list and its sheet; gives where they are, and what to look at first."""
    ground = work.ground
    listed = inspection(ground.plan, ground.sweep, ground.shot)
    listed["of_frames"] = {
        str(e.number): {"outcome": e.outcome, "fault": e.fault, "covered": e.decisions.get("covered", {})}
        for e in frames
    }
    write_list(listed, ground.list_file)
    told: dict[str, object] = {"list": str(ground.list_file), "look_first": listed["look_first"]}
    if ground.job.sheet:
        write_sheet(ground.plan, listed, Path(ground.job.sheet), ground.shot.display, partial(_pictures, ground))
        told["sheet"] = ground.job.sheet
    return told


def _pictures(ground: Ground, number: int) -> list[np.ndarray]:
    """The plate's frame and the result's, as they would be looked at; what cannot be read is left out."""
    found: list[np.ndarray] = []
    stops, pattern = ground.solve.exposure_stops, ground.job.output
    try:
        found.append(shown(ground.plate.read(number), stops))
        if Path(pattern).suffix.lower() not in MOVIES:
            made = read_still(output_path(pattern, number), colour_space=ground.plate.colour_space)
            found.append(shown(made, stops))
    except FfVfxError:
        pass  # a frame that failed has no picture
    return found
