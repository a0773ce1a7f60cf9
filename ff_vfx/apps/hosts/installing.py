"""Puts the bundle, Nuke's folder and Fusion's files where hosts look, and takes them away. Read by the command line.

Whatever is put is written down in a list beside it; what is not on a list of ours is never removed or written over.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ff_vfx.apps.hosts.bundle import NAME
from ff_vfx.apps.hosts.places import Places
from ff_vfx.apps.hosts.shipped import shipped
from ff_vfx.errors import BadInput, WriteRefused

HOSTS = ("nuke", "resolve")
LIST = "ff-vfx-files.txt"
LINE = 'nuke.pluginAddPath("./ff-vfx")  # ff-vfx: put here by `ff-vfx hosts install`, taken away by `uninstall`\n'
_BEGUN = "import nuke\n"
_SKIPPED = ("__pycache__", "make_")


def install(bundle: Path, hosts: tuple[str, ...], places: Places) -> list[str]:
    """Put everything in place; gives a line a thing for a person.

    Raises:
        BadInput: the bundle or a source is absent. WriteRefused: a folder cannot be written, or holds what is not ours.
    """
    if not (bundle / "Contents").is_dir():
        raise BadInput(f"{bundle}: no bundle; run `ff-vfx hosts build` first")
    try:
        said = [_put_bundle(bundle, places)]
        if "nuke" in hosts:
            said.append(_put_nuke(places))
        if "resolve" in hosts:
            said.append(_put_fusion(places))
        return said + clear_caches(places)
    except OSError as error:
        who = "run it as an administrator, or without --site" if places.site else "see the folder's rights"
        raise WriteRefused(f"{error.filename}: {error.strerror}; {who}") from error


def uninstall(hosts: tuple[str, ...], places: Places) -> list[str]:
    """Take away what `install` put; the bundle goes when no host is left out.

    Raises:
        WriteRefused: a folder cannot be written.
    """
    try:
        said = []
        if "nuke" in hosts:
            said += _take(places.nuke() / "ff-vfx") + _take_line(places)
        if "resolve" in hosts:
            said += _take(places.fusion())
        if set(hosts) == set(HOSTS):
            said += _take(places.plugins() / NAME)
        return said + clear_caches(places)
    except OSError as error:
        raise WriteRefused(f"{error.filename}: {error.strerror}") from error


def program(name: str) -> str:
    """ff-vfx or ff-vfx-worker, as installed with this Python; '' where it is not."""
    for suffix in ("", ".exe"):
        path = Path(sys.executable).parent / (name + suffix)
        if path.is_file():
            return str(path)
    return shutil.which(name) or ""


def clear_caches(places: Places) -> list[str]:
    """Remove what hosts remember of plugins."""
    found = places.caches()
    for path in found:
        path.unlink(missing_ok=True)
    return [f"cleared {path}" for path in found]


def sources(host: str) -> dict[str, Path]:
    """Where each file goes, below the host's folder -> where it is.

    Raises:
        BadInput: they are not in this installation.
    """
    parts = {"nuke": (("nuke_plugin", ""), ("gizmos", "gizmos")), "resolve": (("resolve_plugin/Fusion", ""),)}[host]
    found: dict[str, Path] = {}
    for source, under in parts:
        folder = shipped(source)
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(_SKIPPED) for part in inside.parts):
                found[(Path(under) / inside).as_posix()] = path
    return found


def _put_bundle(bundle: Path, places: Places) -> str:
    files = {path.relative_to(bundle).as_posix(): path for path in sorted(bundle.rglob("*")) if path.is_file()}
    target = places.plugins() / NAME
    _put(files, target, {"Contents/Resources/worker.txt": program("ff-vfx-worker")})
    note = "" if places.site else f"; set OFX_PLUGIN_PATH={places.plugins()} for the host"
    return f"OpenFX: {target}{note}"


def _put_nuke(places: Places) -> str:
    target, start = places.nuke() / "ff-vfx", places.nuke() / "init.py"
    _put(sources("nuke"), target, {"ff_vfx_nuke/executable.txt": program("ff-vfx")})
    text = start.read_text(encoding="utf-8") if start.is_file() else ""
    if LINE not in text:
        imports = "" if "import nuke" in text else _BEGUN
        start.write_text(
            f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{imports}{LINE}", encoding="utf-8"
        )
    return f"Nuke: {target}, and a line in {start}"


def _put_fusion(places: Places) -> str:
    target = places.fusion()
    _put(sources("resolve"), target, {"Modules/Lua/executable.txt": program("ff-vfx")})
    return f"Resolve: {target}"


def _put(files: dict[str, Path], target: Path, texts: dict[str, str]) -> None:
    """Files and short texts, over those of our own list alone.

    Raises:
        WriteRefused: a file is there that we did not put.
    """
    old = listed(target)
    wanted = [*files, *(name for name, text in texts.items() if text)]
    for name in wanted:
        if (target / name).exists() and name not in old:
            raise WriteRefused(f"{target / name}: is there and was not put by ff-vfx; move it away")
    _take(target)
    target.mkdir(parents=True, exist_ok=True)
    (target / LIST).write_text("".join(f"{name}\n" for name in wanted), encoding="utf-8")
    for name in wanted:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if name in files:
            shutil.copyfile(files[name], target / name)
        else:
            (target / name).write_text(texts[name] + "\n", encoding="utf-8")


def listed(target: Path) -> list[str]:
    """What we put there before."""
    path = target / LIST
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _take(target: Path) -> list[str]:
    """Remove what is on our list, and the folders that are empty then."""
    names = listed(target)
    if not names:
        return []
    inside = [target / name for name in names if not Path(name).is_absolute() and ".." not in Path(name).parts]
    for path in [*inside, target / LIST]:
        path.unlink(missing_ok=True)
    folders = {folder for path in inside for folder in path.parents if folder != target and target in folder.parents}
    for folder in [*sorted(folders, key=lambda one: len(one.parts), reverse=True), target]:
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return [f"removed {len(names)} files from {target}"]


def _take_line(places: Places) -> list[str]:
    start = places.nuke() / "init.py"
    text = start.read_text(encoding="utf-8") if start.is_file() else ""
    if LINE not in text:
        return []
    rest = text.replace(LINE, "")
    if rest == _BEGUN:  # we began it
        start.unlink()
    else:
        start.write_text(rest, encoding="utf-8")
    return [f"removed our line from {start}"]
