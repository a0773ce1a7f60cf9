"""Sees whether ff-vfx works in a real Nuke. For whoever has a licence; it was never run by us.

    nuke -t ~/.nuke/ff-vfx/ff_vfx_smoke.py 'shot/plate.####.exr' FIRST LAST PERFORMER_FOLDER OUT_FOLDER

With FaceFuse (needs OpenFX) and FaceFuseBake: knobs, links, Track, a frame of all layers, Bake, exports. One line a
check; exit code 1 where one failed. The example shot of the repository will do as a plate (1001 to 1016).
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

import nuke

LAYERS = ("ffFace", "ffMatte", "ffRaw", "ffSt", "forward", "backward", "ffAux")
NODES = ("Result", "Face", "Matte", "Raw", "St", "Motion", "Confidence")


def check(what: str, look: Callable[[], Any], failed: list[str]) -> Any:
    """One line; what it found, or None."""
    try:
        found = look()
        good, text = bool(found), ""
    except Exception as error:  # noqa: BLE001 a smoke test goes on to its next line whatever a host raises
        found, good, text = None, False, f"{type(error).__name__}: {error}"
    nuke.tprint("{} {} {}".format("ok  " if good else "FAIL", what, text))
    if not good:
        failed.append(what)
    return found


def shot(plate: str, first: int, last: int) -> Any:
    """A Read of the plate."""
    read = nuke.nodes.Read(file=plate, first=first, last=last)
    for name in ("first_frame", "last_frame"):
        nuke.root()[name].setValue(first if name.startswith("first") else last)
    return read


def look_at_live(read: Any, performer: str, folder: str, failed: list[str]) -> None:
    """The gizmo with OpenFX nodes inside."""
    node = check("FaceFuse is made", lambda: nuke.createNode("FaceFuse", inpanel=False), failed)
    if node is None:
        return
    node.setInput(0, read)
    for name, value in (("job_plate", read["file"].value()), ("job_performer", performer), ("job_preset", "live")):
        node[name].setValue(value)
    node["composite_skin_tone"].setValue(0.25)
    importlib.import_module("ff_vfx_nuke.filling").fill(node)
    for name in NODES:
        look_at_inner(node, name, performer, failed)
    _press(node, "track")
    check("Track named a solve", lambda: os.path.isfile(node["job_solve"].value()), failed)
    layers = sorted({channel.split(".")[0] for channel in node.channels()})
    check("it has the layers", lambda: set(LAYERS) <= set(layers), failed)
    _render(node, os.path.join(folder, "live.####.exr"), read["first"].value(), failed)
    for format in ("nuke-tracker", "nuke-cornerpin", "nuke-roto-json"):
        look_at_export(node, format, failed)


def look_at_inner(node: Any, name: str, performer: str, failed: list[str]) -> None:
    """One OpenFX node in the gizmo."""
    inner = check(f"it holds {name}", lambda: node.node(name), failed)
    if inner is not None:
        check(f"{name} has the performer", lambda: _evaluated(inner["job_performer"]) == performer, failed)
        check(f"{name} follows a number", lambda: abs(inner["composite_skin_tone"].value() - 0.25) < 1e-6, failed)
        check(f"{name} has plate and matte", lambda: inner.input(0).name() == "plate" and inner.input(1), failed)


def look_at_export(node: Any, format: str, failed: list[str]) -> None:
    """One format."""
    before = len(nuke.allNodes())
    _press(node, f"export:{format}")
    check(f"{format} came into the script", lambda: len(nuke.allNodes()) > before, failed)


def look_at_bake(read: Any, performer: str, failed: list[str]) -> None:
    """The gizmo without OpenFX."""
    node = check("FaceFuseBake is made", lambda: nuke.createNode("FaceFuseBake", inpanel=False), failed)
    if node is None:
        return
    node.setInput(0, read)
    node["job_performer"].setValue(performer)
    node["job_preset"].setValue("live")
    _press(node, "bake")
    check("Bake is shown", lambda: node["show_baked"].value() and node["baked"].value(), failed)
    check("it has the layers", lambda: "ffFace.red" in node.channels() and "ffSt.u" in node.channels(), failed)


def _evaluated(knob: Any) -> str:
    return str(knob.evaluate() if hasattr(knob, "evaluate") else knob.value())


def _press(node: Any, what: str) -> None:
    commands = importlib.import_module("ff_vfx_nuke.commands")

    for one in nuke.allNodes():
        one.setSelected(one is node)
    verb, _, format = what.partition(":")
    getattr(commands, verb)(*([format] if format else []))


def _render(node: Any, path: str, frame: Any, failed: list[str]) -> None:
    write = nuke.nodes.Write(file=path, channels="all", file_type="exr", inputs=[node])
    check("a frame of all layers", lambda: nuke.execute(write, int(frame), int(frame)) is None, failed)
    nuke.delete(write)


def main(words: list[str]) -> int:
    """0 where all is well."""
    if len(words) != 5:
        nuke.tprint(__doc__)
        return 2
    plate, first, last, performer, folder = words[0], int(words[1]), int(words[2]), words[3], words[4]
    os.makedirs(folder, exist_ok=True)
    nuke.scriptSaveAs(os.path.join(folder, "smoke.nk"), 1)
    failed: list[str] = []
    read = shot(plate, first, last)
    look_at_bake(read, performer, failed)
    look_at_live(read, performer, folder, failed)
    nuke.tprint("{} of the checks failed".format(len(failed) or "none"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
