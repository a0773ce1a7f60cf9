"""Track: `ff-vfx track` over the node's plate. Read by commands."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

import nuke

from . import following, knobs, running
from .asking import beside_script
from .told import Told

_OPTIONS = (("plate_colour", "--plate-colour"), ("models", "--models"), ("pack", "--pack"), ("device", "--device"))


def solve_file(node: Any) -> str:
    """Where the node's solve is or goes: its knob, else beside the script.

    Raises:
        Told: neither is known.
    """
    return knobs.text_of(node, "job_solve") or beside_script(node, ".ffsolve.json")


def solve_there(node: Any) -> str:
    """The node's solve.

    Raises:
        Told: it is not there.
    """
    path = solve_file(node)
    if not os.path.isfile(path):
        raise Told(f"{node.name()}: not tracked yet (there is no {path}).\nPress Track first.")
    return path


def arguments(job: dict[str, Any], solve: str, settings: str) -> list[str]:
    """The command line. settings: a file that holds the job's."""
    words = ["track", job["plate"], "-o", solve, "--settings", settings]
    for name, option in _OPTIONS:
        if job.get(name):
            words += [option, job[name]]
    return words


def track(job: dict[str, Any], solve: str) -> str:
    """Do it; gives what was said at the end. Touches no node.

    Raises:
        Told: it failed, or was cancelled.
    """
    make_folder(os.path.dirname(solve))
    folder = tempfile.mkdtemp(prefix="ff-vfx-")
    settings = os.path.join(folder, "settings.json")
    try:
        with open(settings, "w", encoding="utf-8") as stream:
            json.dump(job.get("settings", {}), stream)
        return running.run(arguments(job, solve, settings), "ff-vfx track").said
    finally:
        if os.path.isfile(settings):
            os.remove(settings)
        os.rmdir(folder)


def tracked(node_name: str, solve: str) -> None:
    """Tell the node, if it is still there; its revision goes up, so that Nuke makes its pictures again."""
    node = nuke.toNode(node_name)
    if node is None:
        raise Told(f"{node_name} is gone; its solve is {solve}")
    knobs.set_knob(node, "job_solve", solve)
    if knobs.knob_of(node, "revision") is not None:
        knobs.set_knob(node, "revision", knobs.number_of(node, "revision") + 1)
    following.follow(node)


def make_folder(path: str) -> None:
    """A folder to write to.

    Raises:
        Told: it cannot be made.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise Told(f"{path}: cannot be made ({error.strerror})") from error
