"""`ff-vfx bench`: runs benchmarks/ of the clone, prints its tables, writes them as JSON. Never a test."""

from __future__ import annotations

import runpy
from pathlib import Path

import typer

import ff_vfx
from ff_vfx.apps.cli.files import write_json
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput

_BENCHMARKS = Path(ff_vfx.__file__).resolve().parents[1] / "benchmarks"


def bench(
    context: typer.Context,
    output: str = typer.Option("out/bench.json", "--output", "-o", help="Write the numbers here, JSON."),
    quick: bool = typer.Option(False, "--quick", help="Small and few: does it run at all."),
    only: str = typer.Option("", help="Only this table; empty: all.", show_default=False),
) -> int:
    """Stage times as ratios within this run, quality against ground truth, peak memory."""
    show: Show = context.obj
    entry = _BENCHMARKS / "run.py"
    if not entry.is_file():
        raise BadInput(f"bench: {entry} is not there; benchmarks are part of the repository, run from a clone of it")
    tables = runpy.run_path(str(entry))["run"](quick=quick, only=only)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        show.table(name, columns, [[_short(row.get(column, "")) for column in columns] for row in rows])
    write_json(tables, output)
    show.say(f"written to {output}")
    return 0


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
