"""Rings of the face as Fusion Polygon masks, one a ring. Read by `writers`.

Each mask's level is 0 where the face is lost.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.export.beziers import bezier, key_rows
from ff_vfx.export.fusion_text import (
    comment,
    document,
    in_parts,
    key,
    link,
    number,
    place,
    spline,
    tool,
    tool_name,
    value,
)
from ff_vfx.export.known import Known
from ff_vfx.export.marks import chosen_shapes
from ff_vfx.export.request import Request

_DRAWING = ['DrawMode = "InsertAndModify",', 'DrawMode2 = "InsertAndModify",', "CtrlWZoom = false,"]


def fusion_polygon(known: Known, request: Request) -> str:
    """The tools' text.

    Raises:
        BadInput: a shape that does not exist.
    """
    tools, names = [], []
    for column, (shape, ring) in enumerate(chosen_shapes(request.shapes).items()):
        name, curve = tool_name(known, shape), bezier(known, ring)
        rows = key_rows(known, curve, request.tolerance_px)
        tools.append(_mask(known, request, name, [*_DRAWING, place(column)]))
        tools.append(_outline(f"{name}Polyline", known.numbers[rows], _in_middle_parts(known, curve[rows])))
        if presence := known.presence():
            tools.append(spline(f"{name}Level", (key(frame, str(there)) for frame, there in presence)))
        names.append(name)
    return document(tools, names[0])


def _mask(known: Known, request: Request, name: str, more: list[str]) -> str:
    """A PolylineMask of the plate's size and pixels, driven by its outline."""
    w, h = known.size
    inputs = [
        comment(known, request.format),
        ("OutputSize", value('FuID { "Custom" }')),
        ("MaskWidth", value(str(w))),
        ("MaskHeight", value(str(h))),
        ("PixelAspect", value(f"{{ {number(known.pixel_aspect)}, 1 }}")),
        ("ClippingMode", value('FuID { "None" }')),
        ("Polyline", link(f"{name}Polyline")),
        ("Polyline2", "Input { Value = Polyline { }, Disabled = true, }"),
    ]
    if known.lost:
        inputs.append(("Level", link(f"{name}Level")))
    return tool("PolylineMask", name, inputs, more)


def _in_middle_parts(known: Known, curve: np.ndarray) -> np.ndarray:
    """(n, k, 3, 2) plate px to parts of the picture from its middle, y up; tangents are offsets."""
    parts = curve / np.array(known.size) * (1.0, -1.0)
    parts[:, :, 1] = in_parts(known, curve[:, :, 1]) - 0.5
    return np.asarray(parts)


def _outline(name: str, numbers: np.ndarray, curve: np.ndarray) -> str:
    """A spline whose value counts its keys, each of which holds the outline."""
    keys = []
    for index, (frame, points) in enumerate(zip(numbers.tolist(), curve, strict=True)):
        lines = ", ".join(_point(*row) for row in points.reshape(-1, 6).tolist())
        keys.append(
            f"[{frame}] = {{ {index}, Flags = {{ Linear = true, LockedY = true }}, "
            f"Value = Polyline {{ Closed = true, Points = {{ {lines} }} }} }}"
        )
    return spline(name, keys)


def _point(lx: float, ly: float, x: float, y: float, rx: float, ry: float) -> str:
    named = {"X": x, "Y": y, "LX": lx, "LY": ly, "RX": rx, "RY": ry}
    return "{ " + ", ".join(f"{name} = {number(v)}" for name, v in named.items()) + " }"
