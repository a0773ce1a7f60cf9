"""What one check found, as plain data. Read by publish checks, QC and reports; loads neither torch nor numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OUTCOMES = ("passed", "failed", "waived", "skipped")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check on one delivery.

    check: its short name ('matte-range'). outcome: one of OUTCOMES; 'skipped' says in `message` what was missing.
    message: for an artist: what, where, how to mend it. frames: those at fault, none where it is the whole.
    waiver: who let it pass, why and until when; only with 'waived'. values: what was measured, for machines.
    """

    check: str
    outcome: str
    message: str
    frames: tuple[int, ...] = ()
    waiver: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """Whether nothing may be published because of it."""
        return self.outcome == "failed"
