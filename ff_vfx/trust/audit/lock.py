"""One writer at a time, on local disks and on network folders whose locks cannot be relied on. Read by append, verify.

Every log has one way for all its writers, chosen when it is made and kept in its head: 'system' (the system's file
lock, gone with its process) or 'file' (a file that only one can make; where its maker died or stands still, it is
taken away).
"""

from __future__ import annotations

import errno
import json
import os
import platform
import random
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.place import LOCK, opened, read_at
from ff_vfx.trust.system_lock import NO_LOCKS, take

SYSTEM, FILE = "system", "file"
PATIENCE_SECONDS = 10.0
_STILL_SECONDS = 20.0  # that one token may hold a lock file: a writer needs milliseconds
_SPARE_SECONDS = 5.0  # to wait longer than that, whatever the patience
_CANNOT = NO_LOCKS | {errno.EINVAL}
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EINVAL}
_NEW = ".new"
_NETWORK = ("nfs", "cifs", "smb", "fuse", "lustre", "gpfs", "beegfs", "ceph", "afs", "9p", "panfs", "virtiofs")


def way_for(folder: Path) -> str:
    """How writers of a new log in this folder keep apart: by a file where the disk may be another machine's."""
    if _is_network(folder):
        return FILE
    try:
        with opened(folder / LOCK, write=True) as handle:
            take(handle)
    except OSError as error:
        if error.errno in _CANNOT:
            return FILE
        raise
    return SYSTEM


@contextmanager
def held(folder: Path, way: str, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Be the only writer of the log in this folder.

    Raises:
        TrustError: others hold it for longer than `patience` seconds, or it cannot be locked on this machine.
        OSError: as the system says.
    """
    with _system_lock(folder, patience) if way == SYSTEM else _file_lock(folder, patience):
        yield


@contextmanager
def _system_lock(folder: Path, patience: float) -> Iterator[None]:
    path = folder / LOCK
    with opened(path, write=True) as handle:
        for _ in _tries(folder, patience):
            try:
                if take(handle):
                    break
            except OSError as error:
                if error.errno in _CANNOT:
                    raise TrustError(
                        f"audit log {folder}: its disk was mounted without locks on this machine, and the log's "
                        "writers rely on them; mount it with locks, or let the log begin in a new folder"
                    ) from error
                raise
        yield  # closing the file lets go


@contextmanager
def _file_lock(folder: Path, patience: float) -> Iterator[None]:
    path = folder / f"{LOCK}.held"
    token = json.dumps([platform.node(), os.getpid(), uuid.uuid4().hex]).encode()
    seen, since = b"", time.monotonic()
    try:
        for _ in _tries(folder, max(patience, _STILL_SECONDS + _SPARE_SECONDS)):
            if _make_whole(path, token):
                break
            holder = _content(path)
            if holder != seen:
                seen, since = holder, time.monotonic()
            if _died(holder) or time.monotonic() - since > _STILL_SECONDS:
                _break(folder, path, holder)
        yield
    finally:
        if _content(path) == token:
            path.unlink(missing_ok=True)


def _tries(folder: Path, patience: float) -> Iterator[int]:
    """Turns until patience is out, resting in between, each a little longer."""
    end, rest, turn = time.monotonic() + patience, 0.0003, 0
    while True:
        yield turn
        if time.monotonic() > end:
            raise TrustError(
                f"audit log {folder}: others have held it for {patience:.0f} s; see which process stands still"
            )
        time.sleep(rest * random.uniform(0.5, 1.5))
        rest, turn = min(rest * 1.3, 0.01), turn + 1


def _make_whole(path: Path, token: bytes) -> bool:
    """Make a lock file that has its token as soon as it is there: without, nobody knew that its maker died."""
    new = path.with_name(f"{path.name}.{uuid.uuid4().hex}{_NEW}")
    try:
        _make(new, token)
        os.link(new, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _make(path, token)
    finally:
        new.unlink(missing_ok=True)
    return True


def _make(path: Path, token: bytes) -> bool:
    try:
        with opened(path, write=True, fresh=True) as handle:
            os.write(handle, token)
    except FileExistsError:
        return False
    return True


def _content(path: Path) -> bytes:
    try:
        with opened(path) as handle:
            return read_at(handle, 1000, 0)
    except FileNotFoundError:
        return b""


def _died(holder: bytes) -> bool:
    """Whether a lock file's maker is known to be no more: only on its own machine."""
    try:
        machine, pid, _ = json.loads(holder)
    except (ValueError, TypeError):
        return False
    if machine != platform.node() or type(pid) is not int or sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    return False


def _break(folder: Path, path: Path, holder: bytes) -> None:
    """Take a lock file away whose maker is no more. Only one may, who makes a second file first; named by the token."""
    breaking = folder / f"{LOCK}.broken-{uuid.uuid5(uuid.NAMESPACE_OID, holder.hex()).hex}"
    if not _make(breaking, b""):
        with suppress(OSError):
            if time.time() - breaking.stat().st_mtime > _STILL_SECONDS:
                breaking.unlink()  # who was to break it died at it; the next turn makes it anew
        return
    try:
        if _content(path) == holder:
            path.unlink(missing_ok=True)
        for left in folder.glob(f"{LOCK}.held.*{_NEW}"):  # of writers who died before they had it
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _STILL_SECONDS:
                    left.unlink()
    finally:
        breaking.unlink(missing_ok=True)


def _is_network(folder: Path) -> bool:
    """Whether a folder's disk may be another machine's; where the system does not tell, it is taken for local."""
    try:
        device = os.stat(folder).st_dev
        wanted = f"{os.major(device)}:{os.minor(device)}"
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
            for line in mounts:
                words, _, rest = line.partition(" - ")
                if words.split()[2] == wanted:
                    return rest.split()[0].startswith(_NETWORK)
    except (OSError, AttributeError, IndexError):
        pass
    return False
