"""Rings of the face as data, and as a script that builds the Roto node inside Nuke. Read by `writers`.

The script is `nuke_roto_builder.py` with the data at its end: one file, nothing to install.
"""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np

from ff_vfx.export.beziers import bezier, key_rows
from ff_vfx.export.known import Known
from ff_vfx.export.marks import chosen_shapes
from ff_vfx.export.nuke_roto import shape_up
from ff_vfx.export.nuke_text import node_name
from ff_vfx.export.request import Request

FORMAT, VERSION = "ff-vfx export nuke-roto", 1
_DIGITS = 4


def nuke_roto_json(known: Known, request: Request) -> str:
    """The data as JSON: one line a shape's key, [frame, [[left x, y, point x, y, right x, y], ...]].

    Raises:
        BadInput: a shape that does not exist.
    """
    rings = chosen_shapes(request.shapes)
    shapes = ",\n".join(_shape(known, name, ring, request.tolerance_px) for name, ring in rings.items())
    head = {
        "format": FORMAT,
        "version": VERSION,
        "name": node_name(known, "roto"),
        "label": "\n".join(["ff-vfx export nuke-roto", *known.said()]),
        "size": list(known.size),
        "linear": request.tolerance_px > 0.0,
        "opacity": known.presence(),
    }
    return json.dumps(head)[:-1] + ', "shapes": [\n' + shapes + "\n]}\n"


def nuke_roto_script(known: Known, request: Request) -> str:
    """A Python script for Nuke, complete in itself. Raises as `nuke_roto_json`."""
    builder = files("ff_vfx.export").joinpath("nuke_roto_builder.py").read_text(encoding="utf-8")
    data = nuke_roto_json(known, request)
    return f'{builder}\n\nDATA = r"""\n{data}"""\n\nbuild_text(DATA)\n'


def _shape(known: Known, name: str, ring: np.ndarray, tolerance_px: float) -> str:
    curve = bezier(known, ring)
    rows = key_rows(known, curve, tolerance_px)
    points = np.round(shape_up(known, curve[rows]), _DIGITS).reshape(len(rows), len(ring), 6) + 0.0
    keys = [
        json.dumps([frame, shape], separators=(",", ":"))
        for frame, shape in zip(known.numbers[rows].tolist(), points.tolist(), strict=True)
    ]
    return f'{{"name": {json.dumps(name)}, "keys": [\n' + ",\n".join(keys) + "\n]}"
