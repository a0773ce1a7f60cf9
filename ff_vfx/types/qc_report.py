"""What quality control measured and found, as plain data. Read by publish checks, the page and the command line.

Loads neither torch nor numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ff_vfx.types.finding import Finding
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Curve:
    """One measure over a shot.

    check: the finding it belongs to. words: what it says to a person. values: frame -> value; a frame that could not be
    judged is absent. least, most: the limits; None: no limit on that side.
    """

    check: str
    words: str
    unit: str
    values: Mapping[int, float]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class QcReport(Verdict):
    """A shot, judged. job: with what the manifest gave filled in. numbers: the frames judged.

    findings: one a check, in the order of docs/qc.md. faults: what kept it from starting, in words.
    """

    job: QcJob
    numbers: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    curves: tuple[Curve, ...] = ()
    faults: tuple[str, ...] = ()
    version: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        told = {
            "findings": [asdict(finding) for finding in self.findings],
            "curves": [asdict(curve) for curve in self.curves],
        }
        rest = {"numbers": list(self.numbers), "faults": list(self.faults), "version": self.version}
        verdict = {"verb": "qc", "passed": self.passed, "exit_code": self.exit_code}
        return {**verdict, "job": self.job.model_dump(mode="json"), **rest, "facts": dict(self.facts), **told}
