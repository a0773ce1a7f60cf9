"""An EXR copied with other attributes in its header, its pixels' bytes as they are. Read by the door's repairs.

Nothing is decoded: the header is put together anew, the table of chunks moved along, the chunks copied.
Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ff_vfx.errors import FrameBroken
from ff_vfx.plate.exr_header import PartHeader, chunk_count, read_header

Attribute = tuple[str, bytes]  # type name, bytes as stored
_MOST_NAME = 255


def copy_with_attributes(source: Path, target: Path, main: int, changes: Mapping[str, Attribute | None]) -> None:
    """Write a copy of a file.

    Args:
        main: the part whose header is changed. changes: name -> what it holds now; None: it goes.

    Raises:
        FrameBroken, HostileFile: the source is no whole EXR. OSError: the disk says no.
    """
    header = read_header(source, str(source))
    with open(source, "rb") as read, open(target, "wb") as write:
        start = read.read(8)
        multipart = bool(struct.unpack("<I", start[4:])[0] & 0x1000)
        heads = [_attributes(read) for _ in header]
        if multipart and read.read(1) != b"\0":
            raise FrameBroken(f"{source}: the header does not end where it should; render it again")
        texts = [_put_together(head, changes if index == main else {}) for index, head in enumerate(heads)]
        old = read.tell()
        new = 8 + sum(map(len, texts)) + int(multipart)
        tables = [_moved(read, part, new - old, str(source)) for part in header]
        write.write(start + b"".join(texts) + (b"\0" if multipart else b"") + b"".join(tables))
        shutil.copyfileobj(read, write, 1 << 20)


def _attributes(file: BinaryIO) -> list[tuple[str, bytes, bytes]]:
    """Name, type and value of each, in the file's order; read_header has seen that they are sensible."""
    found = []
    while name := _name(file):
        kind = _name(file)
        (length,) = struct.unpack("<i", file.read(4))
        found.append((name.decode("utf-8", "surrogateescape"), kind, file.read(length)))
    return found


def _name(file: BinaryIO) -> bytes:
    start = file.tell()
    raw = file.read(_MOST_NAME + 1)
    end = raw.index(b"\0")
    file.seek(start + end + 1)
    return raw[:end]


def _put_together(head: Sequence[tuple[str, bytes, bytes]], changes: Mapping[str, Attribute | None]) -> bytes:
    """A header's bytes; what is new goes where the library would put it: by the order of names."""
    kept = [(name, kind, value) for name, kind, value in head if name not in changes]
    for name, change in changes.items():
        if change is None:
            continue
        entry = (name, change[0].encode(), change[1])
        at = next((i for i, old in enumerate(kept) if _key(old[0]) > _key(name)), len(kept))
        kept.insert(at, entry)
    parts = [
        name.encode("utf-8", "surrogateescape") + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value
        for name, kind, value in kept
    ]
    return b"".join(parts) + b"\0"


def _key(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _moved(file: BinaryIO, part: PartHeader, by: int, where: str) -> bytes:
    """A part's table of chunks, each that much farther on."""
    count = chunk_count(part)
    if count is None:
        raise FrameBroken(f"{where}: how many chunks it has is not said; render it again")
    table = np.frombuffer(file.read(8 * count), "<i8") + by
    return table.astype("<i8").tobytes()
