"""What a node can be told without asking: its plate, and the colour space of what flows into it. Read by commands.

Only knobs that are empty are filled: what an artist wrote stays.
"""

from __future__ import annotations

from typing import Any

import nuke

from . import following, knobs


def fill(node: Any) -> None:
    """Plate from the Read above; Colour (of live pixels) where Nuke has turned them into its working space."""
    read = knobs.read_above(node)
    if read is not None and not knobs.text_of(node, "job_plate"):
        knobs.set_knob(node, "job_plate", knobs.absolute(knobs.text_of(read, "file")))
    raw = read is not None and bool(knobs.knob_of(read, "raw").value())
    if not raw and not knobs.text_of(node, "host_colour"):
        knobs.set_knob(node, "host_colour", ocio_working_space())
    following.follow(node)


def ocio_working_space() -> str:
    """The OpenColorIO name of the script's working space; empty where Nuke's own colour management holds."""
    root = nuke.root()
    return knobs.text_of(root, "workingSpaceLUT") if knobs.text_of(root, "colorManagement") == "OCIO" else ""
