"""The one place where the door's acts are written down: who, when, with what, and how it ended. Read by every verb.

A short act is one entry, written when it ends:

    with audited("consent sign", record=str(path)) as act:
        record = sign(...)
        act.result(record=record.digest, key=signer.fingerprint)

One that takes long has another one at its beginning, so that what was killed is seen; one with a Report ends with it,
and hands back the same report, with a warning in it where the log could not be written:

    with audited("render", **names_of(job)) as act:
        work = open_work(job)
        act.begins(plate_key=work.plate.key, models=...)
        return act.ends(Report("render", ...))

What must not happen unless it is written down, publishing, says `must=True`: its first entry is written before the body
starts, and TrustError is raised where it cannot be. Whatever ends the body is in the entry, an error, Ctrl-C, SIGTERM.
`act.receipts`, after it, are where the logs stood: a signed manifest that names one guards all lines before it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ff_vfx.door.audit_places import audit_folders
from ff_vfx.errors import TrustError
from ff_vfx.types.job import Job
from ff_vfx.types.manifest import Origin
from ff_vfx.types.report import Report

if TYPE_CHECKING:
    from ff_vfx.trust.audit import Deed

_LOG = logging.getLogger(__name__)
_FAULTS = 5


class Act:
    """One act while it is under way. warnings: why it is not in the log. receipts: where the logs stood after it."""

    def __init__(self, verb: str, inputs: dict[str, object]) -> None:
        self.verb, self.name = verb, uuid.uuid4().hex[:16]
        self.warnings: list[str] = []
        self.receipts: list[str] = []
        self._inputs, self._result = inputs, dict[str, object]()
        self._ended = False

    def inputs(self, **more: object) -> None:
        """What it works with, as it becomes known: hashes, names, keys. Long things are cut and hashed."""
        self._inputs.update(more)

    def begins(self, **more: object) -> None:
        """Write its first entry, with all inputs known by now."""
        self.inputs(**more)
        self._write("begun")

    def result(self, **more: object) -> None:
        """What came of it. `exit_code` is 0 and `outcome` 'done' where nothing else is said or raised."""
        self._result.update(more)

    def ends(self, report: Report) -> Report:
        """Write its last entry, from a report; gives the report, with a warning where it could not be written."""
        self.result(**result_of(report))
        self.end()
        if not self.warnings:
            return report
        heard = report.decisions.get("warnings", ())
        told = [*heard, *self.warnings] if isinstance(heard, list | tuple) else self.warnings
        self.warnings = []
        return replace(report, decisions={**report.decisions, "warnings": list(told)})

    def end(self, **more: object) -> None:
        """Write its last entry, unless that is done; `audited` does so itself. more: as result."""
        if not self._ended:
            self._ended = True
            self._result = {"exit_code": 0, "outcome": "done", **self._result, **more}
            self._write("ended")

    def say(self) -> None:
        """Its warnings, where no report carries them: to stderr, unless the program decides otherwise."""
        for warning in self.warnings:
            _LOG.warning("%s", warning)
        self.warnings = []

    def _write(self, state: str) -> None:
        from ff_vfx.trust.audit import Deed

        result = self._result if state == "ended" else {}
        self.receipts, faults = write_down(Deed(self.verb, self.name, state, dict(self._inputs), dict(result)))
        self.warnings.extend(fault for fault in faults if fault not in self.warnings)


@contextmanager
def audited(verb: str, *, must: bool = False, **inputs: object) -> Iterator[Act]:
    """An act of this verb, written down when it ends, however it ends. See the module.

    Args:
        verb: as people say it: 'render', 'consent sign'. must: nothing is done that cannot be written down.
        inputs: known from the beginning.

    Raises:
        TrustError: `must`, and the log cannot be written.
    """
    act = Act(verb, dict(inputs))
    if must:
        act.begins()
        if act.warnings:
            act.end(outcome="refused", exit_code=2, faults=list(act.warnings))
        _refuse(act)
    try:
        yield act
    except BaseException as error:
        act.end(**_ended_by(error))
        act.say()
        raise
    act.end()
    if must:
        _refuse(act)
    act.say()


def write_down(deed: Deed) -> tuple[list[str], list[str]]:
    """Put an entry into every log it belongs to; gives their receipts, and why it is not in some. Raises nothing."""
    from ff_vfx.trust.audit import append
    from ff_vfx.trust.signing import user_signer

    folders, fault = audit_folders()
    receipts, faults = list[str](), [f"audit log: {fault}"] if fault else []
    try:
        signer = user_signer()
    except (TrustError, OSError) as error:
        return [], [*faults, f"audit log: nothing was written down: {error}"]
    for folder in folders:
        try:
            receipts.append(str(append(folder, deed, signer)))
        except (TrustError, OSError) as error:
            faults.append(f"{error}; '{deed.verb}' is not written down there")
    return receipts, faults


def names_of(job: Job) -> dict[str, Any]:
    """What a job names, for its entry: paths as given, and what it is for."""
    names = (
        "plate", "performer", "swapper", "solve", "output", "frames", "face", "matte", "project", "shot", "use",
        "territory", "consent", "device",
    )  # fmt: skip
    found: dict[str, Any] = {name: getattr(job, name) for name in names if getattr(job, name)}
    if job.cast:
        found["cast"] = [part.model_dump(exclude_defaults=True) for part in job.cast]
    return found


def made_from(origin: Origin) -> dict[str, Any]:
    """What frames are made from, by content."""
    settings = json.dumps(origin.settings, sort_keys=True, default=str).encode()
    return {
        "plate": {**origin.plate, "path": str(origin.job.get("plate", ""))},
        "solve": {"file": origin.solve.file, "sha256": origin.solve.sha256},
        "settings": hashlib.sha256(settings).hexdigest(),
        "models": [{"name": one["name"], "sha256": one["sha256"]} for one in origin.models],
        "stills": {one.file: one.sha256 for one in origin.stills},
        "consents": [
            {"performer": one.performer, "cleared": one.cleared, "record": one.record_id, "sha256": one.sha256}
            for one in origin.clearances
        ],
    }


def result_of(report: Report) -> dict[str, object]:
    """A report, in short."""
    counts: dict[str, int] = {}
    for entry in report.frames:
        counts[entry.outcome] = counts.get(entry.outcome, 0) + 1
    code = report.exit_code
    outcome = "interrupted" if code == 130 else "failed" if code in (2, 4) else "incomplete" if code else "done"
    faults = [*report.faults, *(entry.fault for entry in report.frames if entry.fault)]
    told: dict[str, object] = {"exit_code": code, "outcome": outcome, "frames": counts}
    if wall := report.times_ms.get("wall"):
        told["seconds"] = round(wall / 1000.0, 2)
    return {**told, **({"faults": faults[:_FAULTS], "fault_count": len(faults)} if faults else {})}


def _ended_by(error: BaseException) -> dict[str, object]:
    if isinstance(error, KeyboardInterrupt):
        return {"exit_code": 130, "outcome": "interrupted"}
    if isinstance(error, SystemExit):
        return {"outcome": "ended", "exit_code": error.code if isinstance(error.code, int) else 1}
    return {"exit_code": 2, "outcome": "failed", "faults": [f"{type(error).__name__}: {error}"], "fault_count": 1}


def _refuse(act: Act) -> None:
    if act.warnings:
        raise TrustError(f"{act.verb}: must be written down, and was not: {'; '.join(act.warnings)}")
