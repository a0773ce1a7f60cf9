"""Where a log goes on: what lies behind the place its head speaks of, after kills, and after hands. Read by append.

Whole lines there that chain and are signed belong to the log: their writer was killed before the head. What follows
them is a torn line. A log that is shorter than its head says goes on in a new file, and what is there is left alone.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.entry import MOST_LINE, Entry, Receipt, first_prev, read_line, signature_of
from ff_vfx.trust.audit.head import Head
from ff_vfx.trust.audit.place import log_file, log_files, opened, read_at, sync, torn_file, write_at

_MOST_TORN = 1 << 20  # bytes; a writer has at most a few lines under way
_MOST_AHEAD = 1000  # entries


class NotAsLeft(TrustError):
    """The log's end is not where its writers left it."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the next line goes. file: the first number of the file; end: bytes of it that are whole lines.

    since: time of the file's first entry; empty: it has none. torn: bytes behind `end` that are no line.
    """

    log: str
    count: int
    last: str
    file: int
    end: int
    since: str = ""
    torn: int = 0

    @property
    def receipt(self) -> Receipt:
        return Receipt(self.log, self.count, self.last)


def fresh_tail() -> Tail:
    """Where a new log begins."""
    log = uuid.uuid4().hex
    return Tail(log, 0, first_prev(log), 1, 0)


def after_head(folder: Path, head: Head) -> Tail:
    """Where a log goes on whose head is there.

    Raises:
        NotAsLeft: something was taken away or put there. OSError: as the system says.
    """
    tail = Tail(head.log, head.count, head.last, head.file, head.end, head.since)
    size = _size(log_file(folder, tail.file))
    if max(size, 0) < tail.end:  # a log that was just begun has a head and no file
        what = "is gone" if size < 0 else f"is shorter than it was: {size} of {tail.end} bytes"
        raise NotAsLeft(f"{log_file(folder, tail.file).name} {what}")
    tail = _adopted(folder, tail)
    following = tail.count + 1
    if following != tail.file and _size(log_file(folder, following)) >= 0:
        if tail.torn:
            raise NotAsLeft(f"{log_file(folder, following).name} follows a file that does not end with a whole line")
        tail = _adopted(folder, replace(tail, file=following, end=0, since=""))
    if tail.torn > _MOST_TORN or tail.count - head.count > _MOST_AHEAD:
        raise NotAsLeft(f"{log_file(folder, tail.file).name} holds more than a killed writer can have left")
    return tail


def after_fault(folder: Path, head: Head | None) -> Tail:
    """Where a log goes on that is not as it was left: in a file of its own, behind every number that is taken."""
    files = log_files(folder)
    entry = _last_entry(files[-1][1]) if files else None
    taken = [(head.count, head.last, head.log)] if head else []
    if entry:
        taken.append((entry.number, entry.digest, entry.log))
    count, last, log = max(taken) if taken else (0, "", uuid.uuid4().hex)
    last = last or first_prev(log)
    log = head.log if head else log
    count = max(count, files[-1][0] if files else 0)
    while _size(log_file(folder, count + 1)) >= 0:
        count += 1
    return Tail(log, count, last, count + 1, 0)


def keep_aside(folder: Path, tail: Tail) -> tuple[Path, str]:
    """Copy a torn line to a file of its own, before its place is taken; gives the file and its sha256."""
    with opened(log_file(folder, tail.file)) as handle:
        content = read_at(handle, tail.torn, tail.end)
    digest = hashlib.sha256(content).hexdigest()
    path = torn_file(folder, tail.count + 1, digest)
    with opened(path, write=True) as handle:
        write_at(handle, content, 0)
        sync(handle)
    return path, digest


def _adopted(folder: Path, tail: Tail) -> Tail:
    """The tail with the whole lines behind it taken in, and what is left counted as torn."""
    path = log_file(folder, tail.file)
    size = _size(path)
    if size <= tail.end:
        return tail
    with opened(path) as handle:
        for _ in range(_MOST_AHEAD + 1):
            line = read_at(handle, MOST_LINE + 1, tail.end).partition(b"\n")
            entry = _following(tail, b"".join(line[:2]))
            if entry is None:
                break
            end = tail.end + len(line[0]) + 1
            tail = replace(tail, count=entry.number, last=entry.digest, end=end, since=tail.since or entry.time)
    return replace(tail, torn=max(0, size - tail.end))


def _following(tail: Tail, line: bytes) -> Entry | None:
    try:
        entry = read_line(line)
        if (entry.log, entry.number, entry.prev) != (tail.log, tail.count + 1, tail.last):
            return None
        signature_of(entry)
    except TrustError:
        return None
    return entry


def _last_entry(path: Path) -> Entry | None:
    """The last line of a file that is one; looked for in its last mebibyte."""
    size = _size(path)
    with opened(path) as handle:
        lines = read_at(handle, 1 << 20, max(0, size - (1 << 20))).splitlines(keepends=True)
    for line in reversed(lines):
        try:
            entry = read_line(line)
            signature_of(entry)
        except TrustError:
            continue
        return entry
    return None


def _size(path: Path) -> int:
    """Of a file, bytes; -1: there is none."""
    try:
        return os.stat(path, follow_symlinks=False).st_size
    except FileNotFoundError:
        return -1
