"""A notice that a consent no longer holds: signed, apart from the record, so that it beats every copy of it.

Read by decide. In doubt it speaks against use: a notice that is damaged or signed by nobody we know still stops the
record, until somebody puts it right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ff_vfx.errors import TrustError
from ff_vfx.trust.consent.record import Name, RecordId, SignatureEntry, Text
from ff_vfx.trust.signed_text import canonical

NOTICE = "ff-vfx consent revocation 1"


class Notice(BaseModel):
    """One withdrawal."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_name: Literal["ff-vfx consent revocation 1"] = Field(alias="schema")
    record: RecordId = Field(description="The record's id.")
    subject: Name = Field(description="Whose face it is.")
    revoked_on: date = Field(description="Since when the record no longer holds, UTC.")
    reason: Text = Field("", description="Why.")
    signatures: tuple[SignatureEntry, ...] = ()

    def content(self) -> dict[str, object]:
        """As a file has it, without signatures."""
        return self.model_dump(mode="json", by_alias=True, exclude={"signatures"})


def notice_of(data: Mapping[str, object], name: str) -> Notice:
    """A notice's content as one.

    Raises:
        TrustError: it is none.
    """
    try:
        return Notice.model_validate_json(canonical(data), strict=True)
    except ValidationError as error:
        raise TrustError(f"{name}: is no revocation notice: {error.errors()[0]['msg']}") from error
