"""The verb that hides people, and its jobs from plain data. Loads neither torch nor numpy. Read by apps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from ff_vfx.door.auditing import audited
from ff_vfx.door.jobs import plain_errors
from ff_vfx.errors import BadInput
from ff_vfx.types.anonymise_job import AnonymiseJob
from ff_vfx.types.report import FrameEntry, ProgressCall, Report

ANONYMISE_METHODS = ("blur", "pixelate", "synthetic")


def make_anonymise_job(data: Mapping[str, object]) -> AnonymiseJob:
    """A job from a job file's data.

    Raises:
        BadInput: an unknown field, or a value that does not fit; the message names it.
    """
    try:
        return AnonymiseJob.model_validate(dict(data))
    except ValidationError as error:
        raise BadInput(f"job: {plain_errors(error)}") from error


def anonymise(
    job: AnonymiseJob,
    *,
    progress: ProgressCall | None = None,
    on_frame: Callable[[FrameEntry], None] | None = None,
) -> Report:
    """Cover everybody in the plate who is not cleared by a consent, on every frame, and list it for inspection.

    The whole plate is looked at, whatever frames are asked for. A frame that fails is not written: the plate does not
    pass, for it would show a face. A frame that is on disk and was made from the same things is skipped.

    Returns:
        One entry a frame: 'rendered', 'passed' (nobody there to be covered), 'skipped', 'failed' (not written).
        `decisions` say who is cleared, what a person should look at first, and where the inspection list is.
    """
    from ff_vfx.door.hiding.anonymising import anonymise_job

    asked = job.model_dump(mode="json", exclude_defaults=True)
    with audited("anonymise", **asked) as act:
        act.begins()
        return act.ends(anonymise_job(job, progress=progress or _silent, on_frame=on_frame or _unheard))


def _silent(stage: str, done: int, total: int) -> None:
    pass


def _unheard(entry: FrameEntry) -> None:
    pass
