"""One line of the audit log: what it says, its one text, and its reading back. Read by append, read and verify.

A line is canonical JSON with one signature over all of it. Its hash, that of its very bytes, is in the next line.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath

from ff_vfx import __version__
from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import canonical
from ff_vfx.trust.signing import Signature, Signer, signatures_of, signed

SCHEMA = "ff-vfx audit 1"
STATES = ("begun", "ended", "found")  # of an act; 'found' is what a writer saw wrong with the log itself
MOST_LINE = 1 << 16  # bytes
_MOST_PART = 20_000  # bytes of inputs, and of the result
_MOST_TEXT, _MOST_ITEMS, _MOST_DEEP = 1000, 200, 8
_TEXTS = ("schema", "log", "prev", "time", "act", "state", "verb", "user", "machine", "tool")
_FIELDS = {*_TEXTS, "n", "process", "inputs", "result", "signatures"}
_HASH, _LOG = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be written down. act: one name for the entries of one act. inputs, result: plain data.

    time: UTC, ISO 8601; when it was done, which may be a moment before it is written.
    """

    verb: str
    act: str
    state: str = "ended"
    inputs: Mapping[str, object] = field(default_factory=dict)
    result: Mapping[str, object] = field(default_factory=dict)
    time: str = field(default_factory=lambda: now())


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a log stood: with it, kept elsewhere, nobody can shorten the log before this line unseen."""

    log: str
    count: int
    last: str

    def __str__(self) -> str:
        return f"{self.log}:{self.count}:{self.last}"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A line that was read. data: all it says. digest: sha256 of its bytes, which the next line repeats."""

    number: int
    log: str
    prev: str
    time: str
    act: str
    state: str
    verb: str
    user: str
    machine: str
    inputs: Mapping[str, object]
    result: Mapping[str, object]
    data: Mapping[str, object]
    digest: str


def now() -> str:
    """The time, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def first_prev(log: str) -> str:
    """What stands before a log's first line."""
    return hashlib.sha256(f"{SCHEMA} {log}".encode()).hexdigest()


def line_of(deed: Deed, before: Receipt, signer: Signer) -> bytes:
    """The line for a deed, after what the log holds already, its end included.

    Raises:
        TrustError: it cannot be signed.
    """
    data = {
        "schema": SCHEMA,
        "log": before.log,
        "n": before.count + 1,
        "prev": before.last,
        "time": deed.time,
        "act": deed.act,
        "state": deed.state,
        "verb": deed.verb,
        "user": this_user(),
        "machine": platform.node()[:200] or "unknown",
        "process": {"pid": os.getpid(), "program": _plain_text(PurePath(sys.argv[0] or "python").name)},
        "tool": f"ff-vfx {__version__}",
        "inputs": plain(deed.inputs),
        "result": plain(deed.result),
    }
    line = canonical(signed(data, signer)) + b"\n"
    assert len(line) <= MOST_LINE
    return line


def digest_of(line: bytes) -> str:
    """A line's hash; its end does not count."""
    return hashlib.sha256(line.removesuffix(b"\n")).hexdigest()


def read_line(line: bytes) -> Entry:
    """A line as it was written; its signature is not looked at: see `signature_of`.

    Args:
        line: with its end.

    Raises:
        TrustError: it is no such line, in words.
    """
    if len(line) > MOST_LINE or not line.endswith(b"\n"):
        raise TrustError("is longer than a line can be" if len(line) > MOST_LINE else "has no end")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TrustError("is no JSON") from error
    if not isinstance(data, dict) or set(data) != _FIELDS or data["schema"] != SCHEMA:
        raise TrustError("is no entry of an audit log")
    well = all(isinstance(data[name], str) for name in _TEXTS) and type(data["n"]) is int and data["n"] > 0
    well = well and all(isinstance(data[name], dict) for name in ("process", "inputs", "result"))
    if not well or not _LOG.fullmatch(data["log"]) or not _HASH.fullmatch(data["prev"]):
        raise TrustError("is no entry of an audit log")
    if canonical(data) + b"\n" != line:
        raise TrustError("is not written as ff-vfx writes")
    names = ("log", "prev", "time", "act", "state", "verb", "user", "machine", "inputs", "result")
    return Entry(number=data["n"], **{name: data[name] for name in names}, data=data, digest=digest_of(line))


def signature_of(entry: Entry) -> Signature:
    """Who signed an entry.

    Raises:
        TrustError: nobody, more than one, or it was altered since.
    """
    signatures = signatures_of(entry.data)
    if len(signatures) != 1:
        raise TrustError("is not signed by one key")
    return signatures[0]


def this_user() -> str:
    """Who runs this process, as the system knows, not as a variable says."""
    if sys.platform != "win32":
        import pwd

        try:
            return _plain_text(pwd.getpwuid(os.getuid()).pw_name)
        except KeyError:
            return f"user {os.getuid()}"
    try:
        return _plain_text(os.getlogin())
    except OSError:
        return "unknown"


def plain(part: Mapping[str, object]) -> dict[str, object]:
    """Plain data of bounded size; what is too long is named by its hash."""
    whole = _plain(part, 0)
    assert isinstance(whole, dict)
    text = canonical(whole)
    if len(text) <= _MOST_PART:
        return whole
    short = {name: value for name, value in whole.items() if len(canonical(value)) <= _MOST_PART // 40}
    left = sorted(set(whole) - set(short))[:_MOST_ITEMS]
    told = {"left_out": left, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    kept = dict(list(short.items())[:20])
    return {**kept, "too_long": told if len(canonical(told)) < _MOST_PART // 4 else {**told, "left_out": len(left)}}


def _plain(value: object, deep: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 53 else str(value)[:_MOST_TEXT]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if deep >= _MOST_DEEP:
        return _plain_text(str(value))
    if isinstance(value, Mapping):
        items = sorted((_plain_text(str(name)), inner) for name, inner in list(value.items())[:_MOST_ITEMS])
        return {name: _plain(inner, deep + 1) for name, inner in items}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        listed = list(value) if isinstance(value, Sequence) else sorted(value, key=str)
        more = [f"and {len(listed) - _MOST_ITEMS} more"] if len(listed) > _MOST_ITEMS else []
        return [_plain(one, deep + 1) for one in listed[:_MOST_ITEMS]] + more
    return _plain_text(value.hex() if isinstance(value, bytes) else str(value))


def _plain_text(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    return clean if len(clean) <= _MOST_TEXT else f"{clean[:_MOST_TEXT]} ... ({len(clean)} characters)"
