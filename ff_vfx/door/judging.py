"""Runs quality control over a shot. Read by ff_vfx.door.quality."""

from __future__ import annotations

from ff_vfx import __version__
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import QcReport
from ff_vfx.types.report import ProgressCall


def judge_job(job: QcJob, *, progress: ProgressCall) -> QcReport:
    """See ff_vfx.door.judge."""
    return QcReport(job, faults=("qc: its measures are not there yet",), version=__version__)
