"""`ff-vfx models`: which networks there are, how they get here, if they are right. Only `pull` uses the network."""

from __future__ import annotations

import json

import typer

from ff_vfx import door
from ff_vfx.apps.cli.show import Show

app = typer.Typer(no_args_is_help=True, help="The networks ff-vfx uses: a file and a manifest each.")
_FOLDER = typer.Option("", "--models", help="Model folder; empty: the user's.", show_default=False)
_JSON = typer.Option(False, "--json", help="Print JSON.")
_REFUSED = 2


@app.command("list")
def list_(context: typer.Context, models: str = _FOLDER, as_json: bool = _JSON) -> int:
    """What is in the model folder, and whether it is what it should be."""
    show: Show = context.obj
    found = door.list_models(models)
    if as_json:
        print(json.dumps(found, indent=1))
        return 0
    if not found:
        show.say(f"{door.models_folder(models)}: no models; get them with `ff-vfx models pull embedded`")
        return 0
    columns = ("name", "kind", "licence", "allowed use", "runtime", "size", "state")
    show.table(door.models_folder(models), columns, [_row(model) for model in found])
    return 0


@app.command()
def add(
    context: typer.Context,
    file: str = typer.Argument(help="ONNX or safetensors file, or a ready manifest.", show_default=False),
    kind: str = typer.Option("", help="What it is for, when --like does not say.", show_default=False),
    licence: str = typer.Option("", help="SPDX identifier of its licence.", show_default=False),
    use: str = typer.Option("", help="any, non-commercial or research.", show_default=False),
    origin: str = typer.Option("", help="Where it comes from, for people.", show_default=False),
    name: str = typer.Option("", help="Its name here; empty: the file's.", show_default=False),
    like: str = typer.Option("", help="The known layout it has: docs/models.md.", show_default=False),
    template: str = typer.Option("", help="Alignment of faces; empty: the layout's; or none.", show_default=False),
    url: str = typer.Option("", help="Where others may pull it from.", show_default=False),
    matrix: str = typer.Option("", help="Swappers: initializer for the identity; or none.", show_default=False),
    recogniser: str = typer.Option("", help="Swappers: the model whose embedding it takes.", show_default=False),
    models: str = _FOLDER,
) -> int:
    """Describe a network, check it, and put it with its manifest into the model folder."""
    show: Show = context.obj
    given = {
        "kind": kind, "licence": licence, "use": use, "origin": origin, "name": name, "like": like,
        "template": template, "url": url, "matrix": matrix, "recogniser": recogniser,
    }  # fmt: skip
    about = {key: value for key, value in given.items() if value}
    ready = file.lower().endswith(".json") and not about
    added = door.add_model(file, None if ready else about, models, say=show.say)
    show.say(f"{added['name']}: {added['kind']}, {added['licence']}, {_use(added)}: {added['path']}")
    return 0


@app.command()
def check(
    context: typer.Context,
    names: list[str] = typer.Argument(None, help="Models, or manifests; none: all.", show_default=False),
    models: str = _FOLDER,
    as_json: bool = _JSON,
) -> int:
    """Hold each model against its manifest: hash, shapes, types, operators, and one run on zeros."""
    show: Show = context.obj
    found = door.check_models(names or (), models)
    if as_json:
        print(json.dumps(found, indent=1))
    elif not found:
        show.say(f"{door.models_folder(models)}: no models to check")
    for model in [] if as_json else found:
        faults = model["faults"] if isinstance(model["faults"], list) else []
        print(f"{model['name']}: {'; '.join(faults) or f'ok, {_use(model)}' + _more(model)}")
    return 0 if all(model["ok"] for model in found) else _REFUSED


@app.command()
def pull(
    context: typer.Context,
    what: str = typer.Argument(help="embedded, a model's name, or a manifest.", show_default=False),
    source: str = typer.Option("", "--from", help="Take it from this folder, file, wheel or URL.", show_default=False),
    models: str = _FOLDER,
) -> int:
    """Fetch a manifest's file from its url, or the embedded models; go on where it broke off, and verify."""
    show: Show = context.obj
    if what == "embedded":
        folder = door.pull_models(models, source=source, say=show.say)
        show.say(f"models are in {folder}")
        return 0
    show.say(f"{door.pull_model(what, models, source=source, say=show.say)} is here")
    return 0


@app.command("show")
def show_(context: typer.Context, name: str, models: str = _FOLDER) -> int:
    """One model's manifest, as JSON, and where its file lies."""
    print(json.dumps(door.show_model(name, models), indent=1))
    return 0


def _row(model: dict[str, object]) -> list[object]:
    size = model.get("size_bytes")
    shown = f"{size / 1e6:.1f} MB" if isinstance(size, int) and size else ""
    state = "ok" if model.get("ok") else model.get("reason", "")
    use = model.get("allowed_use", "")
    return [*(model.get(key, "") for key in ("name", "kind", "licence")), use, model.get("runtime", ""), shown, state]


def _use(model: dict[str, object]) -> str:
    use = model.get("allowed_use")
    return "any use" if use == "any" else f"{use} use only"


def _more(model: dict[str, object]) -> str:
    return f"; {model['facts']}" if model.get("facts") else ""
