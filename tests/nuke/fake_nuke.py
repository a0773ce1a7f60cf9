"""A Nuke with as much of `nuke` as nuke_plugin uses: nodes with knobs, and what was shown. Read by the tests alone.

Its members are those of the PyPI stubs `types-nuke` 13.2.8; nothing here says how Nuke itself behaves.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Knob:
    def __init__(self, value: Any) -> None:
        self._value = value

    def value(self) -> Any:
        return self._value

    def setValue(self, value: Any) -> bool:
        assert not self.hasExpression(), "an expression is in the way"
        self._value = value
        return True

    def hasExpression(self) -> bool:
        return False


class File(Knob):
    def getEvaluatedValue(self) -> Any:
        return self._value


class Driven(Knob):
    """Holds an expression that gives nothing."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self._driven = True

    def hasExpression(self) -> bool:
        return self._driven

    def clearAnimated(self) -> None:
        self._driven = False


class Link(Knob):
    """A gizmo's link: to be asked for what it leads to."""

    def __init__(self, to: Knob) -> None:
        super().__init__(None)
        self._to = to

    def getLinkedKnob(self) -> Knob:
        return self._to


class Node:
    def __init__(self, kind: str, name: str, knobs: dict[str, Any], inputs: tuple[Node | None, ...] = ()) -> None:
        self._kind, self._name, self._inputs = kind, name, inputs
        self.knobs = {key: value if isinstance(value, Knob) else Knob(value) for key, value in knobs.items()}
        self.selected = False
        self.inside: dict[str, Node] = {}

    def node(self, name: str) -> Node | None:
        return self.inside.get(name)

    def Class(self) -> str:
        return self._kind

    def name(self) -> str:
        return self._name

    fullName = name

    def input(self, index: int) -> Node | None:
        return self._inputs[index] if index < len(self._inputs) else None

    def knob(self, name: str) -> Knob | None:
        return self.knobs.get(name)

    def __getitem__(self, name: str) -> Knob:
        return self.knobs.setdefault(name, Knob(None))

    def firstFrame(self) -> int:
        return 1

    def lastFrame(self) -> int:
        return 3

    def xpos(self) -> int:
        return 0

    def ypos(self) -> int:
        return 0

    def setXYpos(self, x: int, y: int) -> None: ...

    def setSelected(self, on: bool) -> None:
        self.selected = on


class Nuke:
    """What a test sees of it. answers: by label, what an artist types; closed: every window is closed instead."""

    def __init__(self, script: Path) -> None:
        self.nodes: list[Node] = []
        self.messages: list[str] = []
        self.printed: list[str] = []
        self.progress: list[tuple[str, int]] = []
        self.menu: list[tuple[str, str]] = []
        self.paths: list[str] = []
        self.pasted: list[str] = []
        self.executed: list[tuple[Node, int, int]] = []
        self.answers: dict[str, str] = {}
        self.closed = self.cancelled = False
        self.pressed: Node | None = None
        self.changed = ""  # the name of the knob that is current
        self.new: Node | None = None  # what createNode makes
        self.root = Node("Root", str(script), {"colorManagement": "OCIO", "workingSpaceLUT": "ACEScg"})
        self.module = self._module()

    def add(self, kind: str, name: str, inputs: tuple[Node | None, ...] = (), **knobs: Any) -> Node:
        self.nodes.append(Node(kind, name, knobs, inputs))
        return self.nodes[-1]

    def install(self, monkeypatch) -> None:
        monkeypatch.setitem(sys.modules, "nuke", self.module)

    def _module(self) -> types.ModuleType:
        module = types.ModuleType("nuke")
        fake = self

        class Panel:
            def __init__(self, title: str) -> None:
                self._given: dict[str, str] = {}

            def setWidth(self, width: int) -> None: ...

            def addSingleLineInput(self, label: str, value: str) -> None:
                self._given[label] = value

            addFilenameSearch = addSingleLineInput

            def addEnumerationPulldown(self, label: str, choices: str) -> None:
                self._given[label] = choices.split(" ")[0]

            def show(self) -> bool:
                return not fake.closed

            def value(self, label: str) -> str:
                return fake.answers.get(label, self._given[label])

        class ProgressTask:
            def __init__(self, title: str) -> None:
                self._message = title

            def isCancelled(self) -> bool:
                return fake.cancelled

            def setMessage(self, text: str) -> None:
                self._message = text

            def setProgress(self, share: int) -> None:
                assert isinstance(share, int) and 0 <= share <= 100
                fake.progress.append((self._message, share))

        class Nodes:
            def __getattr__(self, kind: str) -> Callable[..., Node]:
                def make(inputs: list[Node] | None = None, **knobs: Any) -> Node:
                    made = fake.add(kind, f"{kind}1", tuple(inputs or ()), **knobs)
                    for name in ("first", "last", "raw", "colorspace") if kind == "Read" else ():
                        made.knobs.setdefault(name, Knob(None))
                    return made

                return make

        def create(kind: str) -> Node:
            if fake.new is None:
                raise RuntimeError(f"{kind}: Unknown command")
            fake.nodes.append(fake.new)
            return fake.new

        def this_node() -> Node:
            if fake.pressed is None:
                raise ValueError("no node is current")
            return fake.pressed

        def execute(node: Node, first: int, last: int) -> None:
            assert not isinstance(node.knobs["file"].value(), list)
            fake.executed.append((node, first, last))

        def node_paste(path: str) -> Node:
            fake.pasted.append(Path(path).read_text())
            return fake.add("Pasted", "Pasted1")

        class Menu:
            def __init__(self, path: str) -> None:
                self._path = path

            def addMenu(self, name: str) -> Menu:
                return Menu(f"{self._path}/{name}")

            def addCommand(self, name: str, command: str) -> None:
                fake.menu.append((f"{self._path}/{name}", command))

            def addSeparator(self) -> None: ...

        vars(module).update(
            GUI=True, ALL=1, Panel=Panel, ProgressTask=ProgressTask, nodes=Nodes(), thisNode=this_node, execute=execute,
            nodePaste=node_paste, menu=Menu, message=self.messages.append, tprint=self.printed.append,
            selectedNodes=lambda: [n for n in fake.nodes if n.selected], allNodes=lambda: list(fake.nodes),
            toNode=lambda name: next((n for n in fake.nodes if n.name() == name), None), root=lambda: fake.root,
            delete=self.nodes.remove, pluginAddPath=self.paths.append, plugins=lambda switches, pattern: [],
            getFilename=lambda message: fake.answers.get("file"),
            createNode=create, thisKnob=lambda: types.SimpleNamespace(name=lambda: fake.changed),
            executeInMainThread=lambda call, args=(): call(*args),
        )  # fmt: skip
        return module
