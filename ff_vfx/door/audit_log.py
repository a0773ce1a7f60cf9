"""The audit log at the door: what it holds, whether it is whole, where it is. Read by the command line and scripts.

Importing it loads nothing heavy. How acts get into it is in ff_vfx.door.auditing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ff_vfx.door.audit_places import VARIABLE, audit_folders, site_log
from ff_vfx.errors import BadInput, TrustError

if TYPE_CHECKING:
    from ff_vfx.trust.audit import Entry, Receipt

MOST_AUDIT_SHOWN = 10_000


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which entries are wanted; empty: any.

    verb: its beginning, 'consent' is every act on consents. since, until: UTC, a day ('2026-11-21', the whole of it) or
    a moment. plate: part of the plate's pattern or its key. about: part of anything that is said of inputs and result.
    user, machine: whole. act: the name that the entries of one act share.
    """

    verb: str = ""
    since: str = ""
    until: str = ""
    plate: str = ""
    about: str = ""
    user: str = ""
    machine: str = ""
    act: str = ""


def audit_show(folder: str = "", wish: AuditWish | None = None, *, last: int = 30) -> list[dict[str, object]]:
    """The newest entries that are wanted, as they stand in the log, oldest first; nothing of them is verified.

    Args:
        folder: a log's; '' the one that acts of this user go to. last: so many, at most MOST_AUDIT_SHOWN.

    Raises:
        BadInput: a time is none, or `last` is too large. TrustError: there is no log, or it cannot be read.
    """
    from ff_vfx.trust.audit import newest

    if not 1 <= last <= MOST_AUDIT_SHOWN:
        raise BadInput(f"audit: the newest {last} entries; ask for 1 to {MOST_AUDIT_SHOWN}, or for each in turn")
    return [dict(entry.data) for entry in newest(_there(folder), last, _wanted(wish or AuditWish()))]


def audit_each(folder: str = "", wish: AuditWish | None = None) -> Iterator[dict[str, object]]:
    """All entries that are wanted, oldest first, one at a time, however long the log is. As audit_show."""
    from ff_vfx.trust.audit import each

    return (dict(entry.data) for entry in each(_there(folder), _wanted(wish or AuditWish())))


def audit_verify(folder: str = "", receipts: Sequence[str] = ()) -> list[dict[str, object]]:
    """Whether each log is whole and as it was written.

    Args:
        folder: a log's; '' all that acts of this user go to. receipts: LOG:COUNT:HASH each, as audit_where gives them;
            those of other logs are left aside where several are verified.

    Returns:
        A log each: folder, sound, entries, files, wrong (kind, message, file, line, number; in the log's order), notes,
        keys, receipt, first, last.

    Raises:
        BadInput: a receipt is none. TrustError: there is no log, or it cannot be read.
    """
    from ff_vfx.trust.audit import has_log, verify

    known = [_receipt(text) for text in receipts]
    folders = [Path(folder)] if folder else [path for path in audit_folders()[0] if has_log(path)]
    if not folders:
        raise TrustError(f"audit log {audit_folders()[0][0]}: there is none yet")
    found: list[dict[str, object]] = []
    for path in folders:
        here = _log_of(path)
        verdict = verify(path, [one for one in known if len(folders) == 1 or one.log == here])
        told = {**asdict(verdict), "receipt": str(verdict.receipt) if verdict.receipt else ""}
        found.append({"folder": str(path), "sound": verdict.sound, **told})
    return found


def audit_begin(why: str, folder: str = "") -> dict[str, object]:
    """Put a log away, whole and readable, and begin another one that says why and what was before it.

    Args:
        why: for who reads it later. folder: a log's; '' the one that acts of this user go to.

    Returns:
        'folder', 'closed' (the folder of the old log), 'receipt' (of the new one).

    Raises:
        BadInput: no reason. TrustError: there is no log, or it cannot be moved.
    """
    from ff_vfx.trust.audit import begin_anew
    from ff_vfx.trust.signing import user_signer

    if not why.strip():
        raise BadInput("audit begin: say why; it will stand in the new log's first entry")
    path = Path(folder) if folder else audit_folders()[0][0]
    receipt, closed = begin_anew(path, why.strip(), user_signer())
    return {"folder": str(path), "closed": str(closed), "receipt": str(receipt)}


def audit_where() -> list[dict[str, object]]:
    """Every log that acts of this user go to: kind ('site', 'user', 'show'), folder, entries, receipt, fault."""
    from ff_vfx.trust.audit import log_stand

    folders, fault = audit_folders()
    found: list[dict[str, object]] = []
    for index, path in enumerate(folders):
        kind = "show" if index else "site" if _has_site() else "user"
        row: dict[str, object] = {"kind": kind, "folder": str(path), "entries": 0, "receipt": "", "fault": ""}
        try:
            receipt = log_stand(path)
        except TrustError as error:
            row["fault"] = str(error)
        else:
            row |= {"entries": receipt.count, "receipt": str(receipt)} if receipt else {}
            row["fault"] = "" if _can_write(path) else "cannot be written by this user"
        found.append(row)
    if fault:
        found.append(
            {"kind": "fault", "folder": os.environ.get(VARIABLE, ""), "entries": 0, "receipt": "", "fault": fault}
        )
    return found


def _there(folder: str) -> Path:
    path = Path(folder) if folder else audit_folders()[0][0]
    if not path.is_dir():
        raise TrustError(f"audit log {path}: there is none")
    return path


def _wanted(wish: AuditWish) -> Callable[[Entry], bool]:
    since, until = _moment(wish.since, "00:00:00.000"), _moment(wish.until, "23:59:59.999")

    def wanted(entry: Entry) -> bool:
        return (
            entry.verb.startswith(wish.verb)
            and since <= entry.time
            and (not until or entry.time <= until)
            and wish.user in ("", entry.user)
            and wish.machine in ("", entry.machine)
            and wish.act in ("", entry.act)
            and wish.plate in _plate_of(entry.inputs)
            and (not wish.about or wish.about in _text(entry.inputs) or wish.about in _text(entry.result))
        )

    return wanted


def _plate_of(inputs: Mapping[str, object]) -> str:
    plate = inputs.get("plate", "")
    return plate if isinstance(plate, str) else _text(plate)


def _text(part: object) -> str:
    return json.dumps(part, ensure_ascii=False)


def _moment(text: str, of_day: str) -> str:
    """As entries write it, so that text can be compared.

    Raises:
        BadInput: it is no time.
    """
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text if len(text) > 10 else f"{text}T{of_day}")
    except ValueError as error:
        raise BadInput(f"time {text}: give a day or a moment in UTC: 2026-11-21, 2026-11-21T18:30") from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _receipt(text: str) -> Receipt:
    from ff_vfx.trust.audit import Receipt

    log, _, rest = text.strip().partition(":")
    count, _, last = rest.partition(":")
    if not (len(log) == 32 and len(last) == 64 and count.isdecimal() and len(count) < 16):
        raise BadInput(f"receipt {text[:120]}: is none; it is LOG:COUNT:HASH, as `ff-vfx audit where` prints it")
    return Receipt(log, int(count), last)


def _log_of(folder: Path) -> str:
    from ff_vfx.trust.audit import log_stand

    try:
        stand = log_stand(folder)
    except TrustError:
        return ""
    return stand.log if stand else ""


def _has_site() -> bool:
    try:
        return site_log() is not None
    except TrustError:
        return False


def _can_write(folder: Path) -> bool:
    """Whether it can be written, or made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
