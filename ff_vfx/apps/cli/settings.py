"""`ff-vfx settings`: every knob with its unit and range, and what a preset holds."""

from __future__ import annotations

import json

import typer

from ff_vfx import door
from ff_vfx.apps.cli.files import settings_changes

app = typer.Typer(no_args_is_help=True, help="The knobs: docs/settings.md in the terminal.")


@app.command()
def schema() -> int:
    """The JSON schema of a settings file."""
    print(json.dumps(door.settings_schema(), indent=1))
    return 0


@app.command()
def show(
    preset: str = typer.Option("post", help="post or live."),
    settings: str = typer.Option("", help="A settings file on top.", show_default=False),
    changes: list[str] = typer.Option([], "--set", help="group.name=value on top.", show_default=False),
) -> int:
    """A preset in full, with changes on top: a settings file to start from."""
    print(door.make_settings(preset, settings_changes(settings, changes)).model_dump_json(indent=1))
    return 0
