"""Exit codes and what a report says about itself."""

import json

import pytest

from ff_vfx.types.report import FrameEntry, Report

GOOD, PASSED = FrameEntry(1, "rendered"), FrameEntry(2, "passed", decisions={"passed": "no face"})
BAD = FrameEntry(3, "failed", fault="frame 3: truncated")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report("render", (GOOD,)), 0),
        (Report("render", (GOOD, PASSED)), 0),
        (Report("render", (GOOD, BAD)), 3),
        (Report("render", (BAD, BAD)), 4),
        (Report("render", faults=("no plate",)), 2),
        (Report("render", (GOOD,), decisions={"interrupted": True}), 130),
        (Report("check"), 0),
    ],
)
def test_each_end_of_a_run_has_its_exit_code(report, code):
    assert report.exit_code == code


def test_a_report_is_plain_data_with_its_exit_code():
    data = json.loads(json.dumps(Report("render", (GOOD, BAD), {"wall": 1.0}).as_dict()))
    assert data["exit_code"] == 3 and data["frames"][1]["number"] == 3 and data["times_ms"] == {"wall": 1.0}


def test_the_failed_frames_can_be_asked_for():
    assert Report("render", (GOOD, BAD)).failed == (BAD,)
