"""What a person sees while a command runs: bars, tables, one line a fault. Read by every command.

Progress and faults go to stderr, results to stdout. Without a terminal, or with --quiet, there are no bars; with
--progress-lines there are lines that a program reads, whatever stderr is.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from ff_vfx.door import ProgressCall
from ff_vfx.types.report import Report

_FAULTS_SHOWN = 20
_LINE_SECONDS = 0.1  # between two lines of a stage


@dataclass(frozen=True)
class Show:
    """How much to show."""

    quiet: bool = False
    debug: bool = False
    lines: bool = False
    out: Console = field(default_factory=lambda: Console(soft_wrap=True, highlight=False))
    err: Console = field(default_factory=lambda: Console(stderr=True, soft_wrap=True, highlight=False))

    def say(self, text: str) -> None:
        """One line for a person; silent with --quiet."""
        if not self.quiet:
            self.out.print(escape(text))

    def warn(self, text: str) -> None:
        """One line that matters even with --quiet."""
        self.err.print(escape(text), style="yellow")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A small table on stdout."""
        table = Table(title=escape(title) or None, title_justify="left")
        for name in columns:
            table.add_column(escape(name), overflow="fold")
        for row in rows:
            table.add_row(*(escape(str(value)) for value in row))
        self.out.print(table)

    @contextmanager
    def bars(self) -> Iterator[ProgressCall]:
        """A function the door calls with (stage, done, total); one bar a stage."""
        if self.lines:
            yield _Lines()
            return
        if self.quiet or not self.err.is_terminal:
            yield _ignore
            return
        columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.err, transient=True) as progress:
            tasks: dict[str, TaskID] = {}

            def advance(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = progress.add_task(stage, total=total)
                progress.update(tasks[stage], completed=done, total=total)

            yield advance

    def report(self, report: Report) -> None:
        """What happened, in a line, and each fault, in a line."""
        for fault in report.faults:
            self.warn(f"ff-vfx: {fault}")
        warnings = report.decisions.get("warnings")
        for warning in warnings if isinstance(warnings, list) else ():
            self.warn(f"ff-vfx: {warning}")
        faulty = [entry for entry in report.frames if entry.fault]
        for entry in faulty[:_FAULTS_SHOWN]:
            self.warn(f"ff-vfx: {entry.fault}")
        if len(faulty) > _FAULTS_SHOWN:
            self.warn(f"ff-vfx: and {len(faulty) - _FAULTS_SHOWN} more; see the report")
        if report.frames:
            self.say(summary(report))


class _Lines:
    """One line a step on stderr: 'progress STAGE DONE TOTAL'; at most ten a second, and each stage's last."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._last.get(stage, -1.0) < _LINE_SECONDS:
            return
        self._last[stage] = now
        print(f"progress {stage} {done} {total}", file=sys.stderr, flush=True)


def summary(report: Report) -> str:
    """'render: 14 rendered, 2 skipped; 12.3 s'."""
    words = {"rendered": "with a face", "passed": "without one"} if report.verb == "track" else {}
    counts: dict[str, int] = {}
    for entry in report.frames:
        counts[entry.outcome] = counts.get(entry.outcome, 0) + 1
    parts = ", ".join(f"{count} {words.get(outcome, outcome)}" for outcome, count in counts.items())
    seconds = report.times_ms.get("wall", 0.0) / 1000.0
    return f"{report.verb}: {parts}; {seconds:.1f} s"


def _ignore(stage: str, done: int, total: int) -> None:
    pass
