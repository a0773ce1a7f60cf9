"""Consent: who allowed his face to be used, for what; whether that covers a job today. Read by the door."""

from ff_vfx.trust.consent.decide import Facts, decide, judge
from ff_vfx.trust.consent.places import (
    FoundRecord,
    OnFile,
    found_record,
    gather,
    standing_places,
    state_of_places,
    user_records,
)
from ff_vfx.trust.consent.record import ConsentRecord, record_of, restrictions_of, sha256_of
from ff_vfx.trust.consent.writing import document, file_sha256, new_record, revoke_record, sign_record, template

__all__ = [
    "ConsentRecord",
    "Facts",
    "FoundRecord",
    "OnFile",
    "decide",
    "document",
    "file_sha256",
    "found_record",
    "gather",
    "judge",
    "new_record",
    "record_of",
    "restrictions_of",
    "revoke_record",
    "sha256_of",
    "sign_record",
    "standing_places",
    "state_of_places",
    "template",
    "user_records",
]
