"""32 bits as three shifted patterns: how a payload is spelt and read. Read by pattern and find. Plain numbers alone.

Each pattern says 10 bits by where it lies on a grid of 32 by 32 places and one by its sign; the 33rd bit is parity.
One of 2,048 takes a third of the energy that eleven single bits would (orthogonal signalling).

Source: M. Maes, T. Kalker, J. Haitsma, G. Depovere 1999, Exploiting shift invariance to obtain a high payload in
digital image watermarking (payload in the shifts).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

PAYLOAD_BITS = 32
CARRIERS = 3
PLACES = 32  # a side of the grid
_SHIFT_BITS = 10


@dataclass(frozen=True, slots=True)
class Symbol:
    """What one pattern says. row, column: its place on the grid, 0..31. sign: 1 or -1."""

    row: int
    column: int
    sign: int


def spell(payload: int) -> tuple[Symbol, ...]:
    """The symbols of a payload of 32 bits."""
    word = (payload << 1) | (payload.bit_count() & 1)
    symbols = []
    for index in range(CARRIERS):
        part = word >> (index * (_SHIFT_BITS + 1))
        shift, negative = part & (PLACES * PLACES - 1), part >> _SHIFT_BITS & 1
        symbols.append(Symbol(shift // PLACES, shift % PLACES, -1 if negative else 1))
    return tuple(symbols)


def read(symbols: Sequence[Symbol]) -> int | None:
    """The payload; None where the parity is wrong, so that what was read is not what was laid."""
    word = 0
    for index, symbol in enumerate(symbols):
        part = (symbol.sign < 0) << _SHIFT_BITS | symbol.row * PLACES + symbol.column
        word |= part << (index * (_SHIFT_BITS + 1))
    payload, parity = word >> 1, word & 1
    return payload if payload.bit_count() & 1 == parity else None


def payload_from(text: str) -> int:
    """The 32 bits that stand for a name.

    Args:
        text: 8 or more hexadecimal digits (a stamp, a ProduceID) stand for the number they begin with; any other text
            for the first 32 bits of its sha256.
    """
    digits = text[: PAYLOAD_BITS // 4].lower()
    if len(digits) == PAYLOAD_BITS // 4 and all(digit in "0123456789abcdef" for digit in digits):
        return int(digits, 16)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[: PAYLOAD_BITS // 8], "big")
