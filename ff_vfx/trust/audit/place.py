"""The files of an audit log, and the only ways they are opened. Read by the other modules of this room.

A folder that several users share is hostile: links are not followed, and what is no plain file is refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ff_vfx.errors import TrustError

HEAD, LOCK = "audit.head", "audit.lock"
MOST_FILES = 100_000
_NAME = re.compile(r"audit-(\d{9,15})\.jsonl")
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY"))


def log_file(folder: Path, first: int) -> Path:
    """The file whose first entry has this number."""
    return folder / f"audit-{first:09d}.jsonl"


def log_files(folder: Path) -> list[tuple[int, Path]]:
    """The log's files, oldest first, each with the number of its first entry.

    Raises:
        TrustError: it cannot be listed.
    """
    found: list[tuple[int, Path]] = []
    try:
        with os.scandir(folder) as listed:
            for one in listed:
                match = _NAME.fullmatch(one.name)
                if match and len(found) < MOST_FILES:
                    found.append((int(match[1]), folder / one.name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TrustError(f"audit log {folder}: {error.strerror or error}") from error
    return sorted(found)


def torn_file(folder: Path, number: int, digest: str) -> Path:
    """Where a torn line is kept aside that stood where entry `number` stands now."""
    return folder / f"torn-{number:09d}-{digest[:16]}.part"


@contextmanager
def opened(path: Path, *, write: bool = False, fresh: bool = False) -> Iterator[int]:
    """A descriptor of a plain file. write: made where it is absent. fresh: only if it is.

    Raises:
        OSError: as the system says. TrustError: it is no plain file.
    """
    flags = _FLAGS | ((os.O_RDWR | os.O_CREAT | (os.O_EXCL if fresh else 0)) if write else os.O_RDONLY)
    made = write and not path.exists()
    handle = os.open(path, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise TrustError(f"audit log {path}: is no plain file; somebody put it there")
        if made:
            _share(handle, path.parent)
        yield handle
    finally:
        os.close(handle)


def make_place(folder: Path) -> None:
    """The folder, for this user alone where it was not there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def sync_folder(folder: Path) -> None:
    """See that a new file's name is on the disk."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # a file system that does not do so for folders
    finally:
        os.close(handle)


def sync(handle: int) -> None:
    """See that a file's content is on the disk."""
    getattr(os, "fdatasync", os.fsync)(handle)


def read_at(handle: int, size: int, offset: int) -> bytes:
    """Bytes of a file; fewer only at its end."""
    os.lseek(handle, offset, os.SEEK_SET)
    parts: list[bytes] = []
    while size > 0 and (part := os.read(handle, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def write_at(handle: int, content: bytes, offset: int) -> None:
    """Bytes into a file, all of them."""
    os.lseek(handle, offset, os.SEEK_SET)
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _share(handle: int, folder: Path) -> None:
    """Let a new file be read and written by whoever may do so in its folder: a show's log has many writers."""
    if os.name == "nt":
        return
    rights = stat.S_IMODE(folder.stat().st_mode)
    mode = 0o600 | (rights & 0o066)
    if mode != 0o600:
        os.fchmod(handle, mode)
