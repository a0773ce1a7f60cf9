"""How still a face is held over time, against exact truth: every shot, every mode, and a verdict that a smear fails.

Run by `ff-vfx bench time`. Beside the rows it leaves a page and pictures in out/time; `publish` puts them into docs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from benchmarks.steadiness.shots import judge_all  # noqa: E402
from benchmarks.steadiness.table import rows_of  # noqa: E402

Row = dict[str, object]
_OUT, _DOCS = ROOT / "out" / "time", ROOT / "docs"


def rows(quick: bool) -> list[Row]:
    """One row a shot and mode; page and pictures in out/time, in full runs and quick ones alike."""
    from benchmarks.steadiness.page import write_page
    from benchmarks.steadiness.pictures import draw_curves, draw_sheet

    judged, skipped = judge_all(quick)
    (_OUT / "pictures").mkdir(parents=True, exist_ok=True)
    draw_curves(judged, _OUT / "pictures" / "time_curves.png")
    draw_sheet(judged, _OUT / "pictures" / "time_shots.jpg")
    write_page(judged, skipped, _OUT / "time.md")
    return [row for one in judged for row in rows_of(one)]


def publish() -> list[str]:
    """Puts the last run's page and pictures into docs; their paths."""
    made = [path for path in sorted(_OUT.rglob("*")) if path.is_file()]
    for path in made:
        shutil.copyfile(path, _DOCS / path.relative_to(_OUT))
    return [str((_DOCS / path.relative_to(_OUT)).relative_to(ROOT)) for path in made]
