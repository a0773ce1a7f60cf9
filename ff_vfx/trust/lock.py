"""One process at a time at a file, on one machine or several that share a disk. Read by manifest.

The lock goes with the process that holds it, however it ends; nothing of it stays behind. On a disk that knows no locks
a file stands for it that only one can make, and that is taken away once it is older than any writing takes.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.system_lock import NO_LOCKS, take

_LONGEST_S = 120.0
_PAUSE_S = 0.01
_STALE_S = 60.0


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
        with suppress(OSError):  # Windows keeps what is open; an empty file stays
            beside.unlink()
        os.close(handle)


def _taken(beside: Path, until: float) -> int:
    alone = not _knows_locks(beside)
    while True:
        handle = _opened(beside, alone)
        if handle is not None:
            if alone or (take(handle) and _same(handle, beside)):
                return handle
            os.close(handle)
        if time.monotonic() > until:
            raise TrustError(f"{beside}: another process has held it for long; see what it does, then run again")
        time.sleep(_PAUSE_S)


def _knows_locks(beside: Path) -> bool:
    """Whether the disk can lock, asked of a file that nobody else has."""
    probe = beside.with_name(f"{beside.name}.{os.getpid()}-{threading.get_ident()}")
    handle = _opened(probe, False)
    if handle is None:
        return True
    try:
        return take(handle)
    except OSError as error:
        if error.errno in NO_LOCKS:
            return False
        raise TrustError(f"{beside}: cannot be locked: {error.strerror or error}") from error
    finally:
        os.close(handle)
        with suppress(OSError):
            probe.unlink()


def _opened(beside: Path, alone: bool) -> int | None:
    """The lock's file; None where it has to be tried again. alone: only one may have it."""
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | (os.O_EXCL if alone else 0), 0o666)
        with suppress(OSError):  # another user's: theirs to say
            os.chmod(beside, 0o666)  # whoever may write the folder may wait for it, whatever the umask
        return handle
    except FileExistsError:
        _remove_stale(beside)
        return None
    except PermissionError as error:
        if sys.platform == "win32" or beside.exists():
            return None  # being removed just now, or another user's
        raise TrustError(f"{beside.parent}: no permission to write there; change the folder's rights") from error
    except OSError as error:
        raise TrustError(f"{beside}: cannot be written: {error.strerror or error}") from error


def _remove_stale(beside: Path) -> None:
    """Take away a file whose maker died. By another name first: of two who try, one finds it gone."""
    with suppress(OSError):
        if time.time() - beside.stat().st_mtime >= _STALE_S:
            aside = beside.with_name(f"{beside.name}.{os.getpid()}.old")
            os.rename(beside, aside)
            aside.unlink()


def _same(handle: int, path: Path) -> bool:
    """Whether the file held is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except OSError:
        return False
