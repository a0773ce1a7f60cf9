"""Whether a log is whole and as it was written. Read by the door; needs no lock and no right to write.

It is held against its head, against what this user last saw of it, and against receipts that were kept elsewhere. Who
has a key that signed entries can sign others; what that leaves undone is in docs/audit.md.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.append import ALARM, REPAIRED
from ff_vfx.trust.audit.begun import before_of, covers
from ff_vfx.trust.audit.chain import Chain
from ff_vfx.trust.audit.entry import Entry, Receipt
from ff_vfx.trust.audit.head import Head, HeadDamaged, read_head
from ff_vfx.trust.audit.place import HEAD, opened
from ff_vfx.trust.audit.read import Line, lines_of, sizes_of
from ff_vfx.trust.audit.seen import last_seen
from ff_vfx.trust.audit.verdict import MOST_WRONG, KeyUse, Verdict, Wrong
from ff_vfx.trust.keyring import load_keyring
from ff_vfx.trust.signing import Signature, fingerprint_of

_MOST_KEPT = 1 << 20  # bytes
_MOST_TOLD = 5
_LOOKS, _REST_SECONDS = 4, 0.02


def verify(folder: Path, receipts: Sequence[Receipt] = ()) -> Verdict:
    """Read the whole log, a line at a time.

    Args:
        receipts: where it stood earlier, from elsewhere: a manifest, a mail.

    Raises:
        TrustError: there is no log, or it cannot be read.
    """
    whole: list[Wrong] = []
    # In this order, each reaches at least as far as the one before it, whoever writes meanwhile.
    known = _known(folder, receipts)
    head = _head(folder, whole)
    files = sizes_of(folder)
    if not files and not head and not whole and not known:
        raise TrustError(f"audit log {folder}: there is none")
    chain = Chain(head.log if head else "")
    if head and head.count:
        chain.expect(head.receipt, "the head")
    for who, receipt in known:
        chain.expect(receipt, who)
    for first, path, size in files:
        _follow(chain, first, path, size)
        if chain.full:
            chain.stop()
            chain.notes.append(f"more is wrong than is told here; reading ended in {path.name}")
            break
    whole += _end(chain, head, known)
    return _verdict(chain, whole, [path.name for _, path, _ in files])


def has_log(folder: Path) -> bool:
    """Whether there is something to verify: a log, what is left of one, or the memory of one."""
    return (folder / HEAD).exists() or bool(sizes_of(folder)) or last_seen(folder) is not None


def _head(folder: Path, wrong: list[Wrong]) -> Head | None:
    try:
        found = _settled_head(folder)
    except HeadDamaged as error:
        wrong.append(Wrong("head", str(error)))
        return None
    if found is None and sizes_of(folder):
        wrong.append(Wrong("head", "the head is gone; how far the log went is not known"))
    return found[0] if found else None


def _settled_head(folder: Path) -> tuple[Head, Signature] | None:
    """The head; read again where it is damaged: somebody may just be writing it, and nobody is locked out."""
    for _ in range(_LOOKS - 1):
        try:
            return read_head(folder)
        except HeadDamaged:
            time.sleep(_REST_SECONDS)
    return read_head(folder)


def _known(folder: Path, receipts: Sequence[Receipt]) -> list[tuple[str, Receipt]]:
    seen = last_seen(folder)
    return [*([("this user", seen)] if seen else []), *(("the receipt", one) for one in receipts)]


def _follow(chain: Chain, first: int, path: Path, size: int) -> None:
    try:
        for line in lines_of(path, size):
            entry = chain.take(line)
            if entry is not None:
                _look_at(chain, line, entry, path.parent)
                if line.number == 1 and entry.number != first:
                    told = f"begins with entry {entry.number}, its name says {first}"
                    chain.wrong.append((line, Wrong("file", told, line.file, 1, entry.number)))
            if chain.full:
                return
    except (OSError, TrustError) as error:
        chain.wrong.append((Line(path.name, 0, b""), Wrong("file", f"cannot be read: {error}", path.name)))


def _look_at(chain: Chain, line: Line, entry: Entry, folder: Path) -> None:
    """What writers wrote about the log itself."""
    if entry.verb == ALARM and entry.state == "found":
        told = f"written down at {entry.time}: {entry.result.get('fault', '')}"
        chain.wrong.append((line, Wrong("alarm", told, line.file, line.number, entry.number)))
    elif before := before_of(entry):
        chain.before = before
        by, why = entry.data["user"], entry.inputs.get("why", "")
        old = f"{before[0].count} entries, in {entry.result.get('closed')}"
        chain.notes.append(f"begun anew on {entry.time[:10]} by {by}: {why}; before it: {old}")
    elif entry.verb == REPAIRED and entry.state == "found":
        name, digest = entry.result.get("kept"), entry.result.get("sha256")
        fault = _kept_fault(folder, name, digest)
        if fault:
            told = f"{fault}; a torn line was kept there when entry {entry.number} was written"
            chain.wrong.append((line, Wrong("kept", told, line.file, line.number, entry.number)))
        chain.repaired += 1
        if chain.repaired <= _MOST_TOLD:
            chain.notes.append(f"entry {entry.number}: a line that a killed writer left torn was kept aside as {name}")


def _kept_fault(folder: Path, name: object, digest: object) -> str:
    if not isinstance(name, str) or "/" in name or "\\" in name or not name.startswith("torn-"):
        return "the file it was kept in has no name of ours"
    try:
        with opened(folder / name) as handle, open(handle, "rb", closefd=False) as file:
            content = file.read(_MOST_KEPT + 1)
    except (OSError, TrustError):
        return f"{name} is gone"
    return "" if hashlib.sha256(content).hexdigest() == digest else f"{name} was altered"


def _end(chain: Chain, head: Head | None, known: Sequence[tuple[str, Receipt]]) -> list[Wrong]:
    """What is wrong with the log as a whole, once its lines are read."""
    behind = [] if chain.full else chain.end(head.count if head else 0)
    for line, why in behind:
        if line.whole and b"\0" not in line.content:
            chain.wrong.append((line, Wrong("edited", f"the line {why}; it was put in", line.file, line.number)))
        else:
            size = len(line.content)
            chain.notes.append(f"{line.file} ends with a torn line of {size} bytes; the next entry keeps it aside")
    wrong = []
    for who, receipt in known:
        if covers(chain.before, receipt):
            chain.notes.append(f"what {who} knows is of a log before this one ({receipt.log[:8]}): verify that one too")
        elif chain.log and receipt.log != chain.log:
            wrong.append(
                Wrong("replaced", f"{who} knows another log here ({receipt.log[:8]}, {receipt.count} entries)")
            )
        elif not chain.full and receipt.count > max(chain.number, head.count if head else 0):
            wrong.append(Wrong("removed", f"{who} knows {receipt.count} entries; {chain.number} are here"))
    return wrong


def _verdict(chain: Chain, whole: Sequence[Wrong], names: Sequence[str]) -> Verdict:
    order = {name: index for index, name in enumerate(names)}
    # What has no line is the log's end.
    places = sorted(chain.wrong, key=lambda pair: (order.get(pair[0].file, len(order)), pair[0].number))
    wrong = [*(one for _, one in places[: MOST_WRONG - len(whole)]), *whole]
    keyring = load_keyring()
    keys = [
        KeyUse(name, fingerprint_of(public), count, keyring.knows(public))
        for (name, public), count in chain.keys.most_common()
    ]
    for key in keys:
        if not key.known:
            told = f"{key.entries} entries are signed by {key.name} with key {key.fingerprint}, unknown to this keyring"
            chain.notes.append(told)
    if chain.uncounted:
        chain.notes.append(f"{chain.uncounted} entries are signed by more keys than are counted")
    if chain.repaired > _MOST_TOLD:
        chain.notes.append(f"{chain.repaired} torn lines were kept aside in all")
    receipt = Receipt(chain.log, chain.number, chain.digest) if chain.number else None
    return Verdict(
        chain.entries,
        len(names),
        tuple(wrong[:MOST_WRONG]),
        tuple(chain.notes),
        tuple(keys),
        receipt,
        chain.first,
        chain.time,
    )
