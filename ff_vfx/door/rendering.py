"""The second pass at the door: a job's frames, read, computed and written at the same time, each with its own fate.

Read by ff_vfx.door.public. One frame's error is one entry; the others go on. Ctrl-C ends it between frames.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.door.auditing import Act, audited, made_from, names_of
from ff_vfx.door.cast import render_people
from ff_vfx.door.consent import ask, clear, cleared_told
from ff_vfx.door.labelled import movie_label, tracked_faces
from ff_vfx.door.networks.brought import check_networks, networks_told
from ff_vfx.door.outputs import MOVIES, FrameFiles, Movie, Output
from ff_vfx.door.work import Work, open_inputs, open_work, with_warnings
from ff_vfx.errors import FfVfxError, ModelError
from ff_vfx.image.label import Label
from ff_vfx.plate import output_path
from ff_vfx.types.job import Job
from ff_vfx.types.layers import Layers
from ff_vfx.types.report import FrameEntry, ProgressCall, Report
from ff_vfx.types.stopwatch import Stopwatch

FrameCall = Callable[[FrameEntry], None]


def render_job(job: Job, *, progress: ProgressCall, on_frame: FrameCall) -> Report:
    """See ff_vfx.door.render."""
    with audited("render", **names_of(job)) as act:
        return act.ends(_render_job(job, act, progress, on_frame))


def _render_job(job: Job, act: Act, progress: ProgressCall, on_frame: FrameCall) -> Report:
    start = time.perf_counter()
    try:
        work = open_work(job, progress)
    except FfVfxError as error:
        return Report("render", faults=(str(error),), version=__version__)
    except KeyboardInterrupt:
        return Report("render", decisions={"interrupted": True}, version=__version__)
    act.begins(**made_from(work.origin), solve_origin=work.decisions["solve_origin"])
    entries = Entries(len(work.numbers), progress, on_frame)
    interrupted = _render_all(work, entries)
    times = {**work.times_ms, **entries.totals(), "wall": (time.perf_counter() - start) * 1000.0}
    decisions = with_warnings(work.decisions, {"warnings": work.provenance.warnings})
    decisions |= {"interrupted": True} if interrupted else {}
    if job.stop_on_error and entries.failed:
        decisions["stopped"] = f"frame {min(entries.failed)} failed and the job says stop_on_error"
    return Report("render", entries.in_order(work.numbers), times, decisions, version=__version__)


class Entries:
    """What became of each frame so far; writers' threads add to it."""

    def __init__(self, total: int, progress: ProgressCall, on_frame: FrameCall) -> None:
        self._total, self._progress, self._on_frame = total, progress, on_frame
        self._entries: dict[int, FrameEntry] = {}
        self.failed: list[int] = []
        self._lock = threading.Lock()

    def add(self, entry: FrameEntry) -> None:
        with self._lock:
            self._entries[entry.number] = entry
            if entry.outcome == "failed":
                self.failed.append(entry.number)
            self._progress("render", len(self._entries), self._total)
            self._on_frame(entry)

    def in_order(self, numbers: tuple[int, ...]) -> tuple[FrameEntry, ...]:
        """The entries in the order asked for; frames never begun have none."""
        return tuple(self._entries[number] for number in numbers if number in self._entries)

    def totals(self) -> dict[str, float]:
        """Milliseconds of reading, computing and writing, over all frames."""
        names = ("read", "compute", "write")
        return {name: sum(entry.times_ms.get(name, 0.0) for entry in self._entries.values()) for name in names}


def _render_all(work: Work, entries: Entries) -> bool:
    """Every frame that is to be made, one after another, the writing behind; True when it was interrupted."""
    for number in work.numbers:
        if number not in work.todo:
            path, reason = output_path(work.job.output, number), "valid on disk, made from the same things"
            entries.add(FrameEntry(number, "skipped", str(path), decisions={"reason": reason}))
    if not work.people:
        return False
    is_movie = Path(work.job.output).suffix.lower() in MOVIES
    output: Output = (
        Movie(work.job, work.plate, entries.add, work.provenance, _label(work))
        if is_movie
        else FrameFiles(work.job, entries.add, failed_entry, work.provenance)
    )
    whole = False
    try:
        for number in work.in_order:
            made = _compute(work, number)
            if number in work.todo:
                output.put(*made)
            if work.job.stop_on_error and entries.failed:
                return False
        whole = True
    except KeyboardInterrupt:
        return True
    finally:
        work.reader.close()
        output.close(whole=whole)
    return False


def _label(work: Work) -> Label | None:
    """The visible label of the movie, off the faces, where the job has one."""
    return movie_label(work.job, work.plate.size, tracked_faces(work.people, work.numbers))


def _compute(work: Work, number: int) -> tuple[Layers | None, FrameEntry]:
    """The frame's layers and its entry so far; no layers when it failed."""
    entry = FrameEntry(number, "rendered", str(output_path(work.job.output, number)))
    watch, waited, start = Stopwatch(), work.reader.waited_ms, time.perf_counter()
    try:
        layers = render_people(work.people, number, watch)
        if work.invisible:
            layers = work.invisible.laid(layers)
    except Exception as error:  # noqa: BLE001  law 5: the others go on
        return None, failed_entry(entry, error)
    spent = (time.perf_counter() - start) * 1000.0 - (work.reader.waited_ms - waited)
    times = {**watch.times_ms, "read": work.reader.read_ms.get(number, 0.0), "compute": spent}
    outcome = "passed" if "passed" in layers.decisions else "rendered"
    return layers, replace(entry, outcome=outcome, times_ms=times, decisions=dict(layers.decisions))


def failed_entry(entry: FrameEntry, error: Exception) -> FrameEntry:
    """One frame's error as its entry; what is not ours is a bug, and its traceback goes into the report."""
    where = "" if str(entry.number) in str(error) else f"frame {entry.number}: "
    if isinstance(error, (FfVfxError, OSError)):
        return replace(entry, outcome="failed", fault=f"{where}{error}")
    what = f"unexpected {type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    fault = f"frame {entry.number}: {what}; a bug in ff-vfx, report it with this report"
    return replace(entry, outcome="failed", decisions={"traceback": trace}, fault=fault)


def check_job(job: Job) -> Report:
    """See ff_vfx.door.check."""
    from ff_vfx.door import models

    try:
        plate, numbers, roles = open_inputs(job)
        networks, cleared = check_networks(job, roles), clear(ask(job, roles))
        if models.embedded_missing(job.models):
            folder = models.folder(job.models)
            raise ModelError(f"models {folder}: the embedded set is not complete; run `ff-vfx models pull embedded`")
    except FfVfxError as error:
        return Report("check", faults=(str(error),), version=__version__)
    stills = [still.name for role in roles for still in role.stills]
    found = {"frames": len(numbers), "stills": stills, "colour_space": plate.colour_space}
    decisions = with_warnings(found, networks_told(networks), cleared_told(cleared))
    return Report("check", decisions=decisions, version=__version__)
