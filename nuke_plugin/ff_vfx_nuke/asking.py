"""One small window with a few fields, and where files go when nobody says. Read by the commands."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import nuke

from .told import Cancelled, Told


class Field(NamedTuple):
    """One line of the window. choices: with spaces between, the first is taken; else a text."""

    label: str
    value: str = ""
    choices: str = ""
    is_file: bool = False


def ask(title: str, fields: list[Field]) -> dict[str, str]:
    """What the artist says, by label; in a terminal what the fields hold already.

    Raises:
        Cancelled: the window was closed.
    """
    if not nuke.GUI:
        return {field.label: field.choices.split(" ")[0] if field.choices else field.value for field in fields}
    panel = nuke.Panel(title)
    panel.setWidth(600)
    for field in fields:
        if field.choices:
            panel.addEnumerationPulldown(field.label, field.choices)
        elif field.is_file:
            panel.addFilenameSearch(field.label, field.value)
        else:
            panel.addSingleLineInput(field.label, field.value)
    if not panel.show():
        raise Cancelled(f"{title}: cancelled")
    return {field.label: str(panel.value(field.label) or "").strip() for field in fields}


def whole_number(text: str, what: str) -> int:
    """A frame number.

    Raises:
        Told: it is none.
    """
    try:
        return int(text)
    except ValueError as error:
        raise Told(f"{what} is {text!r}: give one whole number") from error


def beside_script(node: Any, ending: str) -> str:
    """A file of this node in the folder `ffvfx` beside the script.

    Raises:
        Told: the script was never saved.
    """
    script: str | None = nuke.root().name()
    if not script or not os.path.isabs(script):
        raise Told("Save the script first, or name the file: where to put it is taken from the script's folder.")
    name = node.fullName().replace(".", "_")
    return "/".join([os.path.dirname(script).replace("\\", "/"), "ffvfx", name + ending])
