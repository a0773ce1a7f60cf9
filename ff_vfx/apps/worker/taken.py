"""Shared memory as a worker takes it, and what it refuses. Read by conversation. Nothing taken has a name afterwards.

Memory that shrinks under a mapping kills whoever touches it: on Linux it must be sealed; a file is measured when used.
"""

from __future__ import annotations

import mmap
import os
import re
import stat
import sys

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.place import WINDOWS, Place

_GET_SEALS, _SEAL_SHRINK, _SEAL_WRITE = 1034, 0x0002, 0x0008 | 0x0010  # Source: Linux uapi/linux/fcntl.h
_FILE_NAME, _MAPPING_NAME = re.compile(r"[0-9a-f]{32}"), re.compile(r"Local\\ff-vfx-[0-9a-f]{32}")


class BlockRefused(Exception):
    """This memory is not taken; the message says why."""


class Taken:
    """A client's block. It is unmapped when it is closed and the last view of it is gone."""

    def __init__(self, memory: mmap.mmap, *, sealed: bool) -> None:
        self.size = len(memory)
        self._memory: mmap.mmap | None = memory
        self._sealed = sealed

    def view(self) -> memoryview:
        """All of it, writable.

        Raises:
            BlockRefused: it is closed, or its file has shrunk.
        """
        if self._memory is None:
            raise BlockRefused("the block is closed")
        if not self._sealed and self._memory.size() < self.size:
            raise BlockRefused("the block's file has shrunk; do not truncate it while it is shared")
        return memoryview(self._memory)

    def close(self) -> None:
        """Let it go; a frame that uses it keeps the memory until it is done."""
        memory, self._memory = self._memory, None
        if memory is not None:
            try:
                memory.close()
            except BufferError:
                pass  # a frame under way looks at it; with its last view it is unmapped


def take_descriptor(descriptor: int, size: int) -> Taken:
    """Map what came with a message; the descriptor is closed.

    Raises:
        BlockRefused: smaller than said, no plain memory, or it may shrink.
    """
    try:
        sealed = _sealed(descriptor)
        _check(os.fstat(descriptor), size)
        return Taken(mmap.mmap(descriptor, size), sealed=sealed)
    except (OSError, ValueError) as error:
        raise BlockRefused(f"block of {size} bytes: {error}") from error
    finally:
        os.close(descriptor)


def take_named(name: str, size: int, place: Place) -> Taken:
    """Map a named block, and take its name away where it is a file.

    Raises:
        BlockRefused: no such name, another user's, or smaller than said.
    """
    if not (_MAPPING_NAME if WINDOWS else _FILE_NAME).fullmatch(name):
        raise BlockRefused("block: its name is not 32 hexadecimal digits; see docs/worker.md")
    if WINDOWS:
        return Taken(_windows_mapping(name, size), sealed=True)
    path = place.blocks / name
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise BlockRefused(f"block {name}: {error.strerror}") from error
    try:
        path.unlink(missing_ok=True)
        status = os.fstat(descriptor)
        _check(status, size)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            raise BlockRefused(f"block {name}: is no file of yours")
        return Taken(mmap.mmap(descriptor, size), sealed=False)
    except (OSError, ValueError) as error:
        raise BlockRefused(f"block {name}: {error}") from error
    finally:
        os.close(descriptor)


def _windows_mapping(name: str, size: int) -> mmap.mmap:
    """The mapping that is there; were there none, Windows would make one that holds zeros, which harms nobody."""
    try:
        return mmap.mmap(-1, size, tagname=name)  # type: ignore[call-arg, unused-ignore]
    except OSError as error:
        raise BlockRefused(f"block {name}: {error}") from error


def _sealed(descriptor: int) -> bool:
    """Whether it cannot shrink.

    Raises:
        BlockRefused: on Linux, where it could be and is not, or cannot be written.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        seals = fcntl.fcntl(descriptor, _GET_SEALS)
    except OSError as error:
        raise BlockRefused("block: is no memory made by memfd_create with MFD_ALLOW_SEALING") from error
    if not seals & _SEAL_SHRINK or seals & _SEAL_WRITE:
        raise BlockRefused("block: seal it with F_SEAL_SHRINK, and not with F_SEAL_WRITE")
    return True


def _check(status: os.stat_result, size: int) -> None:
    if not 0 < size <= wire.MOST_BLOCK_BYTES:
        raise BlockRefused(f"block of {size} bytes: 1 to {wire.MOST_BLOCK_BYTES} can be")
    if status.st_size < size:
        raise BlockRefused(f"block of {size} bytes: there are {status.st_size}")
