"""Rings of the face as a Nuke Roto node, as text to paste. Read by `writers`.

Each shape has a key on every frame that is known and is off (opacity 0) where the face is lost. How several keys of a
shape follow each other in this text was not seen in a file of Nuke's own: `nuke_roto_script` is the surer way.
"""

from __future__ import annotations

import numpy as np

from ff_vfx.export.beziers import bezier
from ff_vfx.export.known import Known
from ff_vfx.export.marks import chosen_shapes
from ff_vfx.export.nuke_text import hex_number, label, node, node_name, y_up
from ff_vfx.export.request import Request

_UP = np.array([1.0, -1.0])  # a tangent is an offset


def nuke_roto(known: Known, request: Request) -> str:
    """The node's text.

    Raises:
        BadInput: a shape that does not exist.
    """
    rings = chosen_shapes(request.shapes)
    shapes = "\n".join(_shape(known, name, shape_up(known, bezier(known, ring))) for name, ring in rings.items())
    centre = " ".join(hex_number(side / 2.0) for side in known.size)
    layer = f"   {{layer Root\n    {{f 0}}\n    {{t {centre}}}\n    {{a}}\n{shapes}}}"
    curves = f"curves {{{{{{v x3f99999a}}\n  {{f 0}}\n  {{n\n{layer}}}}}}}"
    knobs = [label(known, request.format), "output alpha", "cliptype none", curves]
    return node("Roto", [*knobs, f"name {node_name(known, 'roto')}"])


def shape_up(known: Known, shape: np.ndarray) -> np.ndarray:
    """(n, k, 3, 2) with y up: left tangent, point, right tangent."""
    turned = shape * _UP
    turned[:, :, 1] = y_up(known, shape[:, :, 1])
    return turned


def _shape(known: Known, name: str, shape: np.ndarray) -> str:
    """A curve group: the outline frame by frame, feather as it is (`idem`), its pivot and attributes."""
    keys = "\n".join(_key(frame, points) for frame, points in zip(known.numbers.tolist(), shape, strict=True))
    frame, pivot = hex_number(float(known.numbers[0])), shape[0, :, 1].mean(0)
    middle = " ".join(hex_number(round(float(v), 2)) for v in pivot)
    presence = " ".join(f"{{{hex_number(float(at))} {there}}}" for at, there in known.presence())
    opacity = f"opc {{{presence}}} " if presence else ""
    return (
        f"    {{curvegroup {name} 512 bezier\n     {{{{cc\n       {{f 8192}}\n{keys}}}     idem}}\n"
        f"     {{tx {frame} {middle}}}\n     {{a {opacity}osw x41200000 osf 0 str 1}}}}"
    )


def _key(frame: int, points: np.ndarray) -> str:
    pairs = " ".join(f"{{{hex_number(x)} {hex_number(y)}}}" for x, y in points.reshape(-1, 2).tolist())
    return f"       {{px {hex_number(float(frame))} {pairs}}}"
