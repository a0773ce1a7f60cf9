"""What a consent record says: who allowed whose face, for what, where and until when. Read by decide and the CLI.

Its JSON schema is `ff-vfx consent schema`. A record that is signed is never changed: a new one takes its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import canonical, written

RECORD = "ff-vfx consent 1"
Kind = Literal["performer", "synthetic", "public-domain"]
Sensitive = Literal["nudity", "sexual", "violence", "drugs", "political", "religious", "endorsement", "minor", "death"]
SENSITIVE: tuple[str, ...] = Sensitive.__args__  # type: ignore[attr-defined]

Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, Field(max_length=4000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RecordId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{7,63}$")]
Patterns = Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Grantor(_Part):
    """Who gives the permission."""

    name: Name = Field(description="Who signed for it: the performer, or who may speak for him.")
    authority: Literal["self", "guardian", "agent", "estate", "rights-holder", "maker", "none-needed"] = Field(
        description="By what right: maker is for synthetic people, none-needed for the public domain."
    )
    contact: Line = Field("", description="Where he can be reached.")


class Scope(_Part):
    """What it covers. Each is a list of names; `*` in one stands for anything ('sh010*'), alone for everything."""

    projects: Patterns = Field(description="Projects, by the name a job gives in `project`.")
    shots: Patterns = Field(("*",), description="Shots, by the name a job gives in `shot`.")
    uses: Patterns = Field(description="Media and uses: theatrical, streaming, trailer, test.")
    territories: Patterns = Field(description="Countries or regions; `worldwide` stands for all.")


class Training(_Part):
    """Whether a model may be made of him."""

    allowed: bool = Field(False, description="Whether a network may be trained on his pictures.")
    scope: Text = Field("", description="Which models, by whom, for what; and what becomes of them.")


class Likeness(_Part):
    """A picture of him, or a model made for him, by its content."""

    kind: Literal["still", "model"]
    name: Name
    sha256: Sha256


class Document(_Part):
    """A paper that proves it, which stays in the studio's files."""

    name: Name
    sha256: Sha256


class Revocation(_Part):
    """How it may be withdrawn, and whether it was."""

    terms: Text = Field("", description="How and with what notice it may be withdrawn.")
    revoked_on: date | None = Field(None, description="Since when it no longer holds; none: it holds.")
    reason: Text = Field("", description="Why it was withdrawn.")


class SignatureEntry(_Part):
    """See ff_vfx.trust.signing."""

    key: str
    name: str
    public: str
    signature: str


class ConsentRecord(_Part):
    """One grant. A performer may have several; any that covers a job clears it."""

    schema_name: Literal["ff-vfx consent 1"] = Field(alias="schema", description="What kind of file this is.")
    id: RecordId = Field(description="Unlike any other record's; a revocation names it.")
    kind: Kind = Field(description="Somebody real, somebody made up, or somebody whose pictures are everybody's.")
    subject: Name = Field(description="Whose face it is.")
    grantor: Grantor
    replica: Literal["employment-based", "independently-created", "alteration", "synthetic", "archive"] = Field(
        description="What is made: a replica with the performer at work, one from other material, a change to his own "
        "performance, somebody made up, or a picture from an archive."
    )
    description: Text = Field(min_length=1, description="The use in plain words, specific enough to be understood.")
    scope: Scope
    valid_from: date = Field(description="First day, UTC.")
    valid_until: date | None = Field(None, description="Last day, UTC; none: no end was agreed.")
    training: Training = Training(allowed=False, scope="")
    retention: Text = Field("", description="How long pictures and models of him are kept, and what then.")
    sensitive_allowed: tuple[Sensitive, ...] = Field((), description="Sensitive content that was agreed to.")
    compensation: Line = Field("", description="Reference to the agreement on pay; not the sum.")
    post_mortem: Literal["not-allowed", "estate-decides", "allowed", "does-not-apply"] = Field(
        "not-allowed", description="Whether it goes on after his death."
    )
    revocation: Revocation = Revocation(terms="", revoked_on=None, reason="")
    evidence: tuple[Document, ...] = Field((), max_length=200, description="Papers, by content.")
    likeness: tuple[Likeness, ...] = Field(min_length=1, max_length=5000, description="His pictures and models.")
    signatures: tuple[SignatureEntry, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> ConsentRecord:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError(f"valid_until {self.valid_until} is before valid_from {self.valid_from}")
        if self.kind == "performer" and self.grantor.authority in ("maker", "none-needed"):
            raise ValueError(f"a performer's authority cannot be '{self.grantor.authority}': somebody has to allow it")
        return self

    def content(self) -> dict[str, object]:
        """As a file has it, without signatures."""
        return self.model_dump(mode="json", by_alias=True, exclude={"signatures"})


def record_of(data: Mapping[str, object], name: str) -> ConsentRecord:
    """A record's content as one; signatures are not looked at here.

    Raises:
        TrustError: it is no consent record; the message says which field is wrong.
    """
    try:
        return ConsentRecord.model_validate_json(canonical(data), strict=True)
    except ValidationError as error:
        raise TrustError(f"{name}: is no consent record: {_first(error)}") from error


def sha256_of(data: Mapping[str, object]) -> str:
    """What names a record's very text: the sha256 of its file."""
    return hashlib.sha256(written(data)).hexdigest()


def restrictions_of(record: ConsentRecord) -> tuple[str, ...]:
    """What it does not allow, in words, for headers and reports."""
    found = []
    for what, patterns in (
        ("projects", record.scope.projects),
        ("shots", record.scope.shots),
        ("uses", record.scope.uses),
        ("territories", record.scope.territories),
    ):
        if not {"*", "worldwide"} & {one.casefold() for one in patterns}:
            found.append(f"{what}: {', '.join(patterns)} only")
    if record.valid_until is not None:
        found.append(f"until {record.valid_until}")
    if not record.training.allowed:
        found.append("no training")
    if record.kind == "performer" and (kept_from := [one for one in SENSITIVE if one not in record.sensitive_allowed]):
        found.append(f"no {', '.join(kept_from)}")
    return tuple(found)


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the whole"
    return re.sub(r"\s+", " ", f"{where}: {problem['msg']}")[:300]
