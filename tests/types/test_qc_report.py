"""Tests of the verdict of quality control as plain data."""

import json

import pytest

from ff_vfx.types.finding import Finding
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import Curve, QcReport

JOB = QcJob(output="comp.####.exr")


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (QcReport(JOB, findings=(Finding("pop", "passed", ""), Finding("track", "skipped", ""))), 0),
        (QcReport(JOB, findings=(Finding("pop", "waived", ""),)), 0),
        (QcReport(JOB, findings=(Finding("pop", "passed", ""), Finding("smear", "failed", ""))), 5),
        (QcReport(JOB, faults=("no plate",)), 2),
        (QcReport(JOB, findings=(Finding("smear", "failed", ""),), facts={"interrupted": True}), 130),
    ],
)
def test_every_end_has_its_code(report, code):
    assert report.exit_code == code
    assert report.as_dict()["exit_code"] == code


def test_it_is_plain_data_that_json_can_hold():
    curve = Curve("pop", "tone", "stops", {1001: 0.5}, most=0.01)
    data = json.loads(
        json.dumps(QcReport(JOB, (1001,), (Finding("pop", "failed", "it pops", (1001,)),), (curve,)).as_dict())
    )
    assert data["findings"][0]["frames"] == [1001]
    assert data["curves"][0]["values"] == {"1001": 0.5}
    assert data["job"]["output"] == "comp.####.exr"
