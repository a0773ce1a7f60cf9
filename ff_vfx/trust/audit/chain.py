"""Follows a log's lines and says which of them are wrong, and how. Read by verify.

Every line is signed by itself, numbered, and names the hash of the line before it: what was edited, removed, moved,
doubled or brought from elsewhere can be told apart, and one wrong line is not every line after it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.entry import Entry, Receipt, first_prev, read_line, signature_of
from ff_vfx.trust.audit.read import Line
from ff_vfx.trust.audit.verdict import MOST_WRONG, Wrong

_BACK_SECONDS = 300.0  # by which clocks of machines may differ
_MOST_NOTES = 5
_MOST_KEYS = 1000


@dataclass(frozen=True, slots=True)
class _Gap:
    """Entries that did not come when they should have. at: the line that stood there instead."""

    first: int
    last: int
    at: Line


class Chain:
    """What is known after the lines so far. wrong: in no order; number: of the last good entry; known: see `expect`."""

    def __init__(self, log: str) -> None:
        """log: whose lines they are; empty: the first good line says it."""
        self.log, self.number, self.entries = log, 0, 0
        self.wrong: list[tuple[Line, Wrong]] = []
        self.notes: list[str] = []
        self.before: tuple[Receipt, ...] = ()  # logs that this one follows
        self.keys: Counter[tuple[str, str]] = Counter()
        self.uncounted = 0  # entries whose keys are not counted: there are too many keys
        self.repaired = 0
        self.first, self.time, self.digest = "", "", first_prev(log) if log else ""
        self.bad: list[tuple[Line, str]] = []  # since the last good entry
        self._gaps: list[_Gap] = []
        self._expected: dict[int, list[tuple[Receipt, str]]] = {}

    @property
    def full(self) -> bool:
        """Whether enough is wrong to stop."""
        return len(self.wrong) + len(self.bad) + len(self._gaps) >= MOST_WRONG

    def expect(self, receipt: Receipt, who: str) -> None:
        """Hold the entry that a receipt speaks of against it. who: has it, for the message."""
        self._expected.setdefault(receipt.count, []).append((receipt, who))

    def take(self, line: Line) -> Entry | None:
        """One more line; gives its entry, if it is one of this log that stands here rightly."""
        try:
            entry = read_line(line.content)
            signature = signature_of(entry)
        except TrustError as error:
            self.bad.append((line, str(error)))
            return None
        if not self.log:
            self.log, self.digest = entry.log, first_prev(entry.log)
        if entry.log != self.log:
            self._tell(line, "foreign", f"entry {entry.number} is of another log ({entry.log[:8]})", entry.number)
            return None
        key = signature.name, signature.public
        if key in self.keys or len(self.keys) < _MOST_KEYS:
            self.keys[key] += 1
        else:
            self.uncounted += 1
        self.entries += 1
        if entry.number <= self.number:
            self._late(line, entry)
            return None
        self._settle(line, entry)
        self._hold(line, entry)
        self.number, self.digest, self.time = entry.number, entry.digest, entry.time
        return entry

    def end(self, count: int) -> list[tuple[Line, str]]:
        """No more lines; what is still missing of `count` is removed. Gives bad lines that stand behind all these."""
        self._tell_gaps()
        behind, self.bad = self.bad, []
        if self.number >= count:
            return behind
        altered = behind[: count - self.number]
        for line, why in altered:
            self._tell(line, "edited", f"the line {why}", self.number + 1)
        missing = self.number + len(altered) + 1
        if missing <= count:
            last = behind[-1][0] if behind else Line("", 0, b"")
            self._tell(last, "removed", f"the newest entries, {_entries(missing, count)} removed", missing)
        return []

    def stop(self) -> None:
        """No more is read: what was bad or missing up to here is wrong."""
        self._tell_gaps()
        for line, why in self.bad:
            self._tell(line, "edited", f"the line {why}", self.number + 1)
        self.bad = []

    def _tell_gaps(self) -> None:
        for gap in self._gaps:
            self._tell(gap.at, "removed", f"{_entries(gap.first, gap.last)} removed", gap.first)
        self._gaps = []

    def _settle(self, line: Line, entry: Entry) -> None:
        """What lies between the last good entry and this one."""
        between = entry.number - self.number - 1
        for bad, why in self.bad:
            self._tell(bad, "edited", f"the line {why}", self.number + 1)
        if between > len(self.bad):
            self._gaps.append(_Gap(self.number + 1 + len(self.bad), entry.number - 1, line))
        elif not between and not self.bad and self.digest and entry.prev != self.digest:
            self._tell(line, "forked", f"entry {entry.number} was not written behind the line before it", entry.number)
        self.bad = []

    def _late(self, line: Line, entry: Entry) -> None:
        """An entry whose number has gone by: moved, or there twice."""
        for index, gap in enumerate(self._gaps):
            if gap.first <= entry.number <= gap.last:
                parts = replace(gap, last=entry.number - 1), replace(gap, first=entry.number + 1)
                self._gaps[index : index + 1] = [part for part in parts if part.first <= part.last]
                where = f"in line {line.number} of {line.file}"
                self._tell(
                    gap.at, "reordered", f"entry {entry.number} should stand here; it does {where}", entry.number
                )
                return
        self._tell(line, "duplicated", f"entry {entry.number} again, which stood before", entry.number)

    def _hold(self, line: Line, entry: Entry) -> None:
        self.first = self.first or entry.time
        for receipt, who in self._expected.get(entry.number, ()):
            if receipt.log == entry.log and receipt.last != entry.digest:
                self._tell(line, "replaced", f"entry {entry.number} is not the one that {who} knows", entry.number)
        if _seconds(self.time, entry.time) < -_BACK_SECONDS and len(self.notes) < _MOST_NOTES:
            self.notes.append(f"the clock goes back at entry {entry.number}: {self.time}, then {entry.time}")

    def _tell(self, line: Line, kind: str, message: str, number: int) -> None:
        self.wrong.append((line, Wrong(kind, message, line.file, line.number, number)))


def _entries(first: int, last: int) -> str:
    return f"entry {first} was" if first == last else f"entries {first} to {last} were"


def _seconds(before: str, after: str) -> float:
    try:
        return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
