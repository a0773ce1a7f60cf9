"""Consent for tests: a rights manager whom the tests' user trusts, and records that he signs. Read by conftest."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.trust.consent import new_record, user_records
from ff_vfx.trust.keyring import RIGHTS, trust_key
from ff_vfx.trust.signed_text import write_signed
from ff_vfx.trust.signing import Signer, key_content, new_signer, signed

FIELDS: dict[str, object] = {
    "kind": "performer",
    "subject": "Jo Example",
    "grantor": {"name": "Jo Example", "authority": "self"},
    "replica": "employment-based",
    "description": "Made-up pictures of a test.",
    "scope": {"projects": ["*"], "shots": ["*"], "uses": ["*"], "territories": ["worldwide"]},
    "valid_from": "2020-01-01",
    "training": {"allowed": True, "scope": "any"},
}


@dataclass(frozen=True)
class RightsManager:
    """Signs records. folder: where they are looked for; trusted: whether the user knows his key."""

    signer: Signer
    folder: Path

    def clear(self, stills: Iterable[Path] = (), models: Iterable[Path] = (), **fields: object) -> Path:
        """A signed record of these files among the user's own; fields: instead of FIELDS' own."""
        path = self.folder / f"{uuid.uuid4().hex}.ffconsent.json"
        write_signed(path, signed(new_record({**FIELDS, **fields}, stills, models), self.signer), fresh=True)
        return path


def rights_manager(folder: Path, *, trusted: bool = True, name: str = "Rights of the tests") -> RightsManager:
    """A new one, with a key in `folder`, trusted by the user of this moment."""
    signer = new_signer(folder / f"{uuid.uuid4().hex}.key", name)
    if trusted:
        write_signed(folder / f"{signer.fingerprint}.ffkey.json", key_content(signer))
        trust_key(folder / f"{signer.fingerprint}.ffkey.json", RIGHTS)
    return RightsManager(signer, user_records())


def unknown_stills(shot: Path, folder: Path, name: str = "performer") -> Path:
    """A shot's performer in pictures that no record lists: the same to see, a byte more behind each."""
    target = folder / "nobody"
    target.mkdir()
    for still in sorted((shot / name).glob("*.exr")):
        (target / still.name).write_bytes(still.read_bytes() + b"\0")
    return target
