"""Consent records at the door: begun, signed, asked, withdrawn, shown; and whose keys are believed.

Read by the command line and scripts. Importing it loads nothing heavy. Whether a job is cleared is in door/consent.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ff_vfx.door.auditing import audited
from ff_vfx.errors import TrustError

if TYPE_CHECKING:
    from ff_vfx.trust.consent import FoundRecord

ROLES = ("rights", "label")


def consent_schema() -> dict[str, object]:
    """The JSON schema of a consent record."""
    from ff_vfx.trust.consent import ConsentRecord

    return ConsentRecord.model_json_schema(by_alias=True)


def consent_new(
    performer: str,
    output: str,
    fields: Mapping[str, object],
    *,
    models: Sequence[str] = (),
    evidence: Sequence[str] = (),
) -> dict[str, object]:
    """Begin a record: the performer's pictures by content, and what is known; nobody has signed it yet.

    Args:
        performer: folder of stills, or one; '' where there is only a model. output: the file, *.ffconsent.json.
        fields: as consent_schema has them. models: manifests of models made of him. evidence: papers, by content.

    Raises:
        TrustError, BadInput: a field is missing or wrong, the file is there already, or something cannot be read.
    """
    from ff_vfx.door.stills import all_pictures
    from ff_vfx.trust.consent import document, new_record
    from ff_vfx.trust.signed_text import write_signed

    target = Path(output)
    if not target.name.endswith(".ffconsent.json"):
        raise TrustError(f"consent {output}: call it something.ffconsent.json, so that it is found beside the stills")
    papers = [document(Path(paper)) for paper in evidence]
    given = {**fields, **({"evidence": papers} if papers else {})}
    with audited("consent new", performer=performer, record=output) as act:
        stills = all_pictures(performer) if performer else []
        data = new_record(given, stills, [Path(model) for model in models])
        write_signed(target, data, fresh=True)
        act.result(record_id=str(data["id"]))
    return data


def consent_sign(path: str, key: str, passphrase: str = "") -> dict[str, object]:
    """Sign a record with a private key; gives it as it is now.

    Raises:
        TrustError: it is no record, was altered since it was signed, or the key cannot be opened.
    """
    from ff_vfx.trust.consent import sha256_of, sign_record
    from ff_vfx.trust.signing import load_signer

    with audited("consent sign", record=path) as act:
        signer = load_signer(Path(key), passphrase)
        data = sign_record(Path(path), signer)
        act.result(record_id=str(data["id"]), record=sha256_of(data), key=signer.fingerprint)
    return data


def consent_revoke(
    path: str, key: str, *, on: str = "", reason: str = "", folder: str = "", passphrase: str = ""
) -> str:
    """Write a signed notice that a record no longer holds; gives its file.

    Args:
        on: the first day, ISO; '' today. folder: where to; '' beside the record.

    Raises:
        TrustError: it is no record, the notice is there already, or the key cannot be opened.
    """
    from ff_vfx.trust.consent import revoke_record
    from ff_vfx.trust.signing import load_signer

    record = Path(path)
    with audited("consent revoke", record=path, reason=reason) as act:
        signer = load_signer(Path(key), passphrase)
        notice = revoke_record(record, signer, _day(on), reason, Path(folder) if folder else record.parent)
        act.result(notice=str(notice), key=signer.fingerprint)
    return str(notice)


def consent_verify(
    path: str, *, performer: str = "", scope: Mapping[str, str] | None = None, on: str = ""
) -> dict[str, object]:
    """Whether a record holds: its signature, its revocation, its days; and what it says of a use where one is named.

    Args:
        performer: stills that must all be listed; '' asks nothing of them. scope: project, shot, use, territory as a
            job has them; None asks whether it holds at all. on: the day, ISO; '' today.

    Returns:
        What types.clearance.Clearance has, as a dict.

    Raises:
        TrustError, BadInput: the record cannot be read, or was altered.
    """
    from ff_vfx.door.stills import still_files
    from ff_vfx.trust.consent import Facts, file_sha256, gather, judge
    from ff_vfx.trust.keyring import load_keyring

    found = _found(path)
    stills = [(still.name, file_sha256(still)) for still in (still_files(performer) if performer else ())]
    places = [Path(path).parent, *([Path(performer)] if Path(performer).is_dir() else [])]
    listed = found.record.likeness
    own = stills or [(one.name, one.sha256) for one in listed if one.kind == "still"]
    models = [(one.name, one.sha256) for one in listed if one.kind == "model"] if not own else []
    asked = {name: str((scope or {}).get(name, "")) for name in ("project", "shot", "use", "territory")}
    facts = Facts(found.record.subject, tuple(own), tuple(models), **asked, anywhere=scope is None)
    return asdict(judge(found, facts, (gather("", places), load_keyring()), _day(on)))


def consent_show(path: str) -> dict[str, object]:
    """A record as it stands in its file, under 'record'; who signed it, and whether it holds today.

    Raises:
        TrustError: it cannot be read, or was altered.
    """
    from ff_vfx.trust.consent import restrictions_of, sha256_of
    from ff_vfx.trust.keyring import load_keyring
    from ff_vfx.trust.signing import signatures_of

    found, keyring = _found(path), load_keyring()
    signers = []
    for one in signatures_of(found.data):
        roles = [f"{key.role} ({key.place})" for key in keyring.keys if key.key.public == one.public]
        signers.append({"name": one.name, "key": one.key, "trusted_for": roles})
    standing = consent_verify(path)
    return {
        "record": dict(found.data),
        "sha256": sha256_of(found.data),
        "signers": signers,
        "restrictions": list(restrictions_of(found.record)),
        "holds": standing["cleared"],
        "why_not": standing["why_not"],
    }


def consent_keygen(path: str, name: str, passphrase: str = "") -> dict[str, str]:
    """Make a key pair: the private key, for its owner alone, and its public key's file beside it.

    Raises:
        TrustError: a file is there already, or cannot be written.
    """
    from ff_vfx.trust.signed_text import write_signed
    from ff_vfx.trust.signing import key_content, new_signer

    private = Path(path)
    public = private.with_name(f"{private.stem}.ffkey.json")
    if public.exists():
        raise TrustError(f"{public}: is there already; choose another name")
    with audited("consent keygen", key=path) as act:
        signer = new_signer(private, name, passphrase)
        write_signed(public, key_content(signer), fresh=True)
        act.result(key=signer.fingerprint)
    return {"private": str(private), "public": str(public), "key": signer.fingerprint, "name": signer.name}


def consent_trust(path: str, role: str) -> dict[str, str]:
    """Believe a public key from now on, as this user. role: one of ROLES.

    Raises:
        TrustError: it is no public key, or there is no such role.
    """
    from ff_vfx.trust.keyring import trust_key

    with audited("consent trust", key=path, role=role) as act:
        key, place = trust_key(Path(path), role)
        act.result(key=key.fingerprint)
    return {"name": key.name, "key": key.fingerprint, "role": role, "place": str(place), "made": key.made}


def consent_keys() -> list[dict[str, str]]:
    """Whose keys are believed here; those whose files are damaged have a fault."""
    from ff_vfx.trust.keyring import load_keyring

    keyring = load_keyring()
    rows = [
        {"name": one.key.name, "key": one.key.fingerprint, "role": one.role, "place": one.place, "fault": ""}
        for one in keyring.keys
    ]
    return rows + [{"name": "", "key": "", "role": "", "place": "", "fault": fault} for fault in keyring.faults]


def consent_template() -> dict[str, object]:
    """A record's fields to fill in, for consent_new."""
    from ff_vfx.trust.consent import template

    return template()


def read_fields(path: str) -> dict[str, object]:
    """Fields that somebody filled in.

    Raises:
        TrustError: no such file, or no JSON object.
    """
    from ff_vfx.trust.signed_text import draft_of, read_bounded

    return draft_of(read_bounded(Path(path)), path)


def _found(path: str) -> FoundRecord:
    from ff_vfx.trust.consent import FoundRecord, record_of
    from ff_vfx.trust.signed_text import read_signed

    data = read_signed(Path(path))
    return FoundRecord(Path(path), data, record_of(data, path), named=True)


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise TrustError(f"day '{text}': write it as 2026-11-21") from error
