"""A small ONNX graph written by hand, for networks of known output without the `onnx` package. Read by tests alone.

Source: onnx.proto (ONNX 1.x), field numbers beside each call.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

_FLOAT = 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def node(kind: str, inputs: Sequence[str], output: str, **ints: int | Sequence[int]) -> bytes:
    """One operation; attributes are whole numbers or lists of them."""
    parts = [_field(1, name) for name in inputs] + [_field(2, output), _field(4, kind)]  # input, output, op_type
    for name, value in ints.items():
        one = isinstance(value, int)
        body = _field(3, value) if isinstance(value, int) else b"".join(_field(8, v) for v in value)  # i, ints
        parts.append(_field(5, _field(1, name) + body + _field(20, 2 if one else 7)))  # attribute: name, type
    return b"".join(parts)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(_field(1, _field(1, n) if isinstance(n, int) else _field(2, n)) for n in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, dims)))


def _weights(name: str, array: np.ndarray) -> bytes:
    dims = b"".join(_field(1, n) for n in array.shape)
    raw = struct.pack(f"<{array.size}f", *array.astype(np.float32).ravel())
    return dims + _field(2, _FLOAT) + _field(8, name) + _field(9, raw)


def graph(
    nodes: Sequence[bytes],
    weights: Mapping[str, np.ndarray],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
) -> bytes:
    """A whole ONNX file. inputs, outputs: name -> shape, a text where a size is open."""
    body = b"".join(_field(1, one) for one in nodes) + _field(2, "graph")
    body += b"".join(_field(5, _weights(name, array)) for name, array in weights.items())
    body += b"".join(_field(11, _value(*item)) for item in inputs.items())
    body += b"".join(_field(12, _value(*item)) for item in outputs.items())
    return _field(1, 8) + _field(7, body) + _field(8, _field(1, "") + _field(2, 13))  # ir_version, graph, opset
