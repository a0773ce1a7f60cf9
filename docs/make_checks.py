"""Writes the table of publish checks from the code: for pyblish beside its plugins, for people in docs/publish.md.

`make docs`. A test fails when one of them is stale.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from ff_vfx.door.publishing import delivery_checks

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "ff_vfx" / "apps" / "publish" / "plugins" / "checks.json"
PAGE = ROOT / "docs" / "publish.md"
_BEGIN, _END = "<!-- checks, made by `make docs` -->\n", "<!-- end of checks -->\n"


def table() -> str:
    """The plugins' table."""
    return json.dumps([asdict(info) for info in delivery_checks()], indent=1) + "\n"


def page() -> str:
    """The page with its table as the code has it."""
    text = PAGE.read_text()
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    lines = ["| check | what | keeps from | waivable | `--repair` |", "| --- | --- | --- | --- | --- |"]
    for one in delivery_checks():
        row = (f"`{one.name}`", one.title, one.guards, "yes" if one.waivable else "", one.repair)
        lines.append(f"| {' | '.join(row)} |")
    return before + _BEGIN + "\n".join(lines) + "\n" + _END + after


if __name__ == "__main__":
    TABLE.write_text(table())
    PAGE.write_text(page())
