"""`ff-vfx info PATH`: what a plate, an EXR, a solve or a model is."""

from __future__ import annotations

import json

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show


def info(
    context: typer.Context,
    path: str = typer.Argument(help="Sequence pattern, movie, picture, solve or model.", show_default=False),
    plate_colour: str = typer.Option("", help="Colour space, when the file does not say.", show_default=False),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> int:
    """Say what a file or sequence holds: frames and holes, windows, channels, attributes, tracks."""
    show: Show = context.obj
    facts = door.info(path, plate_colour=plate_colour)
    if as_json:
        print(json.dumps(facts, indent=1, default=str))
        return 0
    rows: list[tuple[str, str]] = []
    for name, value in facts.items():
        if isinstance(value, dict):
            rows += [(f"{name}: {inner}", str(held)) for inner, held in value.items()]
        elif isinstance(value, list):
            rows.append((name, ", ".join(str(item) for item in value)))
        else:
            rows.append((name, str(value)))
    show.table(path, ("what", "value"), rows)
    return 0
