"""Reading, computing and writing at once: the wall time of a whole job against the slowest of the three alone.

`wall/slowest` is what counts; below 1.25 is good. Times are of the example shot, its frames repeated forth and back.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from ff_vfx import door

SHOT = Path(__file__).resolve().parents[1] / "examples" / "s010"


def rows(quick: bool) -> list[dict[str, object]]:
    """One row a preset."""
    count = 8 if quick else 48
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        plate = long_plate(Path(folder), count)
        for preset in ("live", "post"):
            job = door.make_job(
                {
                    "plate": plate,
                    "performer": str(SHOT / "performer"),
                    "output": f"{folder}/{preset}.####.exr",
                    "solve": f"{folder}/solve.json",
                },
                preset=preset,
            )
            if not found:
                door.track(job)
            report = door.render(job)
            times = report.times_ms
            busy = {name: times[name] / 1000.0 for name in ("read", "compute", "write")}
            wall = (times["wall"] - times["open"] - times["track"] - times["prepare"]) / 1000.0
            slowest = max(busy.values())
            found.append(
                {
                    "preset": preset,
                    "frames": count,
                    **{f"{k} s": v for k, v in busy.items()},
                    "wall/slowest": wall / slowest,
                }
            )
    return found


def long_plate(folder: Path, count: int) -> str:
    """A plate of `count` frames from the example's sixteen, forth and back, so that nothing jumps."""
    there = list(range(1001, 1017))
    cycle = there + there[-2:0:-1]
    for k in range(count):
        (folder / f"plate.{1001 + k}.exr").symlink_to(SHOT / f"plate.{cycle[k % len(cycle)]}.exr")
    return str(folder / "plate.####.exr")
