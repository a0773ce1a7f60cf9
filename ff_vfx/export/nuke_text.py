"""How Nuke's script text says numbers, curves and nodes. Read by the Nuke writers.

Nuke's y goes up from the plate's lower edge, in pixels; x is the plate's own, in its own (not square) pixels. A pixel's
centre is at half in both, so only y turns. Source: facts of the format, docs/exports.md says which were seen where.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence

import numpy as np

from ff_vfx.export.known import Known

HEADER = "set cut_paste_input [stack 0]\nversion 13.0 v1\npush $cut_paste_input\n"
_DIGITS = 4  # of a pixel, as many as a solve has


def y_up(known: Known, points: np.ndarray) -> np.ndarray:
    """(..., 2) plate px to Nuke's."""
    return np.stack([points[..., 0], known.size[1] - points[..., 1]], -1)


def number(value: float) -> str:
    """A plain decimal, to 1e-4."""
    text = f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def hex_number(value: float) -> str:
    """A number as roto curves hold it: 0 and 1 plain, others the bits of a float32."""
    if value in (0.0, 1.0):
        return str(int(value))
    return "x" + struct.pack(">f", value).hex()


def curve(numbers: np.ndarray, values: np.ndarray) -> str:
    """{curve x1001 10 x1002 11 12}: one key a frame.

    A frame that follows its neighbour needs no number of its own; the second of a stretch has one all the same, so that
    a reader which goes on by the last step is right too.
    """
    words, last, step = [], None, 0
    for frame, value in zip(numbers.tolist(), values.tolist(), strict=True):
        if last is None or frame - last != 1 or step != 1:
            words.append(f"x{frame}")
        step = 0 if last is None else frame - last
        last = frame
        words.append(number(value))
    return "{curve " + " ".join(words) + "}"


def switch(keys: Iterable[tuple[int, int]]) -> str:
    """{curve K x1001 1 x1010 0}: constant from key to key."""
    return "{curve K " + " ".join(f"x{frame} {value}" for frame, value in keys) + "}"


def label(known: Known, what: str) -> str:
    """A label knob: what it is, whose, and where it is known, held and lost."""
    return f"label {quoted(chr(10).join([f'ff-vfx export {what}', *known.said()]))}"


def quoted(text: str) -> str:
    """A string of a script; what its Tcl would read as its own, and the braces of the text around it, is left out."""
    plain = re.sub(r'[\[\]{}$"\\]', "", text)
    return '"' + plain.replace("\n", "\\n") + '"'


def node(kind: str, knobs: Sequence[str]) -> str:
    """A whole text to paste: one node of this class, selected."""
    return HEADER + f"{kind} {{\n " + "\n ".join([*knobs, "selected true"]) + "\n}\n"


def node_name(known: Known, what: str) -> str:
    """ff_face0_tracker: letters, digits and _ alone."""
    return f"ff_{re.sub(r'[^0-9A-Za-z_]+', '_', known.name)}_{what}"
