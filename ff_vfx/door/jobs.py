"""Jobs and settings from plain data, with errors that name the field. Loads neither torch nor numpy."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from ff_vfx.errors import BadInput
from ff_vfx.types.job import Job
from ff_vfx.types.settings import Settings, settings_from


def make_settings(preset: str = "", changes: Mapping[str, object] | None = None) -> Settings:
    """A preset with changes on top. An empty preset takes the changes' own `preset`, else `post`.

    Raises:
        BadInput: an unknown preset or field, or a value out of its range.
    """
    changes = {name: value for name, value in (changes or {}).items() if name != "preset" or not preset}
    return settings_from(preset or str(changes.get("preset", "post")), changes)


def make_job(data: Mapping[str, object], *, preset: str = "", changes: Mapping[str, object] | None = None) -> Job:
    """A job from a job file's data; its settings need only name what differs from their preset.

    Args:
        preset: wins over the file's. changes: settings that win over the file's.

    Raises:
        BadInput: an unknown field, or a value that does not fit; the message names it.
    """
    settings = data.get("settings", {})
    if not isinstance(settings, Mapping):
        raise BadInput(f"job: settings hold a {type(settings).__name__}; an object is needed")
    merged: dict[str, object] = dict(settings)
    for group, fields in (changes or {}).items():
        old = merged.get(group)
        merged[group] = {**old, **fields} if isinstance(old, Mapping) and isinstance(fields, Mapping) else fields
    try:
        return Job.model_validate({**data, "settings": make_settings(preset, merged)})
    except ValidationError as error:
        raise BadInput(f"job: {plain_errors(error)}") from error


def plain_errors(error: ValidationError) -> str:
    """A line a person can act on: 'plate: Field required; frmaes: Extra inputs are not permitted'."""
    return "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())


def settings_schema() -> dict[str, object]:
    """The JSON schema of a settings file."""
    return Settings.model_json_schema()
