"""Writes what parity measured between the marks of docs/engines.md. Read by the parity command."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engines.parity import Row, as_table

DOCS = Path(__file__).resolve().parents[1] / "docs" / "engines.md"
_FIRST = {"kinds": "kind", "real": "network", "embedded": "network"}
_PACKAGES = ("torch", "onnxruntime", "onnxruntime-gpu", "opencv-python-headless", "tensorrt", "ai-edge-litert")


def tables(rows: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """Each table that has rows, with the versions it was measured with."""
    said = f"Measured with {_versions()} on {platform.machine()}.\n\n"
    return {name: said + as_table(table, _FIRST[name]) for name, table in rows.items() if table}


def write_tables(rows: Mapping[str, Sequence[Row]], path: Path = DOCS) -> Path:
    """Each table in its place; one without rows leaves what an earlier run wrote."""
    text = path.read_text(encoding="utf-8")
    for name, table in tables(rows).items():
        first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(first)
        _, _, after = rest.partition(last)
        text = f"{before}{first}\n{table}\n{last}{after}"
    path.write_text(text, encoding="utf-8")
    return path


def _versions() -> str:
    found = []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
