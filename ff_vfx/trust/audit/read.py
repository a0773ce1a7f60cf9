"""Reads a log as it lies there, a line at a time, however long it is. Read by verify and the door; nothing is believed.

Others may write meanwhile: files are read as far as they reached when reading began.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit.entry import MOST_LINE, Entry, read_line
from ff_vfx.trust.audit.place import log_files, opened


@dataclass(frozen=True, slots=True)
class Line:
    """A line where it stands. file: the file's name; number: in it, from 1. content: with its end, if it has one.

    A piece that is longer than any line comes in parts that have none.
    """

    file: str
    number: int
    content: bytes

    @property
    def whole(self) -> bool:
        return self.content.endswith(b"\n")


def lines_of(path: Path, size: int) -> Iterator[Line]:
    """The lines of a file's first `size` bytes.

    Raises:
        TrustError: it is no plain file. OSError: as the system says.
    """
    with opened(path) as handle, os.fdopen(os.dup(handle), "rb", buffering=1 << 18) as file:
        number = 0
        while size > 0 and (content := file.readline(min(size, MOST_LINE))):
            size -= len(content)
            number += 1
            yield Line(path.name, number, content)


def sizes_of(folder: Path) -> list[tuple[int, Path, int]]:
    """The log's files, oldest first: number of the first entry, path, bytes now.

    Raises:
        TrustError: it cannot be listed.
    """
    found = []
    for first, path in log_files(folder):
        with suppress(OSError):
            found.append((first, path, os.stat(path, follow_symlinks=False).st_size))
    return found


def newest(folder: Path, most: int, wanted: Callable[[Entry], bool]) -> list[Entry]:
    """The newest `most` entries that are wanted, oldest of them first; lines that are none are passed over.

    Raises:
        TrustError: it cannot be read.
    """
    found: list[Entry] = []
    for _, path, size in reversed(sizes_of(folder)):
        if len(found) >= most:
            break
        kept: deque[Entry] = deque(maxlen=most - len(found))
        for line in _readable(path, size):
            with suppress(TrustError):
                entry = read_line(line.content)
                if wanted(entry):
                    kept.append(entry)
        found[:0] = kept
    return found


def each(folder: Path, wanted: Callable[[Entry], bool]) -> Iterator[Entry]:
    """All entries that are wanted, oldest first, one at a time; lines that are none are passed over.

    Raises:
        TrustError: it cannot be read.
    """
    for _, path, size in sizes_of(folder):
        for line in _readable(path, size):
            with suppress(TrustError):
                entry = read_line(line.content)
                if wanted(entry):
                    yield entry


def _readable(path: Path, size: int) -> Iterator[Line]:
    try:
        yield from lines_of(path, size)
    except OSError as error:
        raise TrustError(f"audit log {path}: {error.strerror or error}") from error
