"""Runs the tables of this folder: every other module here is one, and has `rows(quick) -> list of plain dicts`.

Read by `ff-vfx bench`. Times are ratios against something measured in the same run; they gate nothing.
"""

from __future__ import annotations

import platform
import runpy
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.errors import BadInput

Row = dict[str, object]


def run(*, quick: bool = False, only: str = "") -> dict[str, list[Row]]:
    """Table name -> its rows; first the machine, so that a saved file can be compared with another.

    Args:
        quick: each table does the least that shows it works. only: one table's name.

    Raises:
        BadInput: no such table.
    """
    tables = {
        path.stem: path for path in sorted(Path(__file__).parent.glob("*.py")) if path.name != Path(__file__).name
    }
    if only and only not in tables:
        raise BadInput(f"bench: no table '{only}'; there are {', '.join(tables)}")
    results: dict[str, list[Row]] = {"machine": [_machine()]}
    for name, path in tables.items():
        if only in ("", name):
            results[name] = runpy.run_path(str(path))["rows"](quick)
    return results


def _machine() -> Row:
    import cv2
    import torch

    return {
        "ff-vfx": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "opencv": cv2.__version__,
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
    }
