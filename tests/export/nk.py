"""A reader of Nuke's script text, our own: nodes with their knobs, curves, roto shapes. Read by the tests alone."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Node:
    kind: str
    knobs: dict[str, Any]


def words(text: str) -> list:
    """Nested lists of words: braces nest, quotes and spaces part. Raises ValueError where braces do not meet."""
    stack: list[list] = [[]]
    at = 0
    while at < len(text):
        char = text[at]
        if char == "{":
            stack.append([])
        elif char == "}":
            if len(stack) == 1:
                raise ValueError(f"a brace too many at {at}")
            done = stack.pop()
            stack[-1].append(done)
        elif char == '"':
            end = at + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            stack[-1].append(text[at + 1 : end].replace("\\n", "\n"))
            at = end
        elif not char.isspace():
            end = at
            while end < len(text) and not text[end].isspace() and text[end] not in '{}"':
                end += 1
            stack[-1].append(text[at:end])
            at = end - 1
        at += 1
    if len(stack) != 1:
        raise ValueError(f"{len(stack) - 1} braces not closed")
    return stack[0]


def paste(text: str) -> list[Node]:
    """What Nuke would make of a pasted text."""
    head = "set cut_paste_input [stack 0]\nversion 13.0 v1\npush $cut_paste_input\n"
    assert text.startswith(head)
    found, rest = [], words(text[len(head) :])
    for kind, body in zip(rest[::2], rest[1::2], strict=True):
        assert isinstance(kind, str) and isinstance(body, list) and len(body) % 2 == 0, kind
        assert all(isinstance(name, str) for name in body[::2])
        found.append(Node(kind, dict(zip(body[::2], body[1::2], strict=True))))
    return found


def keys(curve: list, *, by_last_step: bool = False) -> dict[int, float]:
    """Frame -> value of [curve x1001 10 x1002 11 12].

    A value without a frame of its own is one frame on, or (`by_last_step`) as far on as the one before it was.
    """
    assert curve[0] == "curve"
    found: dict[int, float] = {}
    frame: int | None = None
    step, said = 1, False
    for word in curve[1:]:
        if word in ("K", "L"):
            continue
        if word.startswith("x"):
            step, frame, said = (int(word[1:]) - frame if frame is not None else 1), int(word[1:]), True
            continue
        assert frame is not None
        if not said:
            frame += step if by_last_step else 1
        found[frame], said = float(word), False
    return found


def switched(curve: list, frame: int) -> float:
    """The value of a constant (K) curve."""
    assert curve[:2] == ["curve", "K"]
    held = keys(curve)
    before = [f for f in held if f <= frame]
    return held[max(before)] if before else held[min(held)]


def bits(word: str) -> float:
    """A number of a roto curve."""
    return struct.unpack(">f", bytes.fromhex(word[1:]))[0] if word.startswith("x") else float(word)


@dataclass
class Shape:
    """keys: frame -> (k, 3, 2) left tangent, point, right tangent. opacity: frame -> value."""

    keys: dict[int, np.ndarray]
    opacity: dict[int, float]


def roto_shapes(curves: list) -> dict[str, Shape]:
    """The shapes of a Roto's `curves` knob."""
    ((version, flags, root),) = curves
    assert (version, flags, root[0]) == (["v", "x3f99999a"], ["f", "0"], "n")
    layer = root[1]
    assert layer[:2] == ["layer", "Root"] and layer[2][0] == "f" and layer[3][0] == "t" and layer[4] == ["a"]
    return {group[1]: _group(group) for group in layer[5:]}


def _group(group: list) -> Shape:
    word, _, flags, kind, (outline, feather), pivot, attributes = group
    assert (word, flags, kind, feather, pivot[0], attributes[0]) == ("curvegroup", "512", "bezier", "idem", "tx", "a")
    assert outline[:2] == ["cc", ["f", "8192"]]
    found = {}
    for mark, frame, *pairs in outline[2:]:
        assert mark == "px"
        found[int(bits(frame))] = np.array([[bits(x), bits(y)] for x, y in pairs]).reshape(-1, 3, 2)
    named = dict(zip(attributes[1::2], attributes[2::2], strict=True))
    return Shape(found, {int(bits(frame)): bits(value) for frame, value in named.get("opc", [])})
