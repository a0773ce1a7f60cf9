"""Models at the door: where they are, which there are, how they get here. Read by ff_vfx.door.public."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from pathlib import Path

from ff_vfx.engine import EMBEDDED, list_models, models_folder, pull_embedded, read_manifest
from ff_vfx.engine.models.check import CheckedModel, check_model
from ff_vfx.engine.models.describe import About
from ff_vfx.engine.models.fetch import fetch_model
from ff_vfx.engine.models.install import add_model
from ff_vfx.engine.models.manifest import NAME
from ff_vfx.errors import BadInput

Say = Callable[[str], None]


def folder(given: str) -> str:
    """The model folder, as text."""
    return str(models_folder(given))


def listed(given: str) -> list[dict[str, object]]:
    """See ff_vfx.door.list_models."""
    return [asdict(state) for state in list_models(models_folder(given))]


def manifest(name: str, given: str) -> dict[str, object]:
    """See ff_vfx.door.show_model."""
    path = _manifest_path(name, given)
    model = read_manifest(path)
    return {**json.loads(model.as_json()), "path": str(path.parent.resolve() / model.file)}


def embedded_missing(given: str) -> bool:
    """See ff_vfx.door.missing_models; what is damaged counts as missing."""
    good = {state.name for state in list_models(models_folder(given)) if state.ok}
    return any(model.name not in good for model in EMBEDDED)


def pull(given: str, *, source: str, say: Say) -> str:
    """See ff_vfx.door.pull_models."""
    place = models_folder(given)
    pull_embedded(place, source=Path(source) if source else None, report=lambda what, part: say(what))
    return str(place)


def pull_one(name: str, given: str, *, source: str, say: Say) -> str:
    """See ff_vfx.door.pull_model."""
    path = _manifest_path(name, given)
    if not path.is_file():
        raise BadInput(f"models pull {name}: no manifest {path}; give `embedded`, a name, or the path of a manifest")
    return str(fetch_model(path, models_folder(given), source=source, say=say))


def add(file: str, about: Mapping[str, str] | None, given: str, *, say: Say) -> dict[str, object]:
    """See ff_vfx.door.add_model."""
    known = {field.name for field in fields(About)}
    if wrong := sorted(set(about or {}) - known):
        raise BadInput(f"models add {file}: '{wrong[0]}' is unknown; use {', '.join(sorted(known))}")
    needed = {field.name: "" for field in fields(About) if field.default is MISSING}
    wish = None if about is None else About(**{**needed, **about})
    added = add_model(Path(file), models_folder(given), wish, say)
    return manifest(added.name, given)


def checked(names: Sequence[str], given: str) -> list[dict[str, object]]:
    """See ff_vfx.door.check_models."""
    every = sorted(models_folder(given).glob("*.json"))
    return [_row(check_model(path)) for path in ([_manifest_path(n, given) for n in names] if names else every)]


def _row(model: CheckedModel) -> dict[str, object]:
    return {**asdict(model), "faults": list(model.faults)}


def _manifest_path(name: str, given: str) -> Path:
    """Of a model's name, or of a path to a manifest anywhere."""
    if name.lower().endswith(".json"):
        return Path(name)
    if not NAME.fullmatch(name):
        raise BadInput(f"model '{name}': is no name of a model; give a name, or the path of a manifest (.json)")
    return models_folder(given) / f"{name}.json"
