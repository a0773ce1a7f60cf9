"""The example shot against its committed ground truth: error as a part of the untouched plate's."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a file by `ff-vfx bench`

from benchmarks.truth.measures import detail_error, full_error, read_rgb  # noqa: E402
from ff_vfx import door  # noqa: E402

Row = dict[str, object]
_FRAMES = (1001, 1006, 1011, 1016)


def rows(quick: bool) -> list[Row]:
    """One row a frame and skin tone."""
    made: list[Row] = []
    for tone in (0.0,) if quick else (0.0, 1.0):
        with tempfile.TemporaryDirectory() as folder:
            made += _rendered(Path(folder), tone, _FRAMES[:1] if quick else _FRAMES)
    return made


def _rendered(folder: Path, tone: float, frames: tuple[int, ...]) -> list[Row]:
    shot = ROOT / "examples" / "s010"
    job = {
        "plate": str(shot / "plate.####.exr"),
        "performer": str(shot / "performer"),
        "output": str(folder / "comp.####.exr"),
        "frames": ",".join(map(str, frames)),
        "settings": {"composite": {"skin_tone": tone}},
    }
    report = door.render(door.make_job(job))
    if report.exit_code:
        return [{"skin_tone": tone, "fault": "; ".join(report.faults)}]
    parts = np.load(shot / "truth" / "parts.npz")
    found: list[Row] = []
    for number in frames:
        face = torch.from_numpy(parts[f"truth_face_{number}"]).float()[None]
        truth, plate = read_rgb(shot / "truth" / f"truth.{number}.exr"), read_rgb(shot / f"plate.{number}.exr")
        ours = read_rgb(folder / f"comp.{number}.exr")
        row: Row = {"skin_tone": tone, "frame": number}
        for name, error in (("detail / plate's", detail_error), ("all / plate's", full_error)):
            row[name] = error(ours, truth, face) / error(plate, truth, face)
        found.append(row)
    return found
