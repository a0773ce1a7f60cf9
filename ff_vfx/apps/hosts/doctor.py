"""Whether what was installed is whole, loads, and finds its worker. Read by the command line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.apps.hosts.bundle import LIBRARY, NAME, own_folder
from ff_vfx.apps.hosts.installing import LINE, listed, program, sources
from ff_vfx.apps.hosts.places import Places

_PLUGIN = "com.ffvfx.facefuse"
# In a process of its own: a library that is broken may end whoever loads it.
_LOAD = """
import ctypes, sys
class Plugin(ctypes.Structure):
    _fields_ = [("api", ctypes.c_char_p), ("version", ctypes.c_int), ("identifier", ctypes.c_char_p)]
library = ctypes.CDLL(sys.argv[1])
library.OfxGetPlugin.restype = ctypes.POINTER(Plugin)
assert library.OfxGetNumberOfPlugins() == 1
print(library.OfxGetPlugin(0).contents.identifier.decode())
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    text: str


def examine(hosts: tuple[str, ...], places: Places) -> list[Finding]:
    """Everything that can be checked without a host."""
    found = [_bundle(places), _worker(places)]
    if not places.site:
        variable = places.environment.get("OFX_PLUGIN_PATH", "")
        named = str(places.plugins()) in variable
        text = "names it" if named else f"set OFX_PLUGIN_PATH={places.plugins()} before the host starts"
        found.append(Finding("OFX_PLUGIN_PATH", named, text))
    if "nuke" in hosts:
        found += [_files("nuke", places.nuke() / "ff-vfx"), _line(places)]
    if "resolve" in hosts:
        found.append(_files("resolve", places.fusion()))
    return found


def _bundle(places: Places) -> Finding:
    library = places.plugins() / NAME / "Contents" / own_folder() / LIBRARY
    if not library.is_file():
        return Finding("OpenFX plugin", False, f"{library} is absent; run `ff-vfx hosts build` and `install`")
    done = subprocess.run([sys.executable, "-c", _LOAD, str(library)], capture_output=True, text=True, check=False)
    if done.returncode or done.stdout.strip() != _PLUGIN:
        reason = (done.stderr.strip().splitlines() or ["it is another plugin"])[-1]
        return Finding("OpenFX plugin", False, f"{library} does not load: {reason}")
    return Finding("OpenFX plugin", True, f"{library} loads")


def _worker(places: Places) -> Finding:
    note = places.plugins() / NAME / "Contents" / "Resources" / "worker.txt"
    said = note.read_text(encoding="utf-8").strip() if note.is_file() else ""
    variable = places.environment.get("FF_VFX_WORKER_COMMAND", "")
    path = variable or said or program("ff-vfx-worker")
    if not path or not Path(path).is_file():
        return Finding("Worker", False, f"'{path}' is no program; install ff-vfx again, then `ff-vfx hosts install`")
    return Finding("Worker", True, path)


def _files(host: str, target: Path) -> Finding:
    names, wanted = listed(target), sources(host)
    if not names:
        return Finding(host, False, f"nothing in {target}; run `ff-vfx hosts install {host}`")
    for name, source in wanted.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != source.read_bytes():
            return Finding(host, False, f"{path} is absent or old; run `ff-vfx hosts install {host}`")
    return Finding(host, True, f"{len(names)} files in {target}")


def _line(places: Places) -> Finding:
    start = places.nuke() / "init.py"
    good = start.is_file() and LINE in start.read_text(encoding="utf-8")
    return Finding("Nuke's start", good, f"{start} {'adds' if good else 'does not add'} our folder")
