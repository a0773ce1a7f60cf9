"""One process at a time at a file, on one machine or several that share a disk. Read by manifest.

The lock goes with the process that holds it, however it ends; nothing of it stays behind.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ff_vfx.errors import TrustError

_LONGEST_S = 120.0
_PAUSE_S = 0.01


@contextmanager
def locked(path: Path, *, longest_s: float = _LONGEST_S) -> Iterator[None]:
    """Hold the lock of a file that need not be there. Not for two threads that wait for each other.

    Args:
        longest_s: how long to wait for whoever holds it.

    Raises:
        TrustError: it was not free in time, or the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.lock")
    handle = _taken(beside, time.monotonic() + longest_s)
    try:
        yield
    finally:
        # Removed while it is held: whoever waits for this very file finds that its name is another's, and begins anew.
        try:
            beside.unlink()
        except OSError:
            pass  # Windows keeps what is open; an empty file stays
        os.close(handle)


def _taken(beside: Path, until: float) -> int:
    while True:
        try:
            handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        except PermissionError as error:
            if sys.platform != "win32":
                raise TrustError(
                    f"{beside.parent}: no permission to write there; change the folder's rights"
                ) from error
            handle = -1  # being removed just now
        except OSError as error:
            raise TrustError(f"{beside}: cannot be written: {error.strerror or error}") from error
        if handle >= 0:
            if _hold(handle) and _same(handle, beside):
                return handle
            os.close(handle)
        if time.monotonic() > until:
            raise TrustError(f"{beside}: another process has held it for long; see what it does, then run again")
        time.sleep(_PAUSE_S)


def _hold(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _same(handle: int, path: Path) -> bool:
    """Whether the file held is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except OSError:
        return False
