"""Whether a performer's consent covers a job, as plain data. Read by the door, labels, manifests and publish checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clearance:
    """One performer (or one model) of one job, on one day.

    performer: as the record calls him; without one, the folder's or the model's name. cleared: a valid record covers
    the job. why_not: the reason in plain words, and remedy what to do about it; both empty where cleared.
    record_id, kind ('performer' | 'synthetic' | 'public-domain'), sha256 (of the record's file) and record
    (the record whole, signatures too): of the record that was decided on; empty where none was found.
    key, signer: fingerprint and name of who vouches for it. restrictions: what the record does not allow, in words.
    """

    performer: str
    cleared: bool
    why_not: str = ""
    remedy: str = ""
    record_id: str = ""
    kind: str = ""
    key: str = ""
    signer: str = ""
    sha256: str = ""
    restrictions: tuple[str, ...] = ()
    record: Mapping[str, object] = field(default_factory=dict)
