"""What the pipeline asks of a plate, whoever holds it: a sequence on disk, a movie, a host. Read by shot and track."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol, runtime_checkable

from ff_vfx.types.frame import Frame


class Plate(Protocol):
    """Frames in any order, from any thread; reading one never changes another.

    numbers: every frame number the plate should have, in order; a hole in a sequence is listed and fails on read.
    rate: frames per second. size: (width, height) of the display window. colour_space: an OpenColorIO name.
    name: what the user called it, for messages. key: a hash of names, sizes and samples of the content.
    """

    numbers: Sequence[int]
    rate: Fraction
    size: tuple[int, int]
    colour_space: str
    name: str
    key: str

    def read(self, number: int) -> Frame:
        """The frame.

        Raises:
            FrameMissing, FrameBroken, HostileFile: this frame alone is unfit; the others may be read on.
        """
        ...


@runtime_checkable
class Foreseen(Plate, Protocol):
    """A plate that is told beforehand which frames will be read. order: their numbers, ascending."""

    order: Sequence[int]
