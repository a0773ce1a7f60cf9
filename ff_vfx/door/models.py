"""Models at the door: where they are, which there are, how they get here. Read by ff_vfx.door.public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from ff_vfx.engine import EMBEDDED, list_models, models_folder, pull_embedded, read_manifest


def folder(given: str) -> str:
    """The model folder, as text."""
    return str(models_folder(given))


def listed(given: str) -> list[dict[str, object]]:
    """See ff_vfx.door.list_models."""
    return [asdict(state) for state in list_models(models_folder(given))]


def manifest(name: str, given: str) -> dict[str, object]:
    """See ff_vfx.door.show_model."""
    return asdict(read_manifest(models_folder(given) / f"{name}.json"))


def embedded_missing(given: str) -> bool:
    """See ff_vfx.door.missing_models; what is damaged counts as missing."""
    good = {state.name for state in list_models(models_folder(given)) if state.ok}
    return any(model.name not in good for model in EMBEDDED)


def pull(given: str, *, source: str, say: Callable[[str], None]) -> str:
    """See ff_vfx.door.pull_models."""
    place = models_folder(given)
    pull_embedded(place, source=Path(source) if source else None, report=lambda what, part: say(what))
    return str(place)
