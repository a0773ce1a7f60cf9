"""Quality control at the door: is a finished shot fit to leave, and the page that shows why. Loads torch when called.

Read by the command line, publish checks and scripts; the work is in ff_vfx.door.qc.judging.
"""

from __future__ import annotations

from ff_vfx.types.qc_job import QcJob
from ff_vfx.types.qc_report import QcReport
from ff_vfx.types.report import ProgressCall


def judge(job: QcJob, *, progress: ProgressCall | None = None) -> QcReport:
    """Measure a finished shot against its plate, frame by frame and over time, and hold it against the limits.

    A frame that cannot be read is a finding and the others go on; memory does not grow with the shot.

    Returns:
        One finding a check, 'skipped' with the reason where something for it is missing, and every measure's curve.
        What kept it from starting is in `faults`.
    """
    from ff_vfx.door.qc.judging import judge_job

    return judge_job(job, progress=progress or _silent)


def write_qc_page(report: QcReport, path: str, *, progress: ProgressCall | None = None) -> None:
    """Show a report: one page that needs no network, with curves, the worst frames and, of two versions, both.

    Raises:
        BadInput: not the name of a page. WriteRefused: it cannot be written.
    """
    from ff_vfx.door.qc.page import write_page

    write_page(report, path, progress or _silent)


def qc_limits() -> dict[str, object]:
    """All limits with their defaults, as a limits file may have them."""
    from ff_vfx.qc.limits import Limits

    return Limits().model_dump()


def qc_limits_schema() -> dict[str, object]:
    """The JSON schema of a limits file: each limit with its unit."""
    from ff_vfx.qc.limits import Limits

    return Limits.model_json_schema()


def _silent(stage: str, done: int, total: int) -> None:
    pass
