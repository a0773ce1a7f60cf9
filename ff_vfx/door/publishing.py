"""Publish checks at the door: may a finished sequence leave, and what can be mended. Loads torch when called.

Not to be mixed up with `door.check`, which asks whether a job could start. Read by the command line, pyblish plugins
and scripts; the work is in ff_vfx.door.delivery.gathering and its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ff_vfx.types.delivery_job import DeliveryJob, DeliveryReport
from ff_vfx.types.report import ProgressCall


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """One publish check, for people and for programs that wrap it. See ff_vfx.qc.checks.Check."""

    name: str
    title: str
    guards: str
    waivable: bool
    repair: str


def delivery_checks() -> tuple[CheckInfo, ...]:
    """All publish checks, in the order in which they run."""
    from ff_vfx.qc.checks import CHECKS

    return tuple(CheckInfo(one.name, one.title, one.guards, one.waivable, one.repair) for one in CHECKS)


def check_delivery(job: DeliveryJob, *, progress: ProgressCall | None = None) -> DeliveryReport:
    """Judge a finished sequence: every frame is read to its end, and nothing is changed.

    Returns:
        One finding a check, 'skipped' with the reason where another one says what is missing. What kept it from
        starting is in `faults`.
    """
    from ff_vfx.door.delivery.checking import check_sequence

    return check_sequence(job, progress=progress or _silent)


def publish_delivery(job: DeliveryJob, *, progress: ProgressCall | None = None) -> DeliveryReport:
    """`check_delivery`, written into the audit log as the sequence's leaving, or as why it may not.

    Nothing is copied: that is an integrator's. Where the log cannot be written the report has that fault, and nothing
    may leave.
    """
    from ff_vfx.door.delivery.checking import publish_sequence

    return publish_sequence(job, progress=progress or _silent)


def repair_delivery(job: DeliveryJob, checks: Sequence[str]) -> list[str]:
    """Mend what can be mended without touching a pixel, for the checks named; gives what was done, a line each.

    Raises:
        BadInput: there is no such check, or it has no repair. TrustError, WriteRefused: it must not or cannot be done.
    """
    from ff_vfx.door.delivery.repairing import repair_sequence

    return repair_sequence(job, checks)


def _silent(stage: str, done: int, total: int) -> None:
    pass
