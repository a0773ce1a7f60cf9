"""The examples run as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import OpenEXR
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("one_call.py", ["fused.1001.exr", "fused.1006.exr"]),
        ("stages_by_hand.py", ["hand.1001.exr", "hand.1006.exr"]),
        ("own_parts.py", ["mirror.1016.exr"]),
    ],
)
def test_each_example_writes_what_it_says(script, files, models_in_use, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "examples" / script), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    for name in files:
        channels = OpenEXR.File(str(tmp_path / "out" / name), separate_channels=True).channels()
        assert {"R", "G", "B", "A", "ffMatte.red"} <= set(channels)
        assert channels["ffMatte.red"].pixels.max() > 0.9


def test_the_example_shot_is_whole_and_small(example_shot):
    names = {path.name for path in example_shot.glob("plate.*.exr")}
    assert names == {f"plate.{number}.exr" for number in range(1001, 1017)}
    assert (example_shot / "CREDITS.md").is_file() and (example_shot / "LICENSE-ICT-FaceKit").is_file()
    assert sum(path.stat().st_size for path in example_shot.rglob("*") if path.is_file()) < 25_000_000
