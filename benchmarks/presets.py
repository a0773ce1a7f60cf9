"""What a frame costs in `live` and in `post`, stage by stage, tracking included, in one run; live should be a third.

Steadying in live (flow and votes) should cost less than reading and fusing a frame: see `steadying / read + fuse`.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from ff_vfx import door

SHOT = Path(__file__).resolve().parents[1] / "examples" / "s010"
Row = dict[str, object]
_STAGES = ("read", "fuse", "flow", "steady", "composite")


def rows(quick: bool) -> list[Row]:
    """One row a preset, ms a frame; the last says how many times as fast live is."""
    frames = "1001-1006" if quick else ""
    with tempfile.TemporaryDirectory() as folder:
        made = [_preset(name, frames, Path(folder)) for name in ("post", "live")]
    post, live = (float(str(row["compute + track"])) for row in made)
    return [*made, {"preset": "post / live", "compute + track": round(post / live, 2)}]


def _preset(name: str, frames: str, folder: Path) -> Row:
    job = door.make_job(
        {
            "plate": str(SHOT / "plate.####.exr"),
            "performer": str(SHOT / "performer"),
            "output": str(folder / f"{name}.####.exr"),
            "solve": str(folder / f"{name}.ffsolve.json"),
            "frames": frames,
        },
        preset=name,
    )
    start = time.perf_counter()
    door.track(job)
    track = (time.perf_counter() - start) * 1e3 / len(list(SHOT.glob("plate.*.exr")))
    report = door.render(job)
    if report.exit_code:
        return {"preset": name, "fault": "; ".join(report.faults)}
    count = len(report.frames)
    spent = {stage: sum(f.times_ms.get(stage, 0.0) for f in report.frames) / count for stage in _STAGES}
    computing = sum(f.times_ms.get("compute", 0.0) for f in report.frames) / count
    steadying = (spent["flow"] + spent["steady"]) / (spent["read"] + spent["fuse"])
    return {
        "preset": name,
        "track": round(track, 1),
        **{stage: round(ms, 1) for stage, ms in spent.items()},
        "compute + track": round(computing + track, 1),
        "steadying / read + fuse": round(steadying, 2),
    }
