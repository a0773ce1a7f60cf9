"""Quality control within publish checks: the example shot passes whole, a planted pop is red, a waiver lets it pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx import door
from ff_vfx.apps.publish import plugins_folder
from ff_vfx.types.finding import Finding
from tests.apps.publish.made_delivery import Channels, Delivered, small_delivery
from tests.conftest import ROOT

POP = 1007


@pytest.fixture
def six_frames(rendered_example: Path, own_user: Path, tmp_path: Path) -> Delivered:
    """Enough of the shot to see a pop."""
    made = small_delivery(rendered_example, tmp_path / "out", range(1004, 1010))
    made.job = made.job.model_copy(update={"skip": ()})
    return made


def test_a_frame_that_pops_is_red_in_quality_alone_and_named(six_frames: Delivered):
    six_frames.pixels(POP, _darker)
    report = door.check_delivery(six_frames.job)
    (finding,) = [one for one in report.findings if one.stops]
    assert (finding.check, finding.frames) == ("quality", (POP,)), finding
    assert report.exit_code == 5 and "pop" in finding.values["limits"]  # type: ignore[operator]
    _waived(six_frames, finding)


def _waived(made: Delivered, finding: Finding) -> None:
    """The same once somebody has signed for it, and no longer once that has run out."""
    limits: Any = finding.values["limits"]
    entries = [
        {
            "check": name,
            "who": "Ada Supervisor",
            "why": "the lamp flickers there",
            "until": "2026-12-24",
            "frames": "1007",
        }
        for name in limits
    ]
    path = made.folder.parent / "waivers.json"
    path.write_text(json.dumps({"waivers": entries}))
    job = made.job.model_copy(update={"waivers": str(path), "today": "2026-12-01"})
    report = door.check_delivery(job)
    (quality,) = [one for one in report.findings if one.check == "quality"]
    assert quality.outcome == "waived" and "Ada Supervisor, until 2026-12-24" in quality.waiver and report.passed


_HOST = """
import sys, pyblish.api, pyblish.util
pyblish.api.register_host("shell")
context = pyblish.api.Context()
context.data["ffvfx"] = sys.argv[1]
pyblish.util.publish(context)
results = context.data["results"]
assert not {"ff_vfx", "torch", "numpy", "pydantic"} & set(sys.modules)
checks = [one["plugin"].check for one in results if hasattr(one["plugin"], "check")]
errors = [str(one["error"]) for one in results if one["error"]]
print(json.dumps([checks, errors, len(context[0].data["representations"])]))
"""


@pytest.mark.slow
def test_pyblish_in_a_host_that_loads_nothing_of_ours_finds_the_whole_example_shot_green(
    rendered_example: Path, own_user: Path, tmp_path: Path
):
    """As in a host: a fresh Python that has pyblish, the plugins' folder and the program."""
    made = small_delivery(rendered_example, tmp_path / "out", range(1001, 1017))
    environment = {**os.environ, "PYBLISHPLUGINPATH": plugins_folder(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", f"import json{_HOST}", made.job.output],
        env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    checks, errors, representations = json.loads(done.stdout.splitlines()[-1])
    assert errors == [] and representations == 3
    assert checks == [info.name for info in door.delivery_checks()]


def _darker(header: dict[str, object], channels: Channels) -> None:
    """The face a third of a stop down, where it is."""
    coverage = channels["ffFace.A"].astype(np.float32)
    for name in "RGB":
        plane = channels[name].astype(np.float32)
        channels[name] = np.where(coverage > 0, plane * (1.0 - 0.2 * coverage), plane).astype(np.float16)
