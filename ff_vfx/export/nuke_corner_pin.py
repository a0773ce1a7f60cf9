"""The face's steady crop as a Nuke CornerPin2D node. Read by `writers`.

Corners 1 to 4: bottom left, bottom right, top right, top left. With a reference frame `from` is the crop there, so that
what was painted on that frame goes along with the face; without, `from` is the picture, so that a picture in the
plate's format is laid on the crop, and `invert` brings the crop upright to the whole format.
"""

from __future__ import annotations

from ff_vfx.export.known import Known
from ff_vfx.export.nuke_text import curve, label, node, node_name, number, y_up
from ff_vfx.export.pins import crop_corners, picture_corners
from ff_vfx.export.request import Request


def nuke_corner_pin(known: Known, request: Request) -> str:
    """The node's text.

    Raises:
        BadInput: no face on the reference frame.
    """
    to = y_up(known, crop_corners(known))
    still = y_up(known, picture_corners(known)) if request.reference is None else to[known.row(request.reference)]
    pins = [f"to{k + 1} {{{curve(known.numbers, to[:, k, 0])} {curve(known.numbers, to[:, k, 1])}}}" for k in range(4)]
    starts = [f"from{k + 1} {{{number(x)} {number(y)}}}" for k, (x, y) in enumerate(still.tolist())]
    knobs = [label(known, request.format), *pins, "invert false", *starts, f"name {node_name(known, 'pin')}"]
    return node("CornerPin2D", knobs)
