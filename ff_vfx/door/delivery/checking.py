"""Runs the publish checks over a sequence. Read by ff_vfx.door.publishing."""

from __future__ import annotations

from dataclasses import replace

from ff_vfx import __version__
from ff_vfx.door.auditing import audited
from ff_vfx.door.delivery.facts import facts_of
from ff_vfx.door.delivery.gathering import day_of, gather_delivery
from ff_vfx.door.delivery.quality import QUALITY, quality_of
from ff_vfx.door.qc.inputs import read_waivers
from ff_vfx.errors import BadInput, FfVfxError
from ff_vfx.qc.checks import CHECKS, refuse_unknown, run_checks
from ff_vfx.qc.waivers import with_waivers
from ff_vfx.types.delivery_job import DeliveryJob, DeliveryReport
from ff_vfx.types.report import ProgressCall


def check_sequence(job: DeliveryJob, *, progress: ProgressCall) -> DeliveryReport:
    """See ff_vfx.door.check_delivery."""
    try:
        refuse_unknown([*job.only, *job.skip])
        waivers = read_waivers(job.waivers)
        gathered = gather_delivery(job, progress)
        wanted = (not job.only or QUALITY in job.only) and QUALITY not in job.skip
        quality = quality_of(job, gathered, progress) if wanted else None
    except FfVfxError as error:
        return DeliveryReport(job, faults=(str(error),), version=__version__)
    except KeyboardInterrupt:
        return DeliveryReport(job, version=__version__, facts={"interrupted": True})
    delivery = replace(gathered.delivery, quality=quality)
    day = day_of(job.today)
    findings = run_checks(
        delivery, only=job.only, skip=job.skip, waive=lambda finding: with_waivers(finding, waivers, day)
    )
    return DeliveryReport(
        job, delivery.pattern, tuple(delivery.frames), findings, version=__version__, facts=facts_of(gathered)
    )


def publish_sequence(job: DeliveryJob, *, progress: ProgressCall) -> DeliveryReport:
    """See ff_vfx.door.publish_delivery."""
    try:
        _refuse_leaving_out(job)
        asked = {"output": job.output, "use": job.use, "skip": list(job.skip), "only": list(job.only)}
        with audited("publish", must=True, **asked) as act:
            report = check_sequence(job, progress=progress)
            act.result(**_told(report))
    except FfVfxError as error:
        return DeliveryReport(job, faults=(str(error),), version=__version__)
    return report


def _refuse_leaving_out(job: DeliveryJob) -> None:
    """See that nothing is published unlooked at but what a person may sign for.

    Raises:
        BadInput: a check is left out that nobody can waive.
    """
    refuse_unknown([*job.only, *job.skip])
    for check in CHECKS:
        if not check.waivable and (check.name in job.skip or (job.only and check.name not in job.only)):
            raise BadInput(f"publish: check '{check.name}' cannot be left out; drop it from --skip, or --only")


def _told(report: DeliveryReport) -> dict[str, object]:
    """For the log: what left, or what kept it."""
    facts = report.facts
    outcomes = {finding.check: finding.outcome for finding in report.findings if finding.outcome != "passed"}
    waivers = {finding.check: finding.waiver for finding in report.findings if finding.waiver}
    return {
        "outcome": "published" if report.passed else "refused",
        "exit_code": report.exit_code,
        "frames": len(report.numbers),
        "manifest": facts.get("manifest", {}),
        "not_passed": outcomes,
        "waivers": waivers,
        "faults": list(report.faults)[:5],
    }
