"""Pictures that were made, kept until memory runs out. Read by session: a second node's picture costs a copy.

What is kept is a pure function of its key: forgetting changes the time, never a pixel.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from ff_vfx.door.hosts.picture import Bounds


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Part of a layer, the rest of which is known. values: (h, w, 4) float32, bottom row first, never written to.

    bounds: where; an empty one has no values. mask: (h, w) bool, where it differs from what is under it; None:
    everywhere.
    """

    bounds: Bounds
    values: np.ndarray
    mask: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + (self.mask.nbytes if self.mask is not None else 0)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What became of a frame. pictures: by layer. passed: why there is no face on it; '' when there is one."""

    pictures: dict[str, Picture]
    bounds: Bounds
    passed: str = ""

    @property
    def nbytes(self) -> int:
        return sum(picture.nbytes for picture in self.pictures.values())


class Pictures:
    """Keeps what was made, up to so many bytes; the longest unused goes first. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        """most: bytes; 0 keeps nothing."""
        self.most = most
        self.held = 0
        self._kept: OrderedDict[Hashable, Made | Picture] = OrderedDict()
        self._lock = Lock()

    def made(self, key: Hashable) -> Made | None:
        """A frame's."""
        found = self._get(key)
        return found if isinstance(found, Made) else None

    def picture(self, key: Hashable) -> Picture | None:
        """A single picture."""
        found = self._get(key)
        return found if isinstance(found, Picture) else None

    def keep(self, key: Hashable, what: Made | Picture) -> None:
        """Remember it, if there is room for it at all."""
        if what.nbytes > self.most:
            return
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self.held -= old.nbytes
            self._kept[key] = what
            self.held += what.nbytes
            while self.held > self.most:
                self.held -= self._kept.popitem(last=False)[1].nbytes

    def _get(self, key: Hashable) -> Made | Picture | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)
