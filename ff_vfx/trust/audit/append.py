"""Puts an entry at the end of the log, whoever else writes, whatever was killed before. Read by the door.

Line first, and on the disk before `append` returns; head second: what a kill leaves is a head that lags, and at most
one torn piece behind the last whole line. Anything else was done by hand, and is written down.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.begun import BEGUN, before_of, covers, first_entry, put_away, told_before
from ff_vfx.trust.audit.entry import Deed, Receipt, digest_of, line_of
from ff_vfx.trust.audit.head import Head, HeadDamaged, read_head, said_way, write_head
from ff_vfx.trust.audit.lock import held, way_for
from ff_vfx.trust.audit.place import log_file, log_files, make_place, opened, sync, sync_folder, write_at
from ff_vfx.trust.audit.seen import last_seen, remember
from ff_vfx.trust.audit.tail import NotAsLeft, Tail, after_fault, after_head, fresh_tail, keep_aside
from ff_vfx.trust.signing import Signer

REPAIRED, ALARM = "audit repaired", "audit alarm"


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a new file is begun. most_bytes: of one file. months: calendar months (UTC) that one may hold; 0: any."""

    most_bytes: int = 16 << 20
    months: int = 1


MONTHLY = Rotation()


def append(folder: Path, deed: Deed, signer: Signer, rotation: Rotation = MONTHLY) -> Receipt:
    """Write one entry, for good: it is on the disk when this returns.

    Args:
        folder: the log's; made, and the log begun, where there is none. signer: who vouches for the entry.

    Returns:
        Where the log stands with it.

    Raises:
        TrustError: it could not be written; the message says why. The log is as it was, or can be repaired.
    """
    try:
        make_place(folder)
        with _only_writer(folder) as (way, found):
            tail, told = _end_of(folder, found, (way, signer))
            return _write(folder, way, _rotated(tail, deed, rotation), [*told, deed], signer)
    except OSError as error:
        raise TrustError(f"audit log {folder}: {error.strerror or error}; see that it can be written") from error


def begin_anew(folder: Path, why: str, signer: Signer) -> tuple[Receipt, Path]:
    """Put a log away, whole and readable, and begin another one, whose first entry says why and what was before.

    Returns:
        Where the new log stands, and the folder of the old one.

    Raises:
        TrustError: there is none, or it cannot be moved.
    """
    try:
        if not folder.is_dir():
            raise TrustError(f"audit log {folder}: there is none")
        with _only_writer(folder) as (way, found):
            if found is None and not log_files(folder):
                raise TrustError(f"audit log {folder}: there is none")
            old = found.receipt if isinstance(found, Head) else after_fault(folder, None).receipt
            first, seen = first_entry(folder), last_seen(folder)
            before = [old, *(before_of(first) if first else ())]
            if seen and not covers(before, seen):
                before.append(seen)
            closed = put_away(folder, old.log)
            tail = fresh_tail()
            write_head(folder, _head(tail, way), signer, first=True)
            told = {"closed": closed.name, "before": told_before(before)}
            deed = Deed(BEGUN, uuid.uuid4().hex[:16], "found", {"why": why}, told)
            return _write(folder, way, tail, [deed], signer), closed
    except OSError as error:
        raise TrustError(f"audit log {folder}: {error.strerror or error}; see that it can be written") from error


@contextmanager
def _only_writer(folder: Path) -> Iterator[tuple[str, Head | HeadDamaged | None]]:
    """Hold the log's lock, in the way its head says; gives the way, and the head."""
    way = said_way(folder) or way_for(folder)
    with held(folder, way):
        found = _look(folder)
        newer = found.lock if isinstance(found, Head) else way
        if newer == way:
            yield way, found
            return
    # Another process made the log between our two looks, or its head is damaged; what the head says holds.
    with held(folder, newer):
        yield newer, _look(folder)


def _look(folder: Path) -> Head | HeadDamaged | None:
    try:
        found = read_head(folder)
    except HeadDamaged as error:
        return error
    return found[0] if found else None


def _end_of(folder: Path, found: Head | HeadDamaged | None, by: tuple[str, Signer]) -> tuple[Tail, list[Deed]]:
    """Where to go on, and what has to be told first of how the log was found."""
    told: list[Deed] = []
    try:
        tail = _left(folder, found, by)
    except (NotAsLeft, HeadDamaged) as error:
        head = found if isinstance(found, Head) else None
        tail = after_fault(folder, head)
        told.append(_found(ALARM, {"fault": str(error), "count": head.count if head else 0}))
    seen = last_seen(folder)
    if seen and not _follows(folder, tail, seen):
        fault = "the log was taken away, or put back to an older state, since this user last wrote to it"
        told.append(_found(ALARM, {"fault": fault, "count": seen.count, "log": seen.log, "last": seen.last}))
    if tail.torn:
        path, digest = keep_aside(folder, tail)
        told.append(_found(REPAIRED, {"kept": path.name, "bytes": tail.torn, "sha256": digest}))
    return tail, told


def _left(folder: Path, found: Head | HeadDamaged | None, by: tuple[str, Signer]) -> Tail:
    """Where to go on in a log that is as its writers left it, or in a new one.

    Raises:
        NotAsLeft, HeadDamaged: it is not.
    """
    if isinstance(found, HeadDamaged):
        raise found
    if found:
        return after_head(folder, found)
    if log_files(folder):
        raise NotAsLeft("its head is gone")
    tail = fresh_tail()
    # Before the first line, so that a log without a head is one that was robbed of it.
    write_head(folder, _head(tail, by[0]), by[1], first=True)
    sync_folder(folder)
    return tail


def _follows(folder: Path, tail: Tail, seen: Receipt) -> bool:
    """Whether a log is what was seen, or was begun anew after that."""
    if covers([tail.receipt], seen):
        return True
    first = first_entry(folder) if tail.log != seen.log else None
    return first is not None and first.log == tail.log and covers(before_of(first), seen)


def _found(verb: str, result: dict[str, object]) -> Deed:
    return Deed(verb, uuid.uuid4().hex[:16], "found", {}, result)


def _rotated(tail: Tail, deed: Deed, rotation: Rotation) -> Tail:
    """The tail, or the beginning of a new file where it is time; a torn line is repaired where it is."""
    due = tail.end >= rotation.most_bytes
    if rotation.months and tail.since:
        due = due or _month(deed.time) - _month(tail.since) >= rotation.months
    if not due or tail.torn or not tail.end:
        return tail
    return replace(tail, file=tail.count + 1, end=0, since="")


def _month(time: str) -> int:
    try:
        moment = datetime.fromisoformat(time).astimezone(UTC)
    except ValueError:
        return 0
    return moment.year * 12 + moment.month


def _write(folder: Path, way: str, tail: Tail, deeds: Sequence[Deed], signer: Signer) -> Receipt:
    lines: list[bytes] = []
    receipt = tail.receipt
    for deed in deeds:
        lines.append(line_of(deed, receipt, signer))
        receipt = Receipt(receipt.log, receipt.count + 1, digest_of(lines[-1]))
    content = b"".join(lines)
    with opened(log_file(folder, tail.file), write=True) as handle:
        write_at(handle, content, tail.end)
        if tail.torn > len(content):
            os.ftruncate(handle, tail.end + len(content))
        sync(handle)
    if not tail.end:
        sync_folder(folder)
    now = replace(tail, count=receipt.count, last=receipt.last, end=tail.end + len(content), torn=0)
    write_head(folder, _head(replace(now, since=tail.since or deeds[0].time), way), signer)
    remember(folder, receipt)
    return receipt


def _head(tail: Tail, way: str) -> Head:
    return Head(tail.log, tail.count, tail.last, tail.file, tail.end, tail.since, way)
