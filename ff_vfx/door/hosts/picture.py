"""A host's picture in shared memory, as numpy sees it. Read by session and by apps, which make them.

OpenFX's way: RGBA side by side, the bottom row first, rows led by a step that may be negative.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import mmh3
import numpy as np

from ff_vfx.errors import BadInput

FORMATS: dict[int, np.dtype[np.generic]] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f2"),
    3: np.dtype("<u2"),
    4: np.dtype("u1"),
}
_MOST_SIDE = 32768
Bounds = tuple[int, int, int, int]
"""x1, y1, x2, y2: pixels, y up, the last two not in it; pixel (0, 0) is the format's bottom left."""


class BadPicture(BadInput):
    """A picture that does not lie in its memory, or cannot be."""


@dataclass(frozen=True, slots=True, eq=False)
class HostPicture:
    """Where a picture is. block: which memory, equal for equal ones. content: known to change with it; b"": unknown.

    format: see FORMATS. offset: bytes to the bottom left pixel. row_bytes: from a row to the one above.

    Raises:
        BadPicture: it does not lie in its memory.
    """

    memory: memoryview
    block: int
    format: int
    offset: int
    row_bytes: int
    bounds: Bounds
    content: bytes = b""

    def __post_init__(self) -> None:
        x1, y1, x2, y2 = self.bounds
        if self.format not in FORMATS:
            raise BadPicture(f"image: format {self.format} is unknown; use one of {sorted(FORMATS)}")
        if not (0 < x2 - x1 <= _MOST_SIDE and 0 < y2 - y1 <= _MOST_SIDE):
            raise BadPicture(f"image: bounds {self.bounds}; sides of 1 to {_MOST_SIDE} px can be")
        if abs(self.row_bytes) < self._row or self.offset % self._one or self.row_bytes % self._one:
            raise BadPicture(f"image: {self.row_bytes} bytes a row from {self.offset}, for rows of {self._row}")
        low, high = self.span
        if low < 0 or high > len(self.memory):
            raise BadPicture(f"image: bytes {low} to {high} of a block of {len(self.memory)}")

    @property
    def _one(self) -> int:
        return FORMATS[self.format].itemsize

    @property
    def _row(self) -> int:
        return self.size[0] * 4 * self._one

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return self.bounds[2] - self.bounds[0], self.bounds[3] - self.bounds[1]

    @property
    def span(self) -> tuple[int, int]:
        """The first byte of its memory that it uses, and the first it does not."""
        last = self.offset + (self.size[1] - 1) * self.row_bytes
        return min(self.offset, last), max(self.offset, last) + self._row

    def same_place(self, other: HostPicture) -> bool:
        """Whether both are the very same memory, seen alike."""
        mine, its = ((p.block, p.format, p.offset, p.row_bytes, p.bounds) for p in (self, other))
        return mine == its

    def overlaps(self, other: HostPicture) -> bool:
        """Whether writing one may change the other."""
        return self.block == other.block and self.span[0] < other.span[1] and other.span[0] < self.span[1]

    def digest(self) -> bytes:
        """16 bytes that tell its pixels from others': of what it is known to change with, else of every byte."""
        head = struct.pack("<I4iq", self.format, *self.bounds, self.row_bytes)
        if any(self.content):
            return hashlib.blake2b(head + self.content, digest_size=16).digest()
        low, high = self.span
        # Not for secrets: it only has to be quick, about as a copy is.
        return mmh3.mmh3_x64_128_digest(head + mmh3.mmh3_x64_128_digest(self.memory[low:high]))

    def array(self) -> np.ndarray:
        """(h, w, 4) of the format's type, the bottom row first: the memory itself."""
        (w, h), one = self.size, self._one
        return np.ndarray(
            (h, w, 4),
            FORMATS[self.format],
            buffer=self.memory,
            offset=self.offset,
            strides=(self.row_bytes, 4 * one, one),
        )


def check_apart(inputs: Sequence[HostPicture], outputs: Sequence[HostPicture], own: HostPicture | None) -> None:
    """See that no output writes over another or over an input, but for `own`, the input of the frame asked for.

    Raises:
        BadPicture: one does.
    """
    for index, output in enumerate(outputs):
        for other in [*outputs[:index], *inputs]:
            if output.overlaps(other) and not (other is own and output.same_place(other)):
                raise BadPicture("image: an output overlaps another picture of the same request")


def as_float(picture: np.ndarray) -> np.ndarray:
    """(h, w, 4) float32 of a host's values; whole numbers from their range to 0..1. May be the memory itself."""
    if picture.dtype.kind == "u":
        return picture.astype(np.float32) / np.float32(np.iinfo(picture.dtype).max)
    return picture.astype(np.float32, copy=False)


def put(target: np.ndarray, values: np.ndarray) -> None:
    """Write float32 values as the target's type; whole numbers are clipped and rounded, nan is 0."""
    if target.dtype.kind == "u":
        top = np.float32(np.iinfo(target.dtype).max)
        values = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0) * top + np.float32(0.5)
    with np.errstate(over="ignore"):
        np.copyto(target, values, casting="unsafe")
