"""Landmarks as Fusion Trackers, one a point. Read by `writers`.

Each has its path on TrackedCenter1, so that other tools connect to its outputs; nothing is tracked again until asked.
"""

from __future__ import annotations

from ff_vfx.export.fusion_text import (
    comment,
    document,
    in_parts,
    link,
    number,
    path,
    place,
    quoted,
    tool,
    tool_name,
    value,
)
from ff_vfx.export.known import Known
from ff_vfx.export.marks import chosen_points
from ff_vfx.export.request import Request


def fusion_tracker(known: Known, request: Request) -> str:
    """The tools' text.

    Raises:
        BadInput: a point that does not exist.
    """
    tools, names = [], []
    for column, (point, landmark) in enumerate(chosen_points(request.points).items()):
        name, places = tool_name(known, point), in_parts(known, known.points[:, landmark])
        x, y = (number(v) for v in places[0].tolist())
        start = f"{{ PatternTime = {int(known.numbers[0])}, PatternX = {x}, PatternY = {y} }}"
        inputs = [
            comment(known, f"{request.format} {point}"),
            ("Name1", value(quoted(point))),
            ("PatternCenter1", value(f"{{ {x}, {y} }}")),
            ("TrackedCenter1", link(f"{name}Path")),
        ]
        more = [f"Trackers = {{ {start} }},", place(column)]
        tools += [tool("Tracker", name, inputs, more), *path(f"{name}Path", known.numbers, places)]
        names.append(name)
    return document(tools, names[0])
