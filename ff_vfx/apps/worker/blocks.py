"""Shared memory as a client makes it: without a name where descriptors can be passed, else named. Python 3.9.

Read by client. The other half, what a worker takes and what it refuses, is in `taken`.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.place import WINDOWS, Place, make_private

_ADD_SEALS, _SEAL_SHRINK = 1033, 0x0002  # fcntl's F_ADD_SEALS, F_SEAL_SHRINK. Source: Linux uapi/linux/fcntl.h


class Block:
    """Memory that a worker may be told of. memory: writable, `size` bytes. Close it when no frame uses it."""

    def __init__(self, number: int, size: int, how: int, place: Place) -> None:
        """how: wire.SHARED or wire.NAMED.

        Raises:
            OSError: there is no memory, or this system passes no descriptors.
        """
        self.number, self.size, self.how = number, size, how
        self.descriptor, self.name = -1, ""
        self._place = place
        if how == wire.SHARED:
            self.descriptor = nameless(size)
            self.memory = mmap.mmap(self.descriptor, size)
        else:
            self.name, self.memory = named(size, place)

    def ask(self) -> bytes:
        """The payload of BLOCK_OPEN."""
        return wire.BLOCK_ASK.pack(self.number, self.how, self.size) + self.name.encode("ascii")

    def renew(self) -> None:
        """Make it ready for another worker: a named file was removed by the one that took it. What it held is kept."""
        if self.how == wire.NAMED and not WINDOWS:
            old = self.memory
            self.name, self.memory = named(self.size, self._place)
            self.memory[:] = old[:]

    def close(self) -> None:
        """Give the memory back; views of it that are still held keep it until they go."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        if self.name and not WINDOWS:
            (self._place.blocks / self.name).unlink(missing_ok=True)
        try:
            self.memory.close()
        except BufferError:
            pass


def nameless(size: int) -> int:
    """A descriptor of memory without a name, of that size, that cannot shrink where the system can promise it."""
    if sys.platform == "linux":
        import fcntl

        descriptor = os.memfd_create("ff-vfx", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, size)
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEAL_SHRINK)
        return descriptor
    if WINDOWS:
        raise OSError("Windows passes no descriptors; use a named block")
    import _posixshmem  # type: ignore[import-not-found, unused-ignore]

    name = "/ffvfx" + secrets.token_hex(8)
    descriptor = int(_posixshmem.shm_open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    _posixshmem.shm_unlink(name)
    os.ftruncate(descriptor, size)
    return descriptor


def named(size: int, place: Place) -> tuple[str, mmap.mmap]:
    """A new named block: a mapping of the page file on Windows, else a file in the runtime folder."""
    name = secrets.token_hex(16)
    if WINDOWS:
        name = "Local\\ff-vfx-" + name
        return name, mmap.mmap(-1, size, tagname=name)  # type: ignore[call-arg, unused-ignore]
    make_private(place.blocks)
    path = place.blocks / name
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, size)
        return name, mmap.mmap(descriptor, size)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)
