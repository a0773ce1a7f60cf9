"""Records and notices as files: begun, signed, withdrawn. Read by the door's consent verbs."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from ff_vfx.errors import TrustError
from ff_vfx.trust.consent.places import NOTICE_ENDING
from ff_vfx.trust.consent.record import RECORD, ConsentRecord, record_of
from ff_vfx.trust.consent.revocation import NOTICE, notice_of
from ff_vfx.trust.signed_text import draft_of, read_bounded, read_signed, write_signed
from ff_vfx.trust.signing import SIGNATURES, Signer, signatures_of, signed

_MOST_EVIDENCE = 1 << 32


def new_record(fields: Mapping[str, object], stills: Iterable[Path], models: Iterable[Path]) -> dict[str, object]:
    """A record that nobody has signed yet.

    Args:
        fields: as the schema has them, but for schema, id and likeness. stills, models: files, listed by content.

    Raises:
        TrustError: a field is wrong or missing, or a file cannot be read.
    """
    likeness = [_entry("still", path) for path in stills] + [_entry("model", path) for path in models]
    data = {**fields, "schema": RECORD, "id": uuid.uuid4().hex, "likeness": likeness}
    try:
        record = ConsentRecord.model_validate(data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise TrustError(f"consent: {where}: {problem['msg']}; `ff-vfx consent schema` has all fields") from error
    return record.content()


def template() -> dict[str, object]:
    """A record's fields, empty or as they are where nobody says otherwise, to be filled in."""
    return {
        "kind": "performer",
        "subject": "",
        "grantor": {"name": "", "authority": "self", "contact": ""},
        "replica": "employment-based",
        "description": "",
        "scope": {"projects": [""], "shots": ["*"], "uses": [""], "territories": ["worldwide"]},
        "valid_from": "",
        "valid_until": None,
        "training": {"allowed": False, "scope": ""},
        "retention": "",
        "sensitive_allowed": [],
        "compensation": "",
        "post_mortem": "not-allowed",
        "revocation": {"terms": "", "revoked_on": None, "reason": ""},
    }


def document(path: Path) -> dict[str, str]:
    """A paper by name and content, for the record's evidence.

    Raises:
        TrustError: it cannot be read.
    """
    return {"name": path.name, "sha256": file_sha256(path)}


def sign_record(path: Path, signer: Signer) -> dict[str, object]:
    """Sign the record in its file; signatures that are there stay. One that nobody has signed may have been edited.

    Raises:
        TrustError: it is no record, was altered since it was signed, or cannot be written.
    """
    data = draft_of(read_bounded(path), str(path))
    if data.get(SIGNATURES):
        data = read_signed(path)
        signatures_of(data)
    record = record_of(data, str(path))
    done = signed({**record.content(), **({SIGNATURES: data[SIGNATURES]} if data.get(SIGNATURES) else {})}, signer)
    write_signed(path, done)
    return done


def revoke_record(path: Path, signer: Signer, revoked_on: date, reason: str, folder: Path) -> Path:
    """Write a signed notice that the record no longer holds; gives its file.

    Args:
        path: the record. folder: where the notice goes; for a whole site, the site's folder of records.

    Raises:
        TrustError: it is no record, or the notice is there already or cannot be written.
    """
    data = read_signed(path)
    record = record_of(data, str(path))
    signatures_of(data)
    content = {
        "schema": NOTICE,
        "record": record.id,
        "subject": record.subject,
        "revoked_on": revoked_on.isoformat(),
        "reason": reason,
    }
    target = folder / f"{record.id}{NOTICE_ENDING}"
    notice_of(content, str(target))
    write_signed(target, signed(content, signer), fresh=True)
    return target


def file_sha256(path: Path) -> str:
    """sha256 of a file's content, hexadecimal.

    Raises:
        TrustError: it cannot be read, or is too large to be a paper, a picture or a model.
    """
    try:
        if path.stat().st_size > _MOST_EVIDENCE:
            raise TrustError(f"{path}: larger than 4 GiB; give the document itself")
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TrustError(f"{path}: cannot be read: {error.strerror or error}") from error


def _entry(kind: str, path: Path) -> dict[str, str]:
    return {"kind": kind, "name": path.name, "sha256": file_sha256(path)}
