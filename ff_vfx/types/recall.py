"""Remember the last few frames' work, so that neighbours in a range share it. Read by steady and composite.

What is remembered is a pure function of its key: forgetting changes the time, never a pixel.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TypeVar, cast

T = TypeVar("T")
_MADE: ContextVar[list[Recall] | None] = ContextVar("made", default=None)


@contextmanager
def gathered(into: list[Recall]) -> Iterator[None]:
    """Put every Recall that this thread makes meanwhile into a list, for who must make them all forget:

    where a frame number comes to mean another picture, as a host may have it.
    """
    before = _MADE.set(into)
    try:
        yield
    finally:
        _MADE.reset(before)


class Recall:
    """Keeps `capacity` results; the oldest used goes first. Safe to call from several threads; a key that two ask for

    at once may be made twice, with equal results.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()
        if (made := _MADE.get()) is not None:
            made.append(self)

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._kept

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns for this key, made now or before."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key])
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return made

    def forget(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._kept.clear()
