"""`ff-vfx mark`: the invisible mark, looked for in what became of a shot; the studio's key, made."""

from __future__ import annotations

import json

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show

app = typer.Typer(no_args_is_help=True, help="The invisible mark: find it in a picture or movie; make a studio's key.")
_NONE = 3


@app.command()
def find(
    context: typer.Context,
    path: str = typer.Argument(help="Movie, picture or pattern of a sequence.", show_default=False),
    made_px: int = typer.Option(
        0, "--made-px", min=0, help="Width as it was rendered, px; needed where it was cut.", show_default=False
    ),
    frames: str = typer.Option("", help="Which to look at; empty: 16 spread over it.", show_default=False),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> int:
    """Look for the invisible mark; 3 where there is none."""
    show: Show = context.obj
    found = door.find_mark(path, made_px=made_px, frames=frames)
    if as_json:
        print(json.dumps(found))
    else:
        show.say(_line(found))
    return 0 if found["present"] else _NONE


@app.command()
def key(context: typer.Context) -> int:
    """Make this user's studio key; copy it to the machines that render, keep it from everybody else."""
    show: Show = context.obj
    path, known_by = door.new_mark_key()
    show.say(f"{path}: key {known_by}")
    return 0


def _line(found: dict[str, object]) -> str:
    if not found["present"]:
        return "no invisible mark that can be told from chance"
    chance = f"{found['key']} key; the chance of a false alarm is {found['false_alarm']:.0e}"
    if not found["payload"]:
        return f"there is an invisible mark, too faint to be read ({chance})"
    cut = "; the picture was cut or moved" if found["cut"] else ""
    return f"invisible mark {found['payload']} ({chance}{cut}): stamp and ProduceID of its render begin so"
