"""Files that appear whole or not at all. Read by every writer in this room."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from ff_vfx.errors import FfVfxError, WriteRefused
from ff_vfx.plate.source import FileId

_REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space, or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space, or choose another folder",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "no permission to write there; change the folder's rights, or choose another folder",
    errno.EPERM: "no permission to write there; change the folder's rights, or choose another folder",
    errno.ENOTDIR: "its folder is a file; choose another folder",
    errno.EISDIR: "a folder has that name; choose another name",
    errno.ENOENT: "its folder does not exist; make it, or choose another",
}


def write_atomically(path: Path, write: Callable[[Path], None], *, suffix: str = ".tmp") -> None:
    """Let `write` make a hidden file beside `path`, then put it in its place in one step.

    The hidden name does not end as the picture's does, so no one who lists the folder takes it for a frame. Whatever is
    raised on the way, KeyboardInterrupt too, the hidden file goes and a previous `path` stays.

    Args:
        suffix: ending of the hidden name, for writers that look at it.

    Raises:
        WriteRefused: the disk says no; the message says why.
    """
    hidden = path.parent / f".{path.name}.{os.getpid()}-{threading.get_ident()}{suffix}"
    try:
        _probe(hidden)
        write(hidden)
        _sync(hidden)
        os.replace(hidden, path)
    except FfVfxError:
        raise
    except OSError as error:
        raise WriteRefused(f"{path}: {_REMEDIES.get(error.errno or 0, error.strerror or str(error))}") from error
    finally:
        _remove(hidden)


def refuse_guarded(path: Path, guarded: Collection[FileId], sources: Collection[Path]) -> None:
    """See that `path` is none of the plate's own files, by whatever name or link.

    Raises:
        WriteRefused: it is.
    """
    real = os.path.realpath(path)
    same = any(real == os.path.realpath(source) for source in sources)
    try:
        status = os.stat(path)
        same = same or (status.st_dev, status.st_ino) in guarded
    except OSError:
        pass  # not there yet: nothing to overwrite
    if same:
        raise WriteRefused(f"{path}: is a frame of the plate itself; write to another folder or name")


def _probe(path: Path) -> None:
    """Make the file from here, where a refusal has its errno: the picture libraries lose it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass  # the folder itself is gone or forbids it; nothing was made there
