"""Quality control within publish checks: the example shot passes whole, a planted pop is red, a waiver lets it pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx import door
from ff_vfx.types.finding import Finding
from tests.apps.publish.made_delivery import Channels, Delivered, small_delivery

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


@pytest.mark.slow
def test_pyblish_without_a_window_finds_the_example_shot_all_green(
    rendered_example: Path, publish: Callable[..., Any], own_user: Path, tmp_path: Path
):
    made = small_delivery(rendered_example, tmp_path / "out", range(1001, 1017))
    made.job = made.job.model_copy(update={"skip": (), "frames": ""})
    results = publish(made, process=True).data["results"]
    assert [str(one["error"]) for one in results if one["error"]] == []
    validators = [one["plugin"] for one in results if hasattr(one["plugin"], "check")]
    assert len(validators) == len(door.delivery_checks())


def _darker(header: dict[str, object], channels: Channels) -> None:
    """The face a third of a stop down, where it is."""
    coverage = channels["ffFace.A"].astype(np.float32)
    for name in "RGB":
        plane = channels[name].astype(np.float32)
        channels[name] = np.where(coverage > 0, plane * (1.0 - 0.2 * coverage), plane).astype(np.float16)
