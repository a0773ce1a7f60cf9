"""Quality control for publish checks: what it finds, but for what other checks own. Read by checking."""

from __future__ import annotations

from ff_vfx.door.delivery.gathering import Gathered
from ff_vfx.door.qc.inputs import FILE_CHECKS
from ff_vfx.door.quality import judge
from ff_vfx.types.delivery_job import DeliveryJob
from ff_vfx.types.finding import Finding
from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.report import ProgressCall

QUALITY = "quality"


def quality_of(job: DeliveryJob, gathered: Gathered, progress: ProgressCall) -> tuple[Finding, ...] | None:
    """QC's findings; None where there is no plate to judge against, which another check says."""
    delivery = gathered.delivery
    if not delivery.plate or not delivery.whole:
        return None
    asked = QcJob(
        output=delivery.pattern,
        plate=job.plate,
        plate_colour=job.plate_colour,
        limits=job.limits,
        waivers=job.waivers,
        models=job.models,
        today=job.today,
    )
    report = judge(asked, progress=progress)
    faults = tuple(Finding("qc", "failed", f"could not be judged: {fault}") for fault in report.faults)
    return faults + tuple(finding for finding in report.findings if finding.check not in FILE_CHECKS)
