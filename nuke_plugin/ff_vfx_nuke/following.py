"""Keeps the OpenFX nodes of a FaceFuse equal to its `Result`, wherever Nuke's expressions do not. Read by the gizmo.

The gizmo calls `changed` for each knob and `follow` when it is made. Where the expressions in it hold, the values are
equal already and nothing is done: a host may not animate every kind of parameter, and a text knob may not evaluate Tcl.
"""

from __future__ import annotations

from typing import Any

import nuke

from . import knobs

OTHERS = ("Face", "Matte", "Raw", "St", "Motion", "Confidence")
_OWN = "host_output"


def changed() -> None:
    """A knob of the gizmo that is current was changed."""
    follow(nuke.thisNode(), nuke.thisKnob().name())


def follow(node: Any, only: str = "") -> None:
    """Give the others what Result has. node: a FaceFuse; any other is passed over. only: one knob's name."""
    result = node.node("Result") if hasattr(node, "node") else None
    names = [param["name"] for param in knobs.params() if param["name"] != _OWN] + ["revision"]
    if result is None or (only and only not in names):
        return
    for name in [only] if only else names:
        given = result.knob(name)
        for other in OTHERS if given is not None else ():
            _equal(node.node(other).knob(name), _said(given))


def _equal(knob: Any, value: Any) -> None:
    if knob is None or _said(knob) == value:
        return
    if knob.hasExpression():
        knob.clearAnimated()
    knob.setValue(value)


def _said(knob: Any) -> Any:
    """What it comes to; a file's pattern stays one, which `evaluate` would make a frame of."""
    if hasattr(knob, "evaluate") and not hasattr(knob, "getEvaluatedValue"):
        return knob.evaluate()
    return knobs.value_of(knob)
