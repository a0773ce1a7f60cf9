"""What is found when a log is verified, as plain data. Read by verify, which makes it, and by the door."""

from __future__ import annotations

from dataclasses import dataclass

from ff_vfx.trust.audit.entry import Receipt

KINDS = {
    "edited": "a line is not as it was written, or was put in",
    "removed": "entries are missing",
    "reordered": "entries stand in another order than they were written",
    "duplicated": "an entry stands there twice",
    "foreign": "an entry of another log stands there",
    "forked": "an entry was written here, but not behind the one it stands behind",
    "replaced": "the log is not the one that was seen before",
    "head": "the log's head is gone or damaged",
    "file": "a file is not one of a log",
    "kept": "a torn line that was kept aside is gone or altered",
    "alarm": "a writer found the log tampered with, and wrote it down",
}
MOST_WRONG = 100


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong. kind: of KINDS. file, line: where; '' and 0: the log as a whole. number: the entry's."""

    kind: str
    message: str
    file: str = ""
    line: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key that signed entries. known: it lies in a keyring of this machine or user."""

    name: str
    fingerprint: str
    entries: int
    known: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a log. wrong: in the order of the log, at most MOST_WRONG. notes: no faults, but worth knowing.

    receipt: where it stands, to be kept elsewhere; None: it holds nothing. first, last: times of its ends.
    """

    entries: int
    files: int
    wrong: tuple[Wrong, ...]
    notes: tuple[str, ...]
    keys: tuple[KeyUse, ...]
    receipt: Receipt | None
    first: str = ""
    last: str = ""

    @property
    def sound(self) -> bool:
        return not self.wrong
