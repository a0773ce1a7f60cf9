"""What a library shows to whoever loads it: the names it exports, on Linux, Windows and macOS. Read by bundle.

Layouts are those of ELF (System V gABI), PE (Microsoft's specification) and Mach-O (mach-o/loader.h, nlist.h).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from ff_vfx.errors import BadInput

_FAT, _MACHO, _ELF, _PE = b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\x7fELF", b"MZ"
_DYNAMIC_SYMBOLS = 11
_SYMBOLS, _DYLD_INFO, _TRIE = 0x2, 0x80000022, 0x80000033
_MOST_NODES = 10_000


def exported(library: bytes) -> set[str]:
    """The names that are found in it by name; of all its processors.

    Raises:
        BadInput: it is none of the three kinds, or cut off.
    """
    try:
        if library.startswith(_FAT):
            count = struct.unpack_from(">I", library, 4)[0]
            parts = [struct.unpack_from(">5I", library, 8 + 20 * n)[2:4] for n in range(count)]
            return set().union(*(set(_of_macho(library[at : at + size])) for at, size in parts))
        for magic, read in ((_MACHO, _of_macho), (_ELF, _of_elf), (_PE, _of_pe)):
            if library.startswith(magic):
                return set(read(library))
    except (struct.error, IndexError, ValueError) as error:
        raise BadInput(f"the library is cut off or damaged ({error}); build it again") from error
    raise BadInput("the library is of no system that is known here; build it again")


def needed_glibc(library: bytes) -> tuple[int, int]:
    """The newest glibc that an ELF library asks for; (0, 0): none."""
    found = [(int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", library)]
    return max(found, default=(0, 0))


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("ascii", "replace")


def _of_elf(data: bytes) -> Iterator[str]:
    start = struct.unpack_from("<Q", data, 0x28)[0]
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, start + size * n) for n in range(count)]
    for section in sections:
        if section[1] != _DYNAMIC_SYMBOLS:
            continue
        names = sections[section[6]][4]
        for at in range(section[4], section[4] + section[5], 24):
            name, info, _, where = struct.unpack_from("<IBBH", data, at)
            if where and info >> 4 in (1, 2):  # defined here; global or weak
                yield _text(data, names + name)


def _of_pe(data: bytes) -> Iterator[str]:
    head = struct.unpack_from("<I", data, 0x3C)[0]
    count, optional = struct.unpack_from("<H", data, head + 6)[0], struct.unpack_from("<H", data, head + 20)[0]
    sections = [struct.unpack_from("<4I", data, head + 24 + optional + 40 * n + 8) for n in range(count)]

    def place(address: int) -> int:
        for size, begin, _, raw in sections:
            if begin <= address < begin + size:
                return int(raw + address - begin)
        raise ValueError(f"address {address:#x} lies in no section")

    table = struct.unpack_from("<I", data, head + 24 + 112)[0]  # of a 64-bit file
    if not table:
        return
    names, addresses = struct.unpack_from("<I4xI", data, place(table) + 24)
    for n in range(names):
        yield _text(data, place(struct.unpack_from("<I", data, place(addresses) + 4 * n)[0]))


def _of_macho(data: bytes) -> Iterator[str]:
    """Names in the table of symbols and in the trie that dlsym goes by; without the underscore that C has there."""
    at = 32
    for _ in range(struct.unpack_from("<I", data, 16)[0]):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == _SYMBOLS:
            symbols, count, names, _ = struct.unpack_from("<4I", data, at + 8)
            for n in range(count):
                name, told, _, _, _ = struct.unpack_from("<IBBHQ", data, symbols + 16 * n)
                if told & 0x01 and told & 0x0E and not told & 0xF0:  # external, defined, not private, no debugger's
                    yield _text(data, names + name).removeprefix("_")
        elif kind in (_DYLD_INFO, _TRIE):
            begin, length = struct.unpack_from("<II", data, at + (40 if kind == _DYLD_INFO else 8))
            for name in _of_trie(data[begin : begin + length]):
                yield name.removeprefix("_")
        at += size


def _of_trie(trie: bytes) -> Iterator[str]:
    waiting, seen = [(0, "")] if trie else [], 0
    while waiting:
        at, name = waiting.pop()
        if (seen := seen + 1) > _MOST_NODES:
            raise ValueError("the table of exports has no end")
        size, at = _number(trie, at)
        if size:
            yield name
        children, at = trie[at + size], at + size + 1
        for _ in range(children):
            part = _text(trie, at)
            to, at = _number(trie, at + len(part) + 1)
            waiting.append((to, name + part))


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A little-endian number of 7 bits a byte, and what comes behind it."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
