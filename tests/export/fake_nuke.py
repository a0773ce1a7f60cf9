"""A Nuke with as much of `nuke` and `nuke.rotopaint` as the builder uses, and what it made. Read by the tests alone.

Its members are those of the PyPI stubs `types-nuke` 13.2.8, and behave as others measured in Nuke 17.1.
"""

from __future__ import annotations

import sys
import types

import numpy as np


class CVec3(tuple):
    def __new__(cls, x: float, y: float, z: float):
        return super().__new__(cls, (float(x), float(y), float(z)))


class Key:
    def __init__(self, time: float, value: float) -> None:
        self.time, self.value, self.interpolationType = time, value, 256


class AnimCurve:
    """Straight between keys set so; else the value of the key before, which no test may lean on."""

    def __init__(self, value: float = 0.0) -> None:
        self.keys: list[Key] = []
        self.constant = value

    def addKey(self, time: float, value: float) -> None:
        assert isinstance(time, float) and isinstance(value, float)
        self.keys = sorted([*(k for k in self.keys if k.time != time), Key(time, value)], key=lambda k: k.time)

    def removeAllKeys(self) -> None:
        self.keys = []

    def getNumberOfKeys(self) -> int:
        return len(self.keys)

    def getKey(self, index: int) -> Key:
        return self.keys[index]

    def evaluate(self, time: float) -> float:
        if not self.keys:
            return self.constant
        times, values = [k.time for k in self.keys], [k.value for k in self.keys]
        if time in times:
            return values[times.index(time)]
        assert all(k.interpolationType == 2 for k in self.keys), "between keys a host does as it likes"
        return float(np.interp(time, times, values))


class AnimControlPoint:
    def __init__(self) -> None:
        self.curves = [AnimCurve() for _ in range(3)]

    def addPositionKey(self, time: float, position: CVec3) -> None:
        assert isinstance(position, CVec3)
        for curve, value in zip(self.curves, position, strict=True):
            curve.addKey(float(time), value)

    def getPositionAnimCurve(self, index: int, view: str = "main") -> AnimCurve:
        return self.curves[index]

    def at(self, time: float) -> np.ndarray:
        return np.array([curve.evaluate(time) for curve in self.curves[:2]])


class ShapeControlPoint:
    def __init__(self, x: float, y: float) -> None:
        self.center, self.leftTangent, self.rightTangent = (AnimControlPoint() for _ in range(3))


class AnimAttributes:
    def __init__(self) -> None:
        self.curves = {"opc": AnimCurve(1.0)}

    def getCurve(self, name: str, view: str) -> AnimCurve:
        assert view == "main"
        return self.curves[name]


class Shape(list):
    def __init__(self, knob: CurveKnob) -> None:
        super().__init__()
        self.name, self.attributes = "", AnimAttributes()

    def getAttributes(self) -> AnimAttributes:
        return self.attributes

    def at(self, time: float) -> np.ndarray:
        """(k, 3, 2) as the writers have it."""
        return np.array([[p.leftTangent.at(time), p.center.at(time), p.rightTangent.at(time)] for p in self])


class CurveKnob:
    def __init__(self) -> None:
        self.rootLayer: list[Shape] = []
        self.told = False

    def changed(self) -> None:
        self.told = True


class Knob:
    def __init__(self) -> None:
        self.value: object = None

    def setValue(self, value: object) -> None:
        self.value = value


class Node:
    def __init__(self, kind: str) -> None:
        self.kind, self.called = kind, ""
        self.knobs = {"label": Knob(), "curves": CurveKnob()}

    def __getitem__(self, name: str):
        return self.knobs[name]

    def setName(self, name: str, uncollide: bool = True) -> None:
        self.called = name


def installed(monkeypatch, cancelled: bool = False) -> list[Node]:
    """Put it where `import nuke` finds it; gives the list of nodes that are there."""
    nodes: list[Node] = []

    class ProgressTask:
        def __init__(self, name: str) -> None: ...

        def setMessage(self, text: str) -> None: ...

        def setProgress(self, share: int) -> None:
            assert isinstance(share, int) and 0 <= share <= 100

        def isCancelled(self) -> bool:
            return cancelled

    def createNode(kind: str, knobs: str = "", inpanel: bool = True) -> Node:
        nodes.append(Node(kind))
        return nodes[-1]

    nuke, rotopaint = types.ModuleType("nuke"), types.ModuleType("nuke.rotopaint")
    vars(nuke).update(
        createNode=createNode, delete=nodes.remove, views=lambda: ["main"], ProgressTask=ProgressTask,
        rotopaint=rotopaint,
    )  # fmt: skip
    vars(rotopaint).update(Shape=Shape, ShapeControlPoint=ShapeControlPoint, CVec3=CVec3)
    monkeypatch.setitem(sys.modules, "nuke", nuke)
    monkeypatch.setitem(sys.modules, "nuke.rotopaint", rotopaint)
    return nodes
