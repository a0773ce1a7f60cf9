"""Landmarks as a Nuke Tracker4 node. Read by `writers`.

A track is enabled where the face is known. T, R and S are ticked for the points that expression hardly moves, so that
the node's own transform and its exports follow the head and not a smile.
"""

from __future__ import annotations

from ff_vfx.export.known import Known
from ff_vfx.export.marks import chosen_points, is_hard
from ff_vfx.export.nuke_text import curve, label, node, node_name, quoted, switch, y_up
from ff_vfx.export.request import Request

# Kind of value, shown, width, name of each of a track's 31 columns. Source: the format as Nuke writes it, HOSTS sheet.
COLUMNS = (
    (5, 1, 20, "enable"), (3, 1, 75, "name"), (2, 1, 58, "track_x"), (2, 1, 58, "track_y"),
    (2, 1, 63, "offset_x"), (2, 1, 63, "offset_y"), (4, 1, 27, "T"), (4, 1, 27, "R"), (4, 1, 27, "S"),
    (2, 0, 45, "error"), (1, 1, 0, "error_min"), (1, 1, 0, "error_max"),
    *((1, 1, 0, f"{box}_{side}") for box in ("pattern", "search") for side in "xyrt"),
    (2, 1, 0, "key_track"),
    *((2, 1, 0, f"key_{box}_{side}") for box in ("search", "track") for side in "xyrt"),
    (2, 1, 0, "key_centre_offset_x"), (2, 1, 0, "key_centre_offset_y"),
)  # fmt: skip
_BOXES = "-32 -32 32 32 -22 -22 22 22"
_UNKEYED = " ".join(["{}"] * 11)  # key_track to key_centre_offset_y


def nuke_tracker(known: Known, request: Request) -> str:
    """The node's text.

    Raises:
        BadInput: a point that does not exist.
    """
    points = chosen_points(request.points)
    head = "\n".join(
        f"{{ {kind} {shown} {width} {name} {'e' if name == 'enable' else name} 1 }}"
        for kind, shown, width, name in COLUMNS
    )
    rows = "\n".join(_row(known, name, landmark) for name, landmark in points.items())
    tracks = f"tracks {{ {{ 1 {len(COLUMNS)} {len(points)} }}\n{{ {head}\n}}\n{{\n{rows}\n}}\n}}"
    knobs = [label(known, request.format), tracks, f"reference_frame {int(known.numbers[0])}"]
    return node("Tracker4", [*knobs, f"name {node_name(known, 'tracker')}"])


def _row(known: Known, name: str, landmark: int) -> str:
    """One track of 31 columns."""
    place = y_up(known, known.points[:, landmark])
    start = int(known.numbers[0])
    enabled = switch(known.presence() or [(start, 1)])
    still, hard = switch([(start, 0)]), int(is_hard(name))
    x, y = (curve(known.numbers, place[:, axis]) for axis in (0, 1))
    used = f"{hard} {hard} {hard}"
    return f" {{ {enabled} {quoted(name)} {x} {y} {still} {still} {used} {still} 0 0 {_BOXES} {_UNKEYED} }}"
