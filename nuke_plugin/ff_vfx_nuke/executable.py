"""Where the `ff-vfx` program is, and what it may inherit from Nuke. Read by whatever runs it.

In this order: the environment's FF_VFX_EXECUTABLE, `executable.txt` beside this file (written by the installer or by
`choose`), `~/.nuke/ff_vfx_executable.txt`, the PATH.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from .told import Told

VARIABLE = "FF_VFX_EXECUTABLE"
_FILE = "executable.txt"
_OWN_FILE = os.path.join("~", ".nuke", "ff_vfx_executable.txt")
# What makes a program load Nuke's libraries instead of its own. OCIO itself, the config, stays.
_NOT_INHERITED = ("LD_", "DYLD_", "PYTHON", "QT_", "OCIO_")


def places() -> list[tuple[str, str]]:
    """(where it is said, what is said there), the first one wins; nothing is checked."""
    here = os.path.dirname(os.path.abspath(__file__))
    return [
        (VARIABLE, os.environ.get(VARIABLE, "")),
        (os.path.join(here, _FILE), _first_line(os.path.join(here, _FILE))),
        (_OWN_FILE, _first_line(os.path.expanduser(_OWN_FILE))),
        ("PATH", shutil.which("ff-vfx") or ""),
    ]


def find() -> str:
    """The program.

    Raises:
        Told: there is none, or what was said is not there.
    """
    for where, said in places():
        if not said:
            continue
        path = os.path.expanduser(said)
        if not os.path.isfile(path):
            raise Told(f"{where} says the ff-vfx program is {said}\nNo such file; correct it there.")
        return path
    raise Told(
        f"The ff-vfx program was not found.\nSet the environment variable {VARIABLE} to it (bin/ff-vfx of the "
        "environment it was installed in), or choose it: menu ff-vfx > Where ff-vfx is..."
    )


def choose(path: str) -> str:
    """Remember a program for this user; gives the file that says so.

    Raises:
        Told: it is no file, or cannot be remembered.
    """
    if not os.path.isfile(os.path.expanduser(path)):
        raise Told(f"{path}: no such file")
    target = os.path.expanduser(_OWN_FILE)
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as stream:
            stream.write(path + "\n")
    except OSError as error:
        raise Told(f"{target}: cannot be written ({error.strerror}); set {VARIABLE} instead") from error
    return target


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nuke's environment without what is Nuke's alone."""
    all_of_it = os.environ if given is None else given
    return {name: value for name, value in all_of_it.items() if not name.upper().startswith(_NOT_INHERITED)}


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.readline().strip()
    except (OSError, ValueError):
        return ""
