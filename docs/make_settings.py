"""Writes docs/settings.md from the code: `make docs`. A test fails when the page is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ff_vfx.types.settings import Settings, settings_from

PAGE = Path(__file__).with_name("settings.md")
_HEAD = """# Settings

Made by `make docs` from `ff_vfx/types/settings.py`; do not edit here.
Set one with `--set group.name=value`, many with `--settings FILE.json`; `ff-vfx settings show` prints them all.
`live` differs from `post` only where its column is filled.
"""


def page() -> str:
    """The whole page."""
    post, live = settings_from("post"), settings_from("live")
    parts = [_HEAD]
    for name in Settings.model_fields:
        group = getattr(post, name)
        if isinstance(group, BaseModel):
            parts.append(_table(name, group, getattr(live, name)))
    return "\n".join(parts)


def _table(name: str, post: BaseModel, live: BaseModel) -> str:
    lines = [f"## {name}", "", (type(post).__doc__ or "").strip(), ""]
    lines += ["| name | default | live | range | what |", "| --- | --- | --- | --- | --- |"]
    schema = type(post).model_json_schema()["properties"]
    for field in type(post).model_fields:
        default, other = getattr(post, field), getattr(live, field)
        changed = f"`{_text(other)}`" if other != default else ""
        what = schema[field].get("description", "").replace("|", "\\|")
        lines.append(f"| `{name}.{field}` | `{_text(default)}` | {changed} | {_range(schema[field])} | {what} |")
    return "\n".join([*lines, ""])


def _range(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_range(choice) for choice in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "boolean":
        return "`true`, `false`"
    if field.get("type") == "null":
        return "`null`"
    low = (
        f"{field['minimum']}"
        if "minimum" in field
        else f"> {field['exclusiveMinimum']}"
        if "exclusiveMinimum" in field
        else ""
    )
    high = (
        f"{field['maximum']}"
        if "maximum" in field
        else f"< {field['exclusiveMaximum']}"
        if "exclusiveMaximum" in field
        else ""
    )
    kind = "whole number" if field.get("type") == "integer" else ""
    return " ".join(part for part in (kind, f"{low} to {high}" if low and high else low or high) if part)


def _text(value: object) -> str:
    return (
        {True: "true", False: "false", None: "null"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
