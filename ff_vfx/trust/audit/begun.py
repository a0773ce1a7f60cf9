"""Logs that follow other logs: the first entry of one that was begun anew says what was before it.

Read by append and verify. It is how a log that was found wrong is closed without being hidden: it is put away whole,
under a name, and stays readable.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.entry import MOST_LINE, Entry, Receipt, read_line, signature_of
from ff_vfx.trust.audit.place import HEAD, log_file, log_files, opened, read_at

BEGUN = "audit begin"
_MOST_BEFORE = 50


def told_before(before: Sequence[Receipt]) -> list[dict[str, object]]:
    """Logs before a new one, newest first, as its first entry says them."""
    return [{"log": one.log, "count": one.count, "last": one.last} for one in before[:_MOST_BEFORE]]


def before_of(entry: Entry) -> tuple[Receipt, ...]:
    """The logs before an entry's own, newest first; none where it does not begin a log anew."""
    before = entry.result.get("before")
    if (entry.verb, entry.state, entry.number) != (BEGUN, "found", 1) or not isinstance(before, list):
        return ()
    found: list[Receipt] = []
    for one in before[:_MOST_BEFORE]:
        if isinstance(one, dict) and isinstance(one.get("log"), str) and type(one.get("count")) is int:
            found.append(Receipt(one["log"], one["count"], str(one.get("last"))))
    return tuple(found)


def covers(before: Sequence[Receipt], seen: Receipt) -> bool:
    """Whether a log that somebody knows is one of these, and was as long then."""
    same = [one for one in before if one.log == seen.log]
    return any(one.count > seen.count or (one.count, one.last) == (seen.count, seen.last) for one in same)


def first_entry(folder: Path) -> Entry | None:
    """A log's first entry, if it is there and signed."""
    with suppress(OSError, TrustError), opened(log_file(folder, 1)) as handle:
        line, end, _ = read_at(handle, MOST_LINE, 0).partition(b"\n")
        entry = read_line(line + end)
        signature_of(entry)
        return entry
    return None


def put_away(folder: Path, log: str) -> Path:
    """Move all of a log but its lock into a folder below it; gives that one.

    Raises:
        OSError: as the system says.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    closed = folder / f"closed-{stamp}-{log[:8]}"
    closed.mkdir(mode=0o700)
    os.chmod(closed, stat.S_IMODE(folder.stat().st_mode))  # who could read the log still can
    files = [path for _, path in log_files(folder)] + sorted(folder.glob("torn-*.part"))
    for path in [*files, folder / HEAD]:
        with suppress(FileNotFoundError):
            os.replace(path, closed / path.name)
    return closed
