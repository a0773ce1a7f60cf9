"""FaceFuse.ofx.bundle, compiled from ofx_plugin: for this machine with cc, for all three systems with ziglang.

Read by ff_vfx.apps.cli.hosts. Only the Linux build was ever run: docs/openfx.md.
"""

from __future__ import annotations

import importlib.util
import platform
import plistlib
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ff_vfx import __version__
from ff_vfx.apps.hosts.libraries import exported, needed_glibc
from ff_vfx.apps.hosts.shipped import shipped
from ff_vfx.errors import BadInput

NAME = "FaceFuse.ofx.bundle"
LIBRARY = "FaceFuse.ofx"
SOURCES = "ofx_plugin"
_FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-shared"]
_POSIX = ["-fPIC", "-lpthread", "-lm"]
_LINUX = [*_POSIX, "-s", "-ldl"]
TARGETS: dict[str, dict[str, list[str]]] = {
    "Linux-x86-64": {"x86_64-linux-gnu.2.28": _LINUX},
    "Linux-aarch64": {"aarch64-linux-gnu.2.28": _LINUX},
    "Win64": {"x86_64-windows-gnu": ["-s", "-lws2_32", "-ladvapi32"]},
    "MacOS": {"x86_64-macos.11.0": _POSIX, "aarch64-macos.11.0": _POSIX},
}
"""Folder of the bundle -> zig's targets of it and their flags; two are joined into one file."""
_CPU = {"x86_64-macos.11.0": (0x01000007, 3), "aarch64-macos.11.0": (0x0100000C, 0)}  # Source: mach/machine.h
_FAT_MAGIC, _FAT_ALIGN = 0xCAFEBABE, 14
EXPORTS = {"OfxGetNumberOfPlugins", "OfxGetPlugin", "OfxSetHost"}
# The library's own first byte: zig's linker shows it in whatever it makes for macOS and takes no list of names.
_LINKERS = {"MacOS": {"__dso_handle", "_mh_dylib_header"}}
OLDEST_GLIBC = (2, 28)
"""Of the VFX Reference Platform up to 2026; what is built for everywhere needs no newer one."""
Say = Callable[[str], None]


def build(folder: Path, *, everywhere: bool = False, compiler: str = "", say: Say = lambda text: None) -> Path:
    """Compile the bundle into a folder, over the one that is there; gives its path.

    Args:
        everywhere: for Linux, Windows and macOS, with ziglang; else for this machine. compiler: instead of cc.

    Raises:
        BadInput: there is no source, no compiler, it refuses, or makes what hosts must not get; the message says which.
    """
    shipped(SOURCES)
    new = folder / f".{NAME}.new"
    shutil.rmtree(new, ignore_errors=True)
    try:
        if everywhere:
            _cross(new, say)
        else:
            _own(new, compiler, say)
        check(new, everywhere=everywhere)
        _write_list(new)
        shutil.rmtree(folder / NAME, ignore_errors=True)
        new.rename(folder / NAME)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder / NAME


def check(bundle: Path, *, everywhere: bool = False) -> None:
    """See that each library shows OpenFX's names and no other; everywhere: and needs no newer glibc than it may.

    Raises:
        BadInput: one does not.
    """
    for library in sorted(bundle.glob(f"Contents/*/{LIBRARY}")):
        data, where = library.read_bytes(), library.parent.name
        if (found := exported(data) - _LINKERS.get(where, set())) != EXPORTS:
            raise BadInput(
                f"{where}: exports {', '.join(sorted(found)) or 'nothing'}; {', '.join(sorted(EXPORTS))} it may"
            )
        if everywhere and (newest := needed_glibc(data)) > OLDEST_GLIBC:
            raise BadInput(f"{where}: needs glibc {newest[0]}.{newest[1]}; {OLDEST_GLIBC[0]}.{OLDEST_GLIBC[1]} it may")


def own_folder() -> str:
    """The bundle's folder for this machine.

    Raises:
        BadInput: there is none for it.
    """
    if sys.platform == "win32":
        return "Win64"
    if sys.platform == "darwin":
        return "MacOS"
    machine = {"x86_64": "x86-64", "amd64": "x86-64", "aarch64": "aarch64", "arm64": "aarch64"}
    if platform.machine().lower() not in machine or sys.platform != "linux":
        raise BadInput(f"{sys.platform} on {platform.machine()}: OpenFX names no folder for it")
    return "Linux-" + machine[platform.machine().lower()]


def _own(bundle: Path, compiler: str, say: Say) -> None:
    found = shutil.which(compiler or "cc")
    if not found:
        raise BadInput(
            f"no C compiler '{compiler or 'cc'}'; install one, or `pip install ziglang` and build with --all"
        )
    target = bundle / "Contents" / own_folder() / LIBRARY
    flags = next(iter(TARGETS[own_folder()].values()))
    _run([found], flags, target)
    say(f"{own_folder()}: {target.stat().st_size // 1024} kB")


def _cross(bundle: Path, say: Say) -> None:
    if importlib.util.find_spec("ziglang") is None:
        raise BadInput("ziglang is not installed here: `pip install ziglang` (about 400 MB), then build with --all")
    for folder, parts in TARGETS.items():
        target = bundle / "Contents" / folder / LIBRARY
        made: dict[str, Path] = {}
        for triple, flags in parts.items():
            made[triple] = target.with_name(triple) if len(parts) > 1 else target
            _run([sys.executable, "-m", "ziglang", "cc", "-target", triple], flags, made[triple])
        if len(parts) > 1:
            target.write_bytes(_joined({_CPU[triple]: path.read_bytes() for triple, path in made.items()}))
            for path in made.values():
                path.unlink()
        for left in [*target.parent.glob("*.lib"), *target.parent.glob("*.pdb")]:
            left.unlink()
        say(f"{folder}: {target.stat().st_size // 1024} kB")


def _run(compiler: Sequence[str], flags: Sequence[str], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    sources = [str(path) for path in sorted(shipped(SOURCES).glob("*.c"))]
    words = [*compiler, *_FLAGS, *sources, *flags, "-o", str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode or not target.is_file():
        raise BadInput(f"{' '.join(compiler)}: ended with {done.returncode}\n{done.stderr[-2000:]}")


def _joined(parts: dict[tuple[int, int], bytes]) -> bytes:
    """A universal file of macOS. Source: mach-o/fat.h."""
    step = 1 << _FAT_ALIGN
    at, rows, body = step, b"", b""
    for (kind, sub), data in parts.items():
        rows += struct.pack(">IIIII", kind, sub, at, len(data), _FAT_ALIGN)
        body += data + bytes(-len(data) % step)
        at += len(data) + (-len(data) % step)
    head = struct.pack(">II", _FAT_MAGIC, len(parts)) + rows
    return head + bytes(step - len(head)) + body


def _write_list(bundle: Path) -> None:
    told = {
        "CFBundleExecutable": LIBRARY, "CFBundleIdentifier": "com.ffvfx.facefuse", "CFBundleName": "FaceFuse",
        "CFBundlePackageType": "BNDL", "CFBundleInfoDictionaryVersion": "6.0", "CFBundleVersion": __version__,
        "CFBundleDevelopmentRegion": "English",
    }  # fmt: skip
    (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps(told))
