"""ff-vfx export: builds a Roto node inside Nuke from the shapes of a face. Runs in Nuke's Python: run this file there.

Standard library and `nuke` alone, Python 3.9. ff-vfx puts the shapes at the end of a copy of this file; a plug-in may
call `build_text` with a nuke-roto-json file's text. Never run inside Nuke by us; docs/exports.md says what was checked.
"""

from __future__ import annotations

import importlib
import json
from typing import Any

# What a key's interpolationType takes is Nuke's enumeration plus one (measured by others in Nuke 17.1: linear is 2).
LINEAR = 2
LEFT, POINT, RIGHT = slice(0, 2), slice(2, 4), slice(4, 6)


def build_text(text: str) -> Any:
    """As `build`, from the text of a nuke-roto-json export."""
    return build(json.loads(text))


def build(data: dict[str, Any]) -> Any:
    """A new Roto node with one closed shape a ring, keyed frame by frame; gives the node, or None when cancelled."""
    if data.get("format") != "ff-vfx export nuke-roto" or data.get("version") != 1:
        raise ValueError("these are not shapes that this version of ff-vfx wrote; export them again")
    nuke = importlib.import_module("nuke")
    rotopaint = importlib.import_module("nuke.rotopaint")
    node = nuke.createNode("Roto", inpanel=False)
    node["label"].setValue(data["label"])
    node.setName(data["name"], uncollide=True)
    knob = node["curves"]
    task = nuke.ProgressTask("ff-vfx roto")
    for done, shape in enumerate(data["shapes"]):
        task.setMessage(shape["name"])
        task.setProgress(100 * done // len(data["shapes"]))
        if task.isCancelled():
            nuke.delete(node)
            return None
        made = add_shape(rotopaint, knob, shape, data["linear"])
        switch_off_where_lost(made, data["opacity"], nuke.views()[0])
    knob.changed()
    return node


def add_shape(rotopaint: Any, knob: Any, shape: dict[str, Any], linear: bool) -> Any:
    """One shape on the root layer. linear: keys were thinned, what lies between them is a straight line."""
    made = rotopaint.Shape(knob)
    made.name = shape["name"]
    for point in shape["keys"][0][1]:
        made.append(rotopaint.ShapeControlPoint(*point[POINT]))
    knob.rootLayer.append(made)
    for number, points in shape["keys"]:
        frame = float(number)
        for index, point in enumerate(points):
            control = made[index]
            # The third number is 1 for a place and 0 for an offset from it.
            control.center.addPositionKey(frame, rotopaint.CVec3(*point[POINT], 1.0))
            control.leftTangent.addPositionKey(frame, rotopaint.CVec3(*point[LEFT], 0.0))
            control.rightTangent.addPositionKey(frame, rotopaint.CVec3(*point[RIGHT], 0.0))
    if linear:
        for index in range(len(shape["keys"][0][1])):
            control = made[index]
            for part in (control.center, control.leftTangent, control.rightTangent):
                for axis in (0, 1):
                    make_linear(part.getPositionAnimCurve(axis))
    return made


def switch_off_where_lost(shape: Any, opacity: list[list[int]], view: str) -> None:
    """Opacity 0 where there is no face. opacity: [frame, 0 | 1]; empty: there always is one."""
    if not opacity:
        return
    curve = shape.getAttributes().getCurve("opc", view)
    curve.removeAllKeys()
    for frame, there in opacity:
        curve.addKey(float(frame), float(there))
    make_linear(curve)


def make_linear(curve: Any) -> None:
    """Straight lines between all keys of one curve."""
    for index in range(curve.getNumberOfKeys()):
        curve.getKey(index).interpolationType = LINEAR
