"""Runs quality control over a shot: reads ahead, watches each face, holds what was measured against the limits.

Read by ff_vfx.door.quality. Three frames are held at once, whatever the shot's length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

from ff_vfx import __version__
from ff_vfx.door.outputs import MOVIES
from ff_vfx.door.overlap import share_cores
from ff_vfx.door.qc.compare import Comparer, comparers
from ff_vfx.door.qc.findings import file_findings
from ff_vfx.door.qc.frames import Eye, Seen
from ff_vfx.door.qc.inputs import Inputs, open_inputs
from ff_vfx.errors import FfVfxError
from ff_vfx.qc.measures.along import Flows, Way
from ff_vfx.qc.rules import curves_of, findings_of, over_time
from ff_vfx.qc.waivers import with_waivers
from ff_vfx.qc.watch import Measured, Watch
from ff_vfx.steady.flow import DenseFlow
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import QcReport
from ff_vfx.types.report import ProgressCall

_FLOW = "fine"


def judge_job(job: QcJob, *, progress: ProgressCall) -> QcReport:
    """See ff_vfx.door.judge."""
    share_cores()
    try:
        inputs = open_inputs(job)
        more = comparers(inputs)
    except FfVfxError as error:
        return QcReport(job, faults=(str(error),), version=__version__)
    shot = _Shot(inputs, more)
    facts: dict[str, object] = {"notes": [*inputs.notes, *(note for one in more for note in one.notes)]}
    try:
        for done, seen in enumerate(_ahead(shot.eye.see, inputs.numbers), 1):
            shot.add(seen)
            progress("qc", done, len(inputs.numbers))
    except KeyboardInterrupt:
        facts["interrupted"] = True
    return shot.report(facts)


class _Shot:
    """What is known of a shot so far."""

    def __init__(self, inputs: Inputs, more: Sequence[Comparer]) -> None:
        self.eye = Eye(inputs.made, inputs.plate, inputs.solve)
        self._inputs, self._more = inputs, more
        self._flows = flows_by_plate()
        self._watches: dict[str, Watch] = {}
        self._whole = Measured()
        self._seen: list[Seen] = []

    def add(self, seen: Seen) -> None:
        """The next frame; of it numbers alone are kept."""
        cuts = self._inputs.solve.cuts if self._inputs.solve else ()
        if not seen.fault:
            self._whole.add("negatives", seen.number, seen.negatives[0])
            self._whole.add("negative-depth", seen.number, seen.negatives[1])
            if seen.cut is not None:
                self._whole.add("cut", seen.number, seen.cut)
        for name, look in seen.looks.items():
            watch = self._watches.setdefault(name, Watch(self._flows, cuts))
            watch.add(look, seen.marks.get(name))
        for comparer in self._more:
            for key, value in comparer.compare(seen).items():
                self._whole.add(key, seen.number, value)
        self._seen.append(Seen(seen.number, seen.fault, seen.facts))

    def report(self, facts: dict[str, object]) -> QcReport:
        """Everything, held against the limits and the waivers."""
        inputs = self._inputs
        values = over_time([self._whole, *(watch.measured for watch in self._watches.values())])
        lossy = any(inputs.job.output.lower().endswith(kind) for kind in MOVIES)
        findings = [
            *file_findings(inputs, self._seen, lossy=lossy),
            *findings_of(values, inputs.limits, self._missing()),
        ]
        return QcReport(
            inputs.job,
            tuple(seen.number for seen in self._seen),
            tuple(with_waivers(finding, inputs.waivers, inputs.today) for finding in findings),
            curves_of(values, inputs.limits),
            version=__version__,
            facts={
                **facts,
                "limits": inputs.limits.model_dump(),
                "faces": sorted(self._watches),
                "gain": self.eye.gain,
            },
        )

    def _missing(self) -> dict[str, str]:
        """Check -> what it would have needed."""
        missing = {check: text for one in self._more for check, text in one.missing.items()}
        if self._inputs.solve is None:
            missing["track"] = "no solve is known; name it with --solve"
        if not any(seen.facts and seen.facts.generated for seen in self._seen):
            missing["matte-cut"] = "the files hold no layers of ours, so there is no matte to judge"
        if not self._watches:
            why = "no frame shows a new face" if any(seen.facts for seen in self._seen) else "no frame could be read"
            if not any(seen.facts and seen.facts.generated for seen in self._seen):
                why = "the files hold no matte and no solve is known, so where the face is nobody can say"
            for check in ("flicker", "pop", "slip", "colour-jump", "steadiness", "sharpness", "smear"):
                missing[check] = why
        return missing


def flows_by_plate() -> Flows:
    """Motion between two pictures, by the flow that steadying uses."""
    method = DenseFlow(_FLOW, 0.0)

    def flows(first: torch.Tensor, second: torch.Tensor) -> tuple[Way, Way]:
        on, back = method.between(method.picture(first), method.picture(second))
        return (on.there, on.error_px), (back.there, back.error_px)

    return flows


def _ahead(see: Callable[[int], Seen], numbers: Sequence[int]) -> Iterator[Seen]:
    """Each frame seen, in order, the next one read meanwhile."""
    with ThreadPoolExecutor(1, "ff-qc") as reader:
        waiting = reader.submit(see, numbers[0])
        for following in (*numbers[1:], None):
            seen = waiting.result()
            if following is not None:
                waiting = reader.submit(see, following)
            yield seen
