"""Heads to be hidden: where they are on each frame, and why. Made by track, read by composite and the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ff_vfx.errors import BadInput

STATES = ("seen", "held", "tail", "hand")


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One head on one frame: all of it, hair, ears and chin, as a few ellipses that overlap.

    shapes: (k, 2, 3) float64: unit disc to plate px (y down, pixel centres at +0.5), [axes | centre].
    roll: of the head, radians, clockwise on screen. face_px: side of the face, chin to hairline, square px.
    state: 'seen' on this frame; 'held' over a gap; 'tail': before it was first or after it was last seen; 'hand'.
    confidence: of what saw it, [0, 1]; 0 where nothing did. aspect: the plate's pixel aspect. how: what saw it.
    anchor: (2,) plate px that cells are fixed to, which expression does not move; None: the first shape's middle.
    """

    shapes: np.ndarray
    roll: float
    face_px: float
    state: str = "seen"
    confidence: float = 0.0
    aspect: float = 1.0
    how: str = ""
    anchor: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.shapes.ndim != 3 or self.shapes.shape[1:] != (2, 3) or not len(self.shapes):
            raise BadInput(f"head: shapes {self.shapes.shape}; (k, 2, 3) is needed")
        if not (np.isfinite(self.shapes).all() and np.isfinite([self.roll, self.face_px]).all() and self.face_px > 0.0):
            raise BadInput("head: a shape, roll or size that is no number")

    @property
    def centre(self) -> np.ndarray:
        """(2,) plate px, to which cells are fixed."""
        return self.shapes[0, :, 2] if self.anchor is None else self.anchor

    def grown(self, times: float, state: str = "") -> Head:
        """The same place, so many times as large; face_px stays, so that cells do not change."""
        shapes = self.shapes.copy()
        shapes[:, :, :2] *= times
        return replace(self, shapes=shapes, state=state or self.state)

    def moved(self, by: np.ndarray) -> Head:
        """Shifted by (2,) plate px."""
        shapes = self.shapes.copy()
        shapes[:, :, 2] += by
        return replace(self, shapes=shapes, anchor=self.centre + by)

    def radius_at(self, points: np.ndarray) -> np.ndarray:
        """(n,) how far points (n, 2) plate px lie out: up to 1 inside a shape, the least over all shapes."""
        found = [np.linalg.norm((points - one[:, 2]) @ np.linalg.inv(one[:, :2]).T, axis=1) for one in self.shapes]
        return np.min(found, axis=0)

    def corners(self, soft: float) -> np.ndarray:
        """(4,) x0, y0, x1, y1 plate px around all shapes with a rim of `soft` radii."""
        reach = np.linalg.norm(self.shapes[:, :, :2], axis=2) * (1.0 + soft)
        centres = self.shapes[:, :, 2]
        return np.concatenate([(centres - reach).min(0), (centres + reach).max(0)])


@dataclass(frozen=True, slots=True, eq=False)
class HeadTrack:
    """One head through a shot. kind: 'face' (the solve's track of that name), 'box' (a likely face), 'hand' (drawn).

    heads: frame number -> Head. gaps: frames (first, last) between sightings that were too long to hold.
    """

    name: str
    kind: str
    heads: Mapping[int, Head]
    gaps: tuple[tuple[int, int], ...] = field(default=())

    def seen(self) -> list[int]:
        """Frame numbers on which something saw it, in order."""
        return sorted(number for number, head in self.heads.items() if head.state in ("seen", "hand"))
