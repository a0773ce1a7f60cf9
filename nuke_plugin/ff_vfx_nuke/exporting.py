"""Export: the track as a Tracker, CornerPin2D or Roto in the script. Read by commands."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

import nuke

from . import knobs, roto_builder, running
from .asking import Field, ask, whole_number
from .told import Told
from .tracking import solve_there

_TITLES = {"nuke-tracker": "Tracker", "nuke-cornerpin": "CornerPin", "nuke-roto-json": "Roto"}
_FIELDS: dict[str, list[Field]] = {
    "nuke-tracker": [Field("Points (empty: the usual)", "")],
    "nuke-cornerpin": [Field("Reference frame (empty: none)", "")],
    "nuke-roto-json": [Field("Shapes (empty: all)", ""), Field("Tolerance px", "0")],
}


def arguments(node: Any, format: str) -> list[str]:
    """The command line without its output, after asking what is wanted.

    Raises:
        Told: there is no solve, or something given cannot be.
    """
    words = ["export", solve_there(node), "--format", format]
    said = ask("ff-vfx: " + _TITLES[format], _FIELDS[format])
    given = list(said.values())
    if format == "nuke-tracker" and given[0]:
        words += ["--points", given[0]]
    if format == "nuke-cornerpin" and given[0]:
        words += ["--reference", str(whole_number(given[0], "Reference frame"))]
    if format == "nuke-roto-json":
        words += ["--shapes", given[0]] if given[0] else []
        words += ["--tolerance", given[1] or "0"]
    face = knobs.text_of(node, "job_face")
    offset = -knobs.number_of(node, "host_frame_offset")
    return words + (["--face", face] if face else []) + (["--offset", str(offset)] if offset else [])


def export(words: list[str], format: str) -> str:
    """The text. Touches no node.

    Raises:
        Told: it failed.
    """
    folder = tempfile.mkdtemp(prefix="ff-vfx-")
    path = os.path.join(folder, "export.txt")
    try:
        running.run([*words, "-o", path], "ff-vfx " + _TITLES[format].lower())
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def paste(text: str, format: str) -> Any:
    """The node, in the script.

    Raises:
        Told: Nuke does not take it.
    """
    try:
        return roto_builder.build_text(text) if format == "nuke-roto-json" else _paste(text)
    except (RuntimeError, ValueError) as error:
        raise Told(f"{_TITLES[format]}: {error}") from error


def _paste(text: str) -> Any:
    """Nuke pastes from a file."""
    handle, path = tempfile.mkstemp(suffix=".nk", prefix="ff-vfx-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        for node in nuke.selectedNodes():
            node.setSelected(False)
        return nuke.nodePaste(path.replace("\\", "/"))
    finally:
        os.remove(path)
