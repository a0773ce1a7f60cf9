"""What a FaceFuse node's knobs say, as a Job: plain data, as `ff-vfx fuse --job` reads it. Read by every command.

`params.json` beside this file lists the knobs; it is made from ff-vfx's own settings (gizmos/make_gizmos.py). Only what
differs from its default is said, so that a preset keeps what an artist left alone.
"""

from __future__ import annotations

import json
import os
from typing import Any

import nuke

from .told import Told

_THROUGH = ("Dot", "NoOp")  # nodes that change no picture


def params() -> list[dict[str, Any]]:
    """Every host parameter: name, group, field, kind, default, choices, written."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "params.json"), encoding="utf-8") as stream:
        found: list[dict[str, Any]] = json.load(stream)
    return found


def chosen_node() -> Any:
    """The node whose button was pressed, else the one FaceFuse that is selected, else the only one.

    Raises:
        Told: there is none, or several are.
    """
    try:
        pressed = nuke.thisNode()
    except ValueError:
        pressed = None
    if pressed is not None and pressed.knob("job_performer"):
        return pressed
    selected = [node for node in nuke.selectedNodes() if node.knob("job_performer")]
    found = selected or [node for node in nuke.allNodes() if node.knob("job_performer")]
    if len(found) != 1:
        raise Told("Select one FaceFuse node." if found else "There is no FaceFuse node; make one: toolbar ff-vfx.")
    return found[0]


def knob_of(node: Any, name: str) -> Any:
    """The knob itself, behind a link of a gizmo; None where there is none."""
    knob = node.knob(name)
    linked = knob.getLinkedKnob() if hasattr(knob, "getLinkedKnob") else None
    return linked or knob


def value_of(knob: Any) -> Any:
    """What it says; a file name with its Tcl done, its frame number still a pattern."""
    return knob.getEvaluatedValue() if hasattr(knob, "getEvaluatedValue") else knob.value()


def text_of(node: Any, name: str) -> str:
    """A text knob's value; empty where there is no such knob."""
    knob = knob_of(node, name)
    value = value_of(knob) if knob is not None else None
    return str(value).strip() if value is not None else ""


def number_of(node: Any, name: str) -> int:
    """A whole-number knob's value; 0 where there is no such knob."""
    knob = knob_of(node, name)
    return int(knob.value()) if knob is not None else 0


def set_knob(node: Any, name: str, value: Any) -> None:
    """Set a knob, where there is one."""
    knob = knob_of(node, name)
    if knob is not None:
        knob.setValue(value)


def job_of(node: Any, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The job without an output, with absolute paths; the plate is the Read above where no other is named.

    Args:
        given: fields that win over the knobs'.

    Raises:
        Told: a knob's text cannot be read, or there is no plate.
    """
    job: dict[str, Any] = {}
    settings: dict[str, Any] = {}  # by group; the preset beside them
    for param in params():
        knob = knob_of(node, param["name"]) if param["written"] != "none" else None
        if knob is None:
            continue
        value = said(param, value_of(knob))
        if value is None:
            continue
        if param["name"] == "job_preset":
            settings["preset"] = value
        elif param["group"] == "job":
            job[param["field"]] = value
        else:
            settings.setdefault(param["group"], {})[param["field"]] = value
    job.update(given or {})
    if not job.get("plate"):
        job["plate"] = plate_above(node)
    if settings:
        job["settings"] = settings
    return {name: _absolute(name, value) for name, value in job.items()}


def said(param: dict[str, Any], value: Any) -> Any | None:
    """A knob's value as a job has it; None where it is the default.

    Raises:
        Told: it is text that cannot be read.
    """
    if param["kind"] == "choice":
        choices = param["choices"]
        given: Any = value if value in choices else choices[int(float(value))]
    elif param["kind"] == "bool":
        given = bool(value)
    elif param["kind"] == "int":
        given = int(value)
    elif param["kind"] == "double":
        given = float(value)
    else:
        given = str(value).strip() if value is not None else ""
    if same(given, param["default"]):
        return None
    return read_text(param, given) if param["written"] in ("json", "list") else given


def read_text(param: dict[str, Any], text: str) -> Any:
    """Text that is JSON, or numbers with commas.

    Raises:
        Told: it is not.
    """
    try:
        return json.loads(text) if param["written"] == "json" else [int(word) for word in text.split(",")]
    except ValueError as error:
        how = 'JSON, such as {"1001": 0.5}' if param["written"] == "json" else "frame numbers with commas"
        raise Told("{} is {!r}: write {}, or leave it empty".format(param["name"], text, how)) from error


def same(value: Any, default: Any) -> bool:
    """Whether a value is the default; Nuke keeps some numbers as float32."""
    if isinstance(value, float) and not isinstance(default, (str, bool)):
        return abs(value - default) <= 1e-6 * max(1.0, abs(default))
    return bool(value == default)


def read_above(node: Any) -> Any | None:
    """The Read that the node stands on; None where something else is there, or where its Plate knob names another."""
    above = node.input(0)
    while above is not None and above.Class() in _THROUGH:
        above = above.input(0)
    if above is None or above.Class() != "Read":
        return None
    own = text_of(node, "job_plate")
    return above if not own or absolute(own) == absolute(text_of(above, "file")) else None


def plate_above(node: Any) -> str:
    """The file of the Read that the node stands on.

    Raises:
        Told: something else is there.
    """
    above = read_above(node)
    if above is None:
        raise Told(
            f"{node.name()}: no plate. It does not stand on a Read.\nName the plate's files in its Plate knob, "
            "or press Bake, which writes out what is above it."
        )
    return text_of(above, "file")


def absolute(path: str) -> str:
    """A path that means the same to a program with another folder."""
    return os.path.abspath(os.path.expanduser(path)).replace("\\", "/")


def _absolute(name: str, value: Any) -> Any:
    """A field's path; a swapper or a face may be a name instead."""
    named = name in ("swapper", "face") and os.path.exists(os.path.expanduser(str(value)))
    if named or name in ("plate", "performer", "solve", "matte", "pack", "models"):
        return absolute(value)
    return value
