"""What today's records say of everyone in a finished sequence. Read by gathering.

The manifest carries each record whole, so that nothing but the keys and the notices of revocation need be on the
machine that publishes; the performer's pictures need not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.consent import Facts, FoundRecord, OnFile, decide, gather, judge, record_of
from ff_vfx.trust.keyring import Keyring, load_keyring
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import Manifest, Origin


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One origin's frames, on one day, for one use ('': as rendered)."""

    origin: Origin
    use: str
    today: date
    keyring: Keyring

    def facts(self, performer: str, stills: tuple[tuple[str, str], ...], models: tuple[tuple[str, str], ...]) -> Facts:
        job = self.origin.job
        project, shot, territory = (str(job.get(name) or "") for name in ("project", "shot", "territory"))
        return Facts(performer, stills, models, project, shot, self.use or str(job.get("use") or ""), territory)

    def on_file(self) -> OnFile:
        """Records and notices here; those beside the performer's pictures too where they can be seen."""
        job = self.origin.job
        cast = job.get("cast")
        parts = cast if isinstance(cast, list) else []
        named = [job.get("performer"), *(part.get("performer") for part in parts if isinstance(part, Mapping))]
        places = [Path(str(name)) for name in named if name and Path(str(name)).is_dir()]
        consent = str(job.get("consent") or "")
        return gather(consent if Path(consent).exists() else "", places)


def clearances_today(manifest: Manifest, use: str, today: date) -> tuple[Clearance, ...]:
    """Everyone in the frames, each once. use: what it is published for; '' as it was rendered."""
    keyring = load_keyring()
    found: dict[tuple[str, str], Clearance] = {}
    for origin in manifest.origins.values():
        asked = _Asked(origin, use, today, keyring)
        unlisted = _unlisted(origin)
        for one in (*(_now(then, asked) for then in origin.clearances), *([unlisted] if unlisted else [])):
            found.setdefault((one.record_id or one.performer, one.why_not), one)
    return tuple(found.values())


def _now(then: Clearance, asked: _Asked) -> Clearance:
    try:
        return _holds(then, asked) if then.cleared and then.record else _found_since(then, asked)
    except (TrustError, OSError) as error:
        return Clearance(then.performer, cleared=False, why_not=str(error), remedy="put that right, and check again")


def _holds(then: Clearance, asked: _Asked) -> Clearance:
    """The record that cleared the frames; its pictures were held against it when they were made."""
    record = record_of(then.record, then.record_id or then.performer)
    stills, trained = (
        tuple((one.name, one.sha256) for one in record.likeness if one.kind == kind) for kind in ("still", "model")
    )
    facts = asked.facts(then.performer, stills, () if stills else trained)
    found = FoundRecord(Path(f"{record.id}.ffconsent.json"), then.record, record, named=True)
    return judge(found, facts, (asked.on_file(), asked.keyring), asked.today)


def _found_since(then: Clearance, asked: _Asked) -> Clearance:
    """Whether a record that came after the render clears who was not cleared then; the frames are marked all the same.

    Of several performers at once nobody can tell whose stills are whose: they stay as they were.
    """
    if len(asked.origin.clearances) > 1 or not asked.origin.stills:
        return then
    stills = tuple((still.file, still.sha256) for still in asked.origin.stills)
    now = decide(asked.facts(then.performer, stills, ()), asked.on_file(), asked.keyring, asked.today)
    return now if now.cleared else then


def _unlisted(origin: Origin) -> Clearance | None:
    """Stills that were used and that no record of the manifest lists; None where there are none."""
    if not all(one.cleared and one.record for one in origin.clearances):
        return None  # their own clearances say so
    listed: set[str] = set()
    for one in origin.clearances:
        try:
            listed |= {entry.sha256 for entry in record_of(one.record, one.record_id).likeness}
        except TrustError:
            return None
    names = [still.file for still in origin.stills if still.sha256 not in listed]
    if not names:
        return None
    few = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    remedy = "have the rights manager issue a record with them, and render again"
    return Clearance(few, cleared=False, why_not="no record in the manifest lists these stills", remedy=remedy)
