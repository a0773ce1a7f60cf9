"""What happened, frame by frame, as plain data. Read by farms, hosts and people; loads neither torch nor numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

ProgressCall = Callable[[str, int, int], None]  # stage, done, of how many: called as a run goes on


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """One frame: outcome 'rendered' | 'passed' (plate unchanged, said why) | 'skipped' (valid on disk) | 'failed'.

    times_ms: stage name -> milliseconds. decisions: what was chosen and why. fault: error text, empty when none.
    """

    number: int
    outcome: str
    path: str = ""
    times_ms: dict[str, float] = field(default_factory=dict)
    decisions: dict[str, object] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. faults: what was wrong with the run as a whole. exit_code: see docs/reports.md."""

    verb: str
    frames: tuple[FrameEntry, ...] = ()
    times_ms: dict[str, float] = field(default_factory=dict)
    decisions: dict[str, object] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    version: str = ""

    @property
    def failed(self) -> tuple[FrameEntry, ...]:
        return tuple(f for f in self.frames if f.outcome == "failed")

    @property
    def exit_code(self) -> int:
        """0 all well; 2 could not start; 3 some frames failed or have a fault; 4 none was made; 130 interrupted."""
        if self.decisions.get("interrupted"):
            return 130
        if self.faults:
            return 2
        if self.frames and all(f.outcome == "failed" for f in self.frames):
            return 4
        return 3 if any(f.fault for f in self.frames) else 0

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "exit_code": self.exit_code}
