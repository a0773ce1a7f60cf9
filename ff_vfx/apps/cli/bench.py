"""`ff-vfx bench`: runs benchmarks/ of the clone, prints its tables, writes them as JSON. Never a test."""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

import ff_vfx
from ff_vfx.apps.cli.files import write_json
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput

_BENCHMARKS = Path(ff_vfx.__file__).resolve().parents[1] / "benchmarks"
_BY_SHOT = "time"  # the table that is too long for one: it is printed shot by shot
_PIPED_WIDTH = 150  # columns of text where there is no window whose width counts
Row = Mapping[str, object]


def bench(
    context: typer.Context,
    table: str = typer.Argument("", help="Only this table, the same as --only.", show_default=False),
    output: str = typer.Option("out/bench.json", "--output", "-o", help="Write the numbers here, JSON."),
    quick: bool = typer.Option(False, "--quick", help="Small and few: does it run at all."),
    only: str = typer.Option("", help="Only this table; empty: all.", show_default=False),
    docs: bool = typer.Option(False, "--docs", help="With `time`: put its page and pictures into docs/."),
) -> int:
    """Stage times as ratios within this run, quality and steadiness against ground truth, peak memory."""
    show: Show = context.obj
    entry, only = _BENCHMARKS / "run.py", only or table
    if not entry.is_file():
        raise BadInput(f"bench: {entry} is not there; benchmarks are part of the repository, run from a clone of it")
    if docs and (quick or only not in ("", _BY_SHOT)):
        raise BadInput("bench: --docs publishes a full run of the table `time`; leave --quick out, name `time`")
    if not show.out.is_terminal:
        show.out.width = _PIPED_WIDTH
    tables = runpy.run_path(str(entry))["run"](quick=quick, only=only)
    for name, rows in tables.items():
        for title, part in _parts(name, rows).items():
            _print(show, title, part)
    write_json(tables, output)
    show.say(f"written to {output}")
    if docs:
        show.say("published " + ", ".join(runpy.run_path(str(_BENCHMARKS / "time.py"))["publish"]()))
    return 0


def _parts(name: str, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Title -> rows of what is printed as one table."""
    if name != _BY_SHOT:
        return {name: list(rows)}
    parts: dict[str, list[Row]] = {}
    for row in rows:
        rest = {column: value for column, value in row.items() if column != "shot"}
        parts.setdefault(f"{name}: {row['shot']}", []).append(rest)
    return parts


def _print(show: Show, title: str, rows: Sequence[Row]) -> None:
    """Without the curves, which are for the file alone."""
    columns = list(dict.fromkeys(c for row in rows for c, value in row.items() if not isinstance(value, dict)))
    show.table(title, columns, [[_short(row.get(column, "")) for column in columns] for row in rows])


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
