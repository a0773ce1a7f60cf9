"""Faults that a person has signed for: who, why, until when, which check, which frames. Read by the door.

A waiver lets its own frames of its own check pass and nothing else; one that has run out lets nothing pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ff_vfx.errors import BadInput
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges

_RANGE = re.compile(r"\s*(-?\d{1,9})(?:-(-?\d{1,9}))?\s*")


class Waiver(BaseModel):
    """One. frames: '1004-1006,1010', '' for all. until: the last day it counts."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    check: str = Field(min_length=1, description="Name of the check, as the report has it.")
    who: str = Field(min_length=2, description="Who signs for it.")
    why: str = Field(min_length=3, description="Why it may pass.")
    until: date = Field(description="Last day that it counts, YYYY-MM-DD.")
    frames: str = Field("", description="Frames it is for; empty: all.")

    @field_validator("frames")
    @classmethod
    def _readable(cls, text: str) -> str:
        for piece in text.split(",") if text else ():
            if not (match := _RANGE.fullmatch(piece)) or (match[2] and int(match[2]) < int(match[1])):
                raise ValueError(f"'{piece}' is no range; write 1004-1006,1010")
        return text

    def covers(self, number: int) -> bool:
        """Whether a frame is among its own."""
        ranges = [_RANGE.fullmatch(piece) for piece in self.frames.split(",")] if self.frames else []
        return not self.frames or any(m and int(m[1]) <= number <= int(m[2] or m[1]) for m in ranges)

    @property
    def said(self) -> str:
        """'Ada, until 2026-12-24: seen and liked'."""
        return f"{self.who}, until {self.until.isoformat()}: {self.why}"


class _Waivers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    waivers: tuple[Waiver, ...]


def waivers_from(data: Mapping[str, object], where: str, checks: Sequence[str]) -> tuple[Waiver, ...]:
    """A waivers file's content. where: start of the message. checks: names of those there are.

    Raises:
        BadInput: one has no name, reason, date or check, or a check there is none of.
    """
    try:
        found = _Waivers.model_validate(dict(data)).waivers
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput(f"{where}: {faults}; a waiver says check, who, why, until and frames") from error
    for waiver in found:
        if waiver.check not in checks:
            raise BadInput(f"{where}: there is no check '{waiver.check}'; use {', '.join(checks)}")
    return found


def with_waivers(finding: Finding, waivers: Sequence[Waiver], today: date) -> Finding:
    """The finding as far as nobody has signed for it.

    All its frames signed for: 'waived'. Some: it fails with the others, and says who signed. None: as it was.
    """
    if not finding.stops:
        return finding
    own = [waiver for waiver in waivers if waiver.check == finding.check]
    valid, old = ([w for w in own if (w.until >= today) is counts] for counts in (True, False))
    late = "".join(f"; the waiver of {w.who} ran out on {w.until.isoformat()}" for w in old)
    left = tuple(n for n in finding.frames if not any(w.covers(n) for w in valid))
    used = [w for w in valid if any(map(w.covers, finding.frames)) or (not finding.frames and not w.frames)]
    if not used:
        return replace(finding, message=finding.message + late)
    said = "; ".join(w.said for w in used)
    if not left:
        return replace(finding, outcome="waived", waiver=said)
    signed = [n for n in finding.frames if n not in left]
    message = f"{finding.message}; {said_ranges(signed)} waived by {', '.join(w.who for w in used)}{late}"
    return replace(finding, message=message, frames=left, waiver=said)
