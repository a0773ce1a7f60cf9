"""A rectangle of whole pixels. Read by everyone who works on part of a frame."""

from __future__ import annotations

from dataclasses import dataclass

from ff_vfx.errors import BadInput


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open pixel rectangle [x0, x1) x [y0, y1); y down, in the plate's own coordinates; may be negative."""

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise BadInput(f"window {self}: x1 < x0 or y1 < y0; give corners in order")

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def empty(self) -> bool:
        return self.width == 0 or self.height == 0

    def intersect(self, other: Window) -> Window:
        """The part in both; empty (zero width and height at a corner) where they do not meet."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Window(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def union(self, other: Window) -> Window:
        """The smallest window that holds both; an empty one adds nothing."""
        if self.empty or other.empty:
            return other if self.empty else self
        return Window(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def slices(self, inside: Window) -> tuple[slice, slice]:
        """(rows, columns) of this window in an array that covers `inside`."""
        return slice(self.y0 - inside.y0, self.y1 - inside.y0), slice(self.x0 - inside.x0, self.x1 - inside.x0)
