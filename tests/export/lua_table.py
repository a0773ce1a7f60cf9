"""A reader of Fusion's .setting text, our own: the part of Lua that it uses. Read by the tests alone.

A table is a dict; what has no key is counted from 1; the name before a table (Input, Polyline) is under '__ctor'.
"""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|([{}\[\]=,()]))')


def read(text: str) -> dict[Any, Any]:
    """The table. Raises ValueError where it is none."""
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"not Lua at {text[at : at + 40]!r}")
        tokens.append(match.group().strip())
        at = match.end()
    value, rest = _value(tokens, 0)
    if rest != len(tokens):
        raise ValueError("something after the table")
    return value


def _value(tokens: list[str], at: int) -> tuple[Any, int]:
    word = tokens[at]
    if word == "{":
        return _table(tokens, at + 1, "")
    if word[0] == '"':
        return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), word[1:-1]), at + 1
    if word in ("true", "false"):
        return word == "true", at + 1
    if word[0].isalpha() or word[0] == "_":
        at += 1
        if tokens[at] == "(":
            at += 2
        if tokens[at] != "{":
            raise ValueError(f"{word} makes no table")
        return _table(tokens, at + 1, word)
    return float(word), at + 1


def _table(tokens: list[str], at: int, ctor: str) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {"__ctor": ctor} if ctor else {}
    count = 0
    while tokens[at] != "}":
        if tokens[at] == "[":
            key, at = _value(tokens, at + 1)
            key = int(key) if isinstance(key, float) else key
            if tokens[at : at + 2] != ["]", "="]:
                raise ValueError("a key is not closed")
            at += 2
        elif tokens[at + 1] == "=":
            key, at = tokens[at], at + 2
        else:
            count += 1
            key = count
        if key in found:
            raise ValueError(f"{key} twice")
        found[key], at = _value(tokens, at)
        if tokens[at] == ",":
            at += 1
        elif tokens[at] != "}":
            raise ValueError(f"no comma before {tokens[at]}")
    return found, at + 1


def keys(tools: dict, name: str) -> dict[int, float]:
    """Frame -> value of a BezierSpline."""
    tool = tools[name]
    assert tool["__ctor"] == "BezierSpline"
    return {frame: key[1] for frame, key in tool["KeyFrames"].items()}


def driver(tools: dict, tool: str, name: str) -> str:
    """The tool that drives an input."""
    given = tools[tool]["Inputs"][name]
    assert given["__ctor"] == "Input" and given["Source"] == "Value" and given["SourceOp"] in tools
    return given["SourceOp"]


def path(tools: dict, name: str) -> dict[int, tuple[float, float]]:
    """Frame -> x, y of an XYPath."""
    assert tools[name]["__ctor"] == "XYPath"
    x, y = (keys(tools, driver(tools, name, axis)) for axis in "XY")
    assert x.keys() == y.keys()
    return {frame: (x[frame], y[frame]) for frame in x}
