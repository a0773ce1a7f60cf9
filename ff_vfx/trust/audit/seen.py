"""What this user last saw of each log he wrote to, kept apart from the logs. Read by append and verify.

A whole log and its head can be put back to an older state together, or taken away; every user who wrote to it knows.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from ff_vfx.trust.audit.entry import Receipt
from ff_vfx.types.user_folders import data_folder

_BYTES = 256


def last_seen(folder: Path) -> Receipt | None:
    """Where the log in this folder stood when this user last wrote to it; None: he never did, or it is not known."""
    try:
        with open(_file(folder), "rb") as file:
            log, count, last = json.loads(file.read(_BYTES))
    except (OSError, ValueError, TypeError):
        return None
    if not isinstance(log, str) or type(count) is not int or not isinstance(last, str):
        return None
    return Receipt(log, count, last)


def remember(folder: Path, receipt: Receipt) -> None:
    """Keep it, where it can be kept; the caller is the log's only writer."""
    path = _file(folder)
    text = json.dumps([receipt.log, receipt.count, receipt.last]).ljust(_BYTES)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb", buffering=0) as file:
            file.write(text.encode())  # always as long, in one piece


def _file(folder: Path) -> Path:
    name = hashlib.sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return data_folder() / "audit-seen" / f"{name}.json"
