"""Whether what is on file covers a job today, and why not. Read by the door, `ff-vfx verify` and publish checks.

The answer is a Clearance. Nothing is remembered: the same question on another day may have another answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ff_vfx.errors import TrustError
from ff_vfx.trust.consent.places import FoundNotice, FoundRecord, OnFile
from ff_vfx.trust.consent.record import ConsentRecord, restrictions_of, sha256_of
from ff_vfx.trust.consent.scope import not_covered
from ff_vfx.trust.keyring import RIGHTS, Keyring, TrustedKey
from ff_vfx.trust.signing import Signature, signatures_of
from ff_vfx.types.clearance import Clearance

_TRUST = "get its public key from the studio's rights manager and run `ff-vfx consent trust KEY --role rights`"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a job does with one face.

    performer: for messages, where no record says a name. stills: (name, sha256) of every picture used. models: the
    same of a model that is itself the likeness, its manifest and its file, of which one must be on record.
    project, shot, use, territory: as Job. anywhere: none of these four is asked about.
    """

    performer: str
    stills: tuple[tuple[str, str], ...] = ()
    models: tuple[tuple[str, str], ...] = ()
    project: str = ""
    shot: str = ""
    use: str = ""
    territory: str = ""
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class _No:
    why: str
    remedy: str


def decide(facts: Facts, on_file: OnFile, keyring: Keyring, today: date) -> Clearance:
    """Whether one record on file covers the job on that day.

    Returns:
        Cleared by the first record that does; else why the nearest one does not.
    """
    ours = [found for found in on_file.records if found.named or _about(found.record, facts)]
    refused: list[tuple[int, Clearance]] = []
    for found in ours:
        clearance = judge(found, facts, (on_file, keyring), today)
        if clearance.cleared:
            return clearance
        refused.append((_shared(found.record, facts), clearance))
    if refused:
        return max(refused, key=lambda one: one[0])[1]
    return _nothing(facts, on_file)


def judge(found: FoundRecord, facts: Facts, trusted: tuple[OnFile, Keyring], today: date) -> Clearance:
    """Whether this record covers the job on that day. trusted: where its revocation may lie, and whose keys count."""
    on_file, keyring = trusted
    record = found.record
    key, no = _believed(found, keyring)
    no = no or _withdrawn(record, on_file, keyring, today) or _out_of_time(record, today)
    no = no or (None if facts.anywhere else _out_of_scope(record, facts)) or _not_listed(record, facts)
    return Clearance(
        performer=record.subject,
        cleared=no is None,
        why_not=no.why if no else "",
        remedy=no.remedy if no else "",
        record_id=record.id,
        kind=record.kind,
        key=key.key.fingerprint if key else "",
        signer=key.key.name if key else "",
        sha256=sha256_of(found.data),
        restrictions=restrictions_of(record),
        record=found.data,
    )


def _about(record: ConsentRecord, facts: Facts) -> bool:
    return _shared(record, facts) > 0


def _shared(record: ConsentRecord, facts: Facts) -> int:
    """How many of the job's pictures and models the record lists."""
    listed = {one.sha256 for one in record.likeness}
    return sum(sha256 in listed for _, sha256 in (*facts.stills, *facts.models))


def _believed(found: FoundRecord, keyring: Keyring) -> tuple[TrustedKey | None, _No | None]:
    """The key that vouches for the record, or why none does."""
    name, record = found.path.name, found.record
    try:
        signatures = signatures_of(found.data)
    except TrustError as error:
        return None, _No(f"{name}: {error}", "take the original from the rights manager")
    if not signatures:
        return None, _No(f"{name} is not signed", "have the rights manager sign it: `ff-vfx consent sign`")
    for signature in signatures:
        key = keyring.find(signature.public, RIGHTS)
        if key is not None and key.vouches_for(record.kind):
            return key, None
    return None, _unknown(name, record, signatures, keyring)


def _unknown(name: str, record: ConsentRecord, signatures: Sequence[Signature], keyring: Keyring) -> _No:
    first = signatures[0]
    who = f"{first.name} ({first.key})"
    if keyring.find(first.public, RIGHTS):
        why = f"{name} is signed with the examples key, which speaks for invented people alone, not for a {record.kind}"
        return _No(why, "have the studio's rights manager sign it")
    if keyring.knows(first.public):
        return _No(f"{name} is signed by {who}, whose key is not one for rights", _TRUST)
    return _No(f"{name} is signed by {who}, whose key is not known here", _TRUST)


def _withdrawn(record: ConsentRecord, on_file: OnFile, keyring: Keyring, today: date) -> _No | None:
    remedy = "ask the rights manager; until there is a new consent the face cannot be used"
    if record.revocation.revoked_on is not None and record.revocation.revoked_on <= today:
        return _No(f"consent {record.id} was revoked on {record.revocation.revoked_on}", remedy)
    for found in on_file.notices:
        if found.notice.record == record.id and (why := _notice_holds(found, keyring, today)):
            return _No(f"consent {record.id} {why}", remedy)
    if on_file.broken_notices:
        return _No(
            f"a revocation notice cannot be read, and may be of this consent: {on_file.broken_notices[0]}",
            "put the original notice in its place, or have the rights manager say that it is none",
        )
    return None


def _notice_holds(found: FoundNotice, keyring: Keyring, today: date) -> str:
    """What a notice says, in words; '' where it begins later. One of nobody we know holds at once: see revocation."""
    known = next((key for one in found.signatures if (key := keyring.find(one.public, RIGHTS))), None)
    if known is None:
        return f"is said to be revoked by {found.path.name}, which nobody known here has signed"
    if found.notice.revoked_on > today:
        return ""
    reason = f": {found.notice.reason}" if found.notice.reason else ""
    return f"was revoked on {found.notice.revoked_on} by {known.key.name} ({known.key.fingerprint}){reason}"


def _out_of_time(record: ConsentRecord, today: date) -> _No | None:
    if today < record.valid_from:
        return _No(f"consent {record.id} holds from {record.valid_from} on; today is {today}", "wait, or get another")
    if record.valid_until is not None and today > record.valid_until:
        return _No(f"consent {record.id} expired on {record.valid_until}; today is {today}", "get it renewed")
    return None


def _out_of_scope(record: ConsentRecord, facts: Facts) -> _No | None:
    scope = record.scope
    for what, asked, patterns in (
        ("project", facts.project, scope.projects),
        ("shot", facts.shot, scope.shots),
        ("use", facts.use, scope.uses),
        ("territory", facts.territory, scope.territories),
    ):
        if missed := not_covered(asked, patterns):
            given = f"the job names no {what}" if not asked else f"{what} '{missed}' is not among them"
            listed = ", ".join(patterns[:5]) + (", ..." if len(patterns) > 5 else "")
            why = f"consent {record.id} is for {what} {listed}; {given}"
            remedy = f"set the job's {what}" if not asked else "get a consent for it"
            return _No(why, f"{remedy}: the rights manager can say")
    return None


def _not_listed(record: ConsentRecord, facts: Facts) -> _No | None:
    stills = {one.sha256 for one in record.likeness if one.kind == "still"}
    remedy = "use the listed pictures, or have the rights manager issue a record with these (`ff-vfx consent new`)"
    if unlisted := [name for name, sha256 in facts.stills if sha256 not in stills]:
        few = ", ".join(unlisted[:5]) + (", ..." if len(unlisted) > 5 else "")
        return _No(f"consent {record.id} does not list {few}", remedy)
    if facts.models:
        models = {one.sha256 for one in record.likeness if one.kind == "model"}
        if not any(sha256 in models for _, sha256 in facts.models):
            return _No(f"consent {record.id} does not list the model {facts.models[0][0]}", remedy)
        if not record.training.allowed:
            why = f"consent {record.id} lists the model {facts.models[0][0]} but allows no training"
            return _No(why, "have the rights manager put it right")
    if not facts.stills and not facts.models:
        return _No(f"consent {record.id}: the job shows neither pictures nor a model of him", remedy)
    return None


def _nothing(facts: Facts, on_file: OnFile) -> Clearance:
    """Nothing on file; what could not be read is said, for it may have been the one."""
    why = f"no consent on file for {facts.performer}"
    if on_file.faults:
        why += f"; {on_file.faults[0]}"
    remedy = (
        "put the signed record (*.ffconsent.json) beside the stills or name it with --consent; "
        "`ff-vfx consent new` begins one"
    )
    return Clearance(facts.performer, cleared=False, why_not=why, remedy=remedy)
