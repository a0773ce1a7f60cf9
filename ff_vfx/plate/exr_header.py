"""An EXR file's header and chunk table, read with bounds, before any library is asked to believe them.

Read by exr_read, exr_write's check and the plate's opening. The OpenEXR library allocates what a header claims, and on
a truncated file prints a warning and silently leaves the part out: both are caught here first.
Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ff_vfx.errors import FrameBroken, HostileFile
from ff_vfx.types.window import Window

MAGIC = b"\x76\x2f\x31\x01"
MAX_SIDE = 65536
MAX_PIXELS = 1 << 30
MAX_CHANNELS = 1024
MAX_PARTS = 256
MAX_BYTES = 16 << 30  # of all channels, uncompressed
_MAX_HEADER = 64 << 20
_MAX_ATTRIBUTES = 4096
_KEPT = 1 << 16  # bytes; longer attribute values are skipped here, the library carries them
_PIXEL_BYTES = (4, 2, 4)
_CHUNK_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256, 10: 256, 11: 32}
# The most a compression can do, measured on black: none, RLE, ZIPS, ZIP, PIZ, PXR24, DWAA, DWAB; others: _ANY_RATIO.
_RATIOS = {0: 1, 1: 70, 2: 1100, 3: 1100, 4: 1100, 5: 1100, 8: 1100, 9: 1100}
_ANY_RATIO = 200_000


@dataclass(frozen=True, slots=True)
class PartHeader:
    """One part. kind: 'scanlineimage' | 'tiledimage' | 'deepscanline' | 'deeptile'.

    channels: name -> (type, x sampling, y sampling).
    values: attribute name -> (type name, bytes as stored); without those longer than 64 KiB.
    """

    name: str
    kind: str
    compression: int
    data_window: Window
    display_window: Window
    channels: Mapping[str, tuple[int, int, int]]
    values: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A string attribute, '' when there is none."""
        kind, value = self.values.get(name, ("", b""))
        return value.decode("utf-8", "replace").rstrip("\0") if kind == "string" else ""

    def numbers(self, name: str, form: str) -> tuple[float, ...]:
        """An attribute of plain numbers by its struct format, () when there is none of that size."""
        value = self.values.get(name, ("", b""))[1]
        return struct.unpack("<" + form, value) if len(value) == struct.calcsize("<" + form) else ()


def read_header(path: Path, where: str) -> tuple[PartHeader, ...]:
    """All parts' headers, checked for sense and for every chunk being there.

    Args:
        where: start of every message: frame number and file.

    Raises:
        FrameBroken: empty, truncated, not an EXR. HostileFile: claims what no honest picture has.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise FrameBroken(f"{where}: the file is empty (0 bytes); render or copy it again")
        start = file.read(8)
        if start[:4] != MAGIC or len(start) < 8:
            raise FrameBroken(f"{where}: is not an EXR file; render or copy it again")
        (version,) = struct.unpack("<I", start[4:])
        multipart = bool(version & 0x1000)
        try:
            parts = _parts(file, size, multipart, bool(version & 0x200), where)
            for part in parts:
                _check_part(part, size, where)
            if sum(decoded_bytes(part) for part in parts) > MAX_BYTES:
                raise HostileFile(f"{where}: claims more than {MAX_BYTES >> 30} GiB of pixels; it was not read")
            _check_chunks(file, size, parts, multipart, where)
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise FrameBroken(f"{where}: the header cannot be read ({error}); render or copy it again") from error
    return parts


def _parts(file: BinaryIO, size: int, multipart: bool, tiled: bool, where: str) -> tuple[PartHeader, ...]:
    parts: list[PartHeader] = []
    while True:
        values = _attributes(file, size, where)
        if not values:
            break
        parts.append(_part(values, "tiledimage" if tiled else "scanlineimage", where))
        if not multipart:
            break
        if len(parts) > MAX_PARTS:
            raise HostileFile(f"{where}: has more than {MAX_PARTS} parts; it was not read")
    if not parts:
        raise FrameBroken(f"{where}: the header is empty; render or copy it again")
    return tuple(parts)


def _attributes(file: BinaryIO, size: int, where: str) -> dict[str, tuple[str, bytes]]:
    """One header's attributes up to its closing zero; values too long to matter here are left out, not read."""
    values: dict[str, tuple[str, bytes]] = {}
    while name := _name(file, where):
        kind = _name(file, where)
        (length,) = struct.unpack("<i", file.read(4))
        left = size - file.tell()
        if length < 0 or length > _MAX_HEADER:
            raise HostileFile(f"{where}: attribute '{name}' claims {length} bytes; it was not read")
        if length > left:
            raise FrameBroken(f"{where}: truncated inside the header ('{name}'); render or copy it again")
        if length <= _KEPT or name == "channels":
            values[name] = (kind, file.read(length))
        else:
            file.seek(length, os.SEEK_CUR)
            values[name] = (kind, b"")
        if len(values) > _MAX_ATTRIBUTES or file.tell() > _MAX_HEADER:
            raise HostileFile(f"{where}: the header is longer than any picture needs; it was not read")
    return values


def _name(file: BinaryIO, where: str) -> str:
    """A zero-terminated name of at most 255 bytes."""
    start = file.tell()
    raw = file.read(256)
    end = raw.find(b"\0")
    if end < 0:
        if len(raw) < 256:
            raise FrameBroken(f"{where}: truncated inside the header; render or copy it again")
        raise HostileFile(f"{where}: a name in the header is longer than 255 bytes; it was not read")
    file.seek(start + end + 1)
    return raw[:end].decode("utf-8", "replace")


def _part(values: dict[str, tuple[str, bytes]], kind: str, where: str) -> PartHeader:
    missing = [name for name in ("channels", "compression", "dataWindow", "displayWindow") if name not in values]
    if missing:
        raise FrameBroken(f"{where}: the header lacks {', '.join(missing)}; render or copy it again")
    text = {
        name: value.rstrip(b"\0").decode("utf-8", "replace")
        for name, (_, value) in values.items()
        if name in ("name", "type")
    }
    return PartHeader(
        text.get("name", ""),
        text.get("type", kind),
        values["compression"][1][0],
        _window(values["dataWindow"][1], "data window", where),
        _window(values["displayWindow"][1], "display window", where),
        _channels(values["channels"][1], where),
        values,
    )


def _window(value: bytes, name: str, where: str) -> Window:
    x0, y0, x1, y1 = struct.unpack("<4i", value)
    width, height = x1 - x0 + 1, y1 - y0 + 1
    if width < 1 or height < 1:
        raise HostileFile(f"{where}: its {name} ({x0}, {y0})-({x1}, {y1}) has a negative or zero size; it was not read")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise HostileFile(
            f"{where}: its {name} claims {width}x{height} pixels; at most {MAX_SIDE} a side and 1 Gpx are read"
        )
    return Window(x0, y0, x1 + 1, y1 + 1)


def _channels(value: bytes, where: str) -> dict[str, tuple[int, int, int]]:
    channels: dict[str, tuple[int, int, int]] = {}
    at = 0
    while at < len(value) and value[at]:
        end = value.index(b"\0", at) if b"\0" in value[at : at + 257] else -1
        if end < 0:
            raise HostileFile(f"{where}: a channel's name is longer than 255 bytes; it was not read")
        kind, _, x, y = struct.unpack_from("<iIii", value, end + 1)
        channels[value[at:end].decode("utf-8", "replace")] = (kind, x, y)
        at = end + 17
        if len(channels) > MAX_CHANNELS:
            raise HostileFile(f"{where}: has more than {MAX_CHANNELS} channels; it was not read")
    return channels


def decoded_bytes(part: PartHeader) -> int:
    """What its channels take in memory."""
    pixel = sum(_PIXEL_BYTES[kind] for kind, _, _ in part.channels.values() if 0 <= kind <= 2)
    return part.data_window.width * part.data_window.height * pixel


def _check_part(part: PartHeader, size: int, where: str) -> None:
    odd = [name for name, (kind, x, y) in part.channels.items() if not 0 <= kind <= 2 or x < 1 or y < 1]
    if odd:
        raise HostileFile(f"{where}: channel '{odd[0]}' has an impossible type or sampling; it was not read")
    sampled = [name for name, (_, x, y) in part.channels.items() if (x, y) != (1, 1)]
    if sampled:
        raise FrameBroken(f"{where}: channel '{sampled[0]}' is subsampled (luma and chroma); export full R, G, B")
    if part.kind.endswith("image") and decoded_bytes(part) > size * _RATIOS.get(part.compression, _ANY_RATIO):
        what = f"{part.data_window.width}x{part.data_window.height} with {len(part.channels)} channels"
        if part.compression == 0 and decoded_bytes(part) < size * _ANY_RATIO:
            raise FrameBroken(
                f"{where}: truncated: {what} uncompressed does not fit in {size} bytes; render or copy it again"
            )
        raise HostileFile(f"{where}: claims {what} in {size} bytes, which no compression can do; it was not read")
    kind, tiles = part.values.get("tiles", ("", b""))
    if len(tiles) == 9 and max(struct.unpack_from("<II", tiles)) > MAX_SIDE:
        raise HostileFile(f"{where}: claims tiles of more than {MAX_SIDE} pixels a side; it was not read")
    if kind == "tiledesc" and len(tiles) == 9 and tiles[8] & 0xF:
        raise FrameBroken(f"{where}: is a mip-mapped texture; export it with one level")


def _check_chunks(file: BinaryIO, size: int, parts: tuple[PartHeader, ...], multipart: bool, where: str) -> None:
    """Every chunk has an offset, and the last one ends inside the file: else a copy or a render was cut short."""
    end = 0
    for part in parts:
        count = chunk_count(part)
        if count is None:
            return
        if count < 1 or count * 8 > size:
            raise FrameBroken(f"{where}: truncated: no room for its {count} chunks; render or copy it again")
        table = file.read(8 * count)
        offsets = np.frombuffer(table, "<u8", len(table) // 8)
        if len(offsets) < count or not offsets.all() or int(offsets.max()) >= size:
            raise FrameBroken(f"{where}: truncated: chunks are missing; render or copy it again")
        behind = file.tell()
        end = max(end, _chunk_end(file, int(offsets.max()), part.kind, multipart))
        file.seek(behind)
    if end > size:
        raise FrameBroken(f"{where}: truncated: {size} bytes of at least {end}; render or copy it again")


def chunk_count(part: PartHeader) -> int | None:
    """How many chunks a part has; None where only the library can tell."""
    said = part.numbers("chunkCount", "i")
    if said:
        return int(said[0])
    window = part.data_window
    if part.kind == "tiledimage":
        tiles = part.values.get("tiles", ("", b""))[1]
        across, down = struct.unpack_from("<II", tiles)
        if not across or not down:
            raise struct.error("tiles without a size")
        return -(-window.width // across) * -(-window.height // down)
    lines = _CHUNK_LINES.get(part.compression)
    return None if lines is None or part.kind != "scanlineimage" else -(-window.height // lines)


def _chunk_end(file: BinaryIO, offset: int, kind: str, multipart: bool) -> int:
    leader = (4 if multipart else 0) + (16 if "tile" in kind else 4)
    file.seek(offset + leader)
    if kind.startswith("deep"):
        table, packed, _ = struct.unpack("<3Q", file.read(24))
        return offset + leader + 24 + int(table) + int(packed)
    (packed,) = struct.unpack("<I", file.read(4))
    return offset + leader + 4 + int(packed)
