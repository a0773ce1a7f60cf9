"""How far a log goes, signed, in a small file of its own: without it nobody would miss the newest lines.

Read by append and verify. It is written after the line it speaks of: it may lag behind the log, never be ahead of it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.entry import Receipt
from ff_vfx.trust.audit.lock import FILE, SYSTEM
from ff_vfx.trust.audit.place import HEAD, opened, read_at, sync, write_at
from ff_vfx.trust.signed_text import canonical
from ff_vfx.trust.signing import Signature, Signer, signatures_of, signed

SCHEMA = "ff-vfx audit head 1"
_NEW = f"{HEAD}.new"
_SIZE = 2048  # one page of one file, always the same: written over in place, in one piece
_KINDS: dict[str, type] = {"log": str, "count": int, "last": str, "file": int, "end": int, "since": str, "lock": str}
_HASH, _LOG = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Head:
    """A log's end. last: hash of its newest line. file: the first number of the newest file; end: its length, bytes.

    since: time of that file's first entry; empty: it has none. lock: how writers keep apart, see lock.
    """

    log: str
    count: int
    last: str
    file: int
    end: int
    since: str
    lock: str

    @property
    def receipt(self) -> Receipt:
        return Receipt(self.log, self.count, self.last)


class HeadDamaged(TrustError):
    """The head is there and not as it was written."""


def read_head(folder: Path) -> tuple[Head, Signature] | None:
    """The head and who signed it; None where there is none.

    Raises:
        HeadDamaged: it was altered, or a disk lost it.
        TrustError: it cannot be read.
    """
    path = folder / HEAD
    try:
        with opened(path) as handle:
            text = read_at(handle, _SIZE + 1, 0)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TrustError(f"audit log {path}: {error.strerror or error}") from error
    try:
        return _head_of(text)
    except (TrustError, ValueError, RecursionError) as error:
        raise HeadDamaged(f"{path}: is not as it was written") from error


def log_stand(folder: Path) -> Receipt | None:
    """Where a log stands, by its head; None where there is no log.

    Raises:
        TrustError: the head is damaged, or cannot be read.
    """
    found = read_head(folder)
    return found[0].receipt if found else None


def said_way(folder: Path) -> str:
    """How the head says that writers keep apart, before anybody has the lock; nothing is checked. Empty: not known."""
    try:
        with opened(folder / HEAD) as handle:
            data = json.loads(read_at(handle, _SIZE, 0))
    except (OSError, ValueError, RecursionError):
        return ""
    way = data.get("lock") if isinstance(data, dict) else ""
    return way if way in (SYSTEM, FILE) else ""


def write_head(folder: Path, head: Head, signer: Signer, *, first: bool = False) -> None:
    """Put the head in its place, in one piece. The caller is the log's only writer.

    first: there is none yet; it is on the disk when this returns. Later ones are not waited for: where a machine loses
        its power, the head lags, no more.

    Raises:
        OSError: as the system says. TrustError: somebody put something else there.
    """
    text = _text(signed({"schema": SCHEMA, **asdict(head)}, signer))
    path = folder / (_NEW if first else HEAD)
    with opened(path, write=True) as handle:
        write_at(handle, text, 0)
        if first:
            sync(handle)
    if first:
        os.replace(path, folder / HEAD)


def _text(data: dict[str, object]) -> bytes:
    text = canonical(data).ljust(_SIZE - 1) + b"\n"
    if len(text) != _SIZE:
        raise TrustError("audit head: the signing key's name is too long")
    return text


def _head_of(text: bytes) -> tuple[Head, Signature]:
    data = json.loads(text)
    if not isinstance(data, dict) or set(data) != {*_KINDS, "schema", "signatures"} or data["schema"] != SCHEMA:
        raise TrustError("is no head")
    if any(type(data[name]) is not kind for name, kind in _KINDS.items()) or _text(data) != text:
        raise TrustError("is no head")
    if (
        data["lock"] not in (SYSTEM, FILE)
        or not _LOG.fullmatch(data["log"])
        or not _HASH.fullmatch(data["last"])
        or min(data["count"], data["end"]) < 0
    ):
        raise TrustError("is no head")
    signatures = signatures_of(data)
    if len(signatures) != 1:
        raise TrustError("is not signed by one key")
    return Head(**{name: data[name] for name in _KINDS}), signatures[0]
