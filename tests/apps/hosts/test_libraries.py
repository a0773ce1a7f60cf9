"""What a library exports, read from its bytes: against nm where it is there, and from files written here by hand."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from ff_vfx.apps.hosts import bundle
from ff_vfx.apps.hosts.libraries import exported, needed_glibc
from ff_vfx.errors import BadInput

OPENFX = ["OfxGetNumberOfPlugins", "OfxGetPlugin", "OfxSetHost"]


def macho(symbols: dict[str, int], trie: bytes = b"") -> bytes:
    """symbols: name -> n_type."""
    names = b"\0" + b"".join(f"_{name}".encode() + b"\0" for name in symbols)
    at, rows, place = 32 + 24 + 48, b"", 1
    for name, kind in symbols.items():
        rows += struct.pack("<IBBHQ", place, kind, 1, 0, 0)
        place += len(name) + 2
    table = struct.pack("<6I", 0x2, 24, at, len(symbols), at + len(rows), len(names))
    info = struct.pack("<2I", 0x80000022, 48) + bytes(32) + struct.pack("<II", at + len(rows) + len(names), len(trie))
    head = b"\xcf\xfa\xed\xfe" + bytes(12) + struct.pack("<I", 2) + bytes(12)
    return head + table + info + rows + names + trie


def pe(names: list[str]) -> bytes:
    """One section at address 0x1000 that is the table of exports."""
    table, texts = 0x1000, b""
    first = 40 + 4 * len(names)
    places = []
    for name in names:
        places.append(table + first + len(texts))
        texts += name.encode() + b"\0"
    directory = bytes(24) + struct.pack("<I4xII", len(names), table + 40, 0)
    body = directory + b"".join(struct.pack("<I", place) for place in places) + texts
    head = b"MZ" + bytes(0x3A) + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HH", 0x8664, 1) + bytes(12) + struct.pack("<HH", 240, 0)
    optional = bytes(112) + struct.pack("<II", table, len(body)) + bytes(120)
    section = bytes(8) + struct.pack("<4I", len(body), table, len(body), 0x200) + bytes(16)
    return (head + coff + optional + section).ljust(0x200, b"\0") + body


TRIE = b"\0\1_Ofx\0\x08" + b"\0\2A\0\x12B\0\x16" + bytes(2) + b"\2\0\0\0" + b"\2\0\0\0"


def test_of_macos_external_names_of_the_table_and_of_the_trie():
    data = macho({"OfxSetHost": 0x0F, "own": 0x0E, "hidden": 0x1F, "printf": 0x01, "debug": 0x2F}, TRIE)
    assert exported(data) == {"OfxSetHost", "OfxA", "OfxB"}
    parts = {(1, 3): data, (2, 0): macho({"Other": 0x0F})}
    assert exported(bundle._joined(parts)) == {"OfxSetHost", "OfxA", "OfxB", "Other"}


def test_of_windows_the_table_of_exports():
    assert exported(pe(OPENFX)) == set(OPENFX) and exported(pe(["DllMain"])) == {"DllMain"}


def test_damaged_files_are_said_and_no_more():
    for whole in (macho({"OfxSetHost": 0x0F}, TRIE), pe(OPENFX), b"\x7fELF" + bytes(60)):
        for size in range(0, len(whole), 7):
            try:
                exported(whole[:size])
            except BadInput:
                pass
    for data in (b"", b"no library", macho({}, b"\0\1a\0\0")):
        with pytest.raises(BadInput, match="build it again"):
            exported(data)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux and a C compiler (cc)")
def test_of_linux_as_nm_says_and_a_bundle_that_shows_more_is_refused(tmp_path: Path):
    where = tmp_path / "Contents" / bundle.own_folder()
    where.mkdir(parents=True)
    source, library = tmp_path / "a.c", where / bundle.LIBRARY
    source.write_text('#include <stdio.h>\nint OfxSetHost(void) { return puts("x"); }\nint more = 3;\n')
    try:
        subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    except FileNotFoundError:
        pytest.skip("needs a C compiler (cc)")
    data = library.read_bytes()
    assert exported(data) == {"OfxSetHost", "more"} and needed_glibc(data) >= (2, 2)
    with pytest.raises(BadInput, match="exports OfxSetHost, more; OfxGetNumberOfPlugins"):
        bundle.check(tmp_path)
