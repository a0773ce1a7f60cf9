"""How Fusion's .setting text says numbers, splines, paths and tools. Read by the Fusion writers.

It is a Lua table. Points are parts of the picture, y up from its lower edge; shapes are measured from its middle. The
plate's own pixels drop out, so a pixel that is not square changes nothing. Source: as nuke_text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from ff_vfx.export.known import Known

_DIGITS = 7  # of the picture's side: 1e-3 px of 10000
_GREY = "{ Red = 180, Green = 180, Blue = 180 }"


def in_parts(known: Known, points: np.ndarray) -> np.ndarray:
    """(..., 2) plate px to parts of the picture, y up."""
    w, h = known.size
    return np.stack([points[..., 0] / w, 1.0 - points[..., 1] / h], -1)


def number(value: float) -> str:
    """A plain decimal."""
    text = f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quoted(text: str) -> str:
    """A Lua string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def value(text: str) -> str:
    """An input that stands still."""
    return f"Input {{ Value = {text}, }}"


def link(source: str, output: str = "Value") -> str:
    """An input that another tool drives."""
    return f'Input {{ SourceOp = "{source}", Source = "{output}", }}'


def tool(kind: str, name: str, inputs: Sequence[tuple[str, str]], more: Sequence[str] = ()) -> str:
    """One tool. inputs: name and text. more: lines beside its inputs."""
    lines = [f"\t\t{name} = {kind} {{", *(f"\t\t\t{line}" for line in more), "\t\t\tInputs = {"]
    lines += [f"\t\t\t\t{key} = {text}," for key, text in inputs]
    return "\n".join([*lines, "\t\t\t},", "\t\t},"])


def spline(name: str, keys: Iterable[str]) -> str:
    """Keys over time, each as `key` gives it."""
    lines = "\n".join(f"\t\t\t\t{text}," for text in keys)
    return (
        f"\t\t{name} = BezierSpline {{\n\t\t\tSplineColor = {_GREY},\n\t\t\tKeyFrames = {{\n{lines}\n\t\t\t}},\n\t\t}},"
    )


def key(frame: int, text: str) -> str:
    """One key, a straight line on both sides."""
    return f"[{frame}] = {{ {text}, Flags = {{ Linear = true }} }}"


def path(name: str, numbers: np.ndarray, places: np.ndarray) -> list[str]:
    """An XYPath and its two splines. places: (n, 2) parts of the picture."""
    frames = numbers.tolist()
    splines = [
        spline(f"{name}{axis}", (key(f, number(v)) for f, v in zip(frames, column.tolist(), strict=True)))
        for axis, column in zip("XY", places.T, strict=True)
    ]
    inputs = [(axis, link(f"{name}{axis}")) for axis in "XY"]
    head = ["ShowKeyPoints = false,", 'DrawMode = "ModifyOnly",']
    return [tool("XYPath", name, inputs, head), *splines]


def document(tools: Sequence[str], active: str) -> str:
    """The whole text."""
    return "{\n\tTools = ordered() {\n" + "\n".join(tools) + f'\n\t}},\n\tActiveTool = "{active}"\n}}\n'


def comment(known: Known, what: str) -> tuple[str, str]:
    """A tool's comment: what it is, whose, and where it is known, held and lost."""
    return "Comments", value(quoted("\n".join([f"ff-vfx export {what}", *known.said()])))


def tool_name(known: Known, what: str) -> str:
    """ff_face0_pin: letters, digits and _ alone."""
    return f"ff_{re.sub(r'[^0-9A-Za-z_]+', '_', known.name)}_{what}"


def place(column: int, row: int = 0) -> str:
    """Where a tool stands in the flow, so that pasted tools do not lie on each other."""
    return f"ViewInfo = OperatorInfo {{ Pos = {{ {110 * column}, {49.5 * row:g} }} }},"
