"""The face's steady crop as a Fusion CornerPositioner. Read by `writers`.

A CornerPositioner takes the whole picture's corners somewhere. With a reference frame they go where a picture goes that
is carried along with the face from there; without, the picture is laid on the crop.
"""

from __future__ import annotations

from ff_vfx.export.fusion_text import comment, document, in_parts, link, path, place, tool, tool_name
from ff_vfx.export.known import Known
from ff_vfx.export.pins import carried_corners, crop_corners
from ff_vfx.export.request import Request

CORNERS = ("BottomLeft", "BottomRight", "TopRight", "TopLeft")


def fusion_corner_pin(known: Known, request: Request) -> str:
    """The tools' text.

    Raises:
        BadInput: no face on the reference frame.
    """
    reference = request.reference
    to = crop_corners(known) if reference is None else carried_corners(known, reference)
    parts, name = in_parts(known, to), tool_name(known, "pin")
    paths = [text for k, corner in enumerate(CORNERS) for text in path(f"{name}{corner}", known.numbers, parts[:, k])]
    inputs = [comment(known, request.format), *((corner, link(f"{name}{corner}")) for corner in CORNERS)]
    return document([tool("CornerPositioner", name, inputs, [place(0)]), *paths], name)
