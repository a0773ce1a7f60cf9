"""One request, from when it was read until it is answered, exactly once, from whatever thread. Read by the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ff_vfx.apps.worker import wire

_PROGRESS_SECONDS = 0.1


class Cancelled(Exception):
    """Who asked does not want it any more, or is gone."""


class Asked:
    """kind, number, payload: the request's. who: its connection's number. send: writes a message to it."""

    def __init__(
        self,
        kind: int,
        number: int,
        payload: bytes,
        who: int,
        send: Callable[[bytes], None],
        done: Callable[[int], None],
    ) -> None:
        """done: told the request's number when it has been answered."""
        self.kind, self.number, self.payload, self.who = kind, number, payload, who
        self._send, self._done = send, done
        self._lock = threading.Lock()
        self._answered = False
        self._cancelled = threading.Event()
        self._begun = False
        self._stage, self._told = "", 0.0
        self._came = time.perf_counter()

    @property
    def waited_ms(self) -> float:
        """Since it came."""
        return (time.perf_counter() - self._came) * 1000.0

    def answer(self, payload: bytes = b"") -> None:
        """The answer; a second one is not sent."""
        self._say(wire.OK, payload)

    def refuse(self, status: int, text: str) -> None:
        """An error as the answer. text: what is wrong, and how to fix it."""
        self._say(status, wire.text_bytes(text))

    def progress(self, stage: str, done: int, total: int) -> None:
        """How far it is; not more often than somebody can see."""
        now = time.monotonic()
        if stage == self._stage and now - self._told < _PROGRESS_SECONDS:
            return
        self._stage, self._told = stage, now
        counts = wire.PROGRESS_SAID.pack(max(0, min(done, 0xFFFFFFFF)), max(0, min(total, 0xFFFFFFFF)))
        with self._lock:
            if not self._answered:
                self._send(wire.message(wire.PROGRESS, self.number, counts + wire.text_bytes(stage, wire.MOST_NAME)))

    def begin(self) -> None:
        """From now on its memory may be written.

        Raises:
            Cancelled: it was cancelled while it waited, and has been answered.
        """
        with self._lock:
            self._begun = True
        self.check()

    def cancel(self) -> None:
        """It is to end: at once while it waits, between two stages when it has begun."""
        self._cancelled.set()
        with self._lock:
            waiting = not self._begun
        if waiting:
            self.refuse(wire.CANCELLED, "cancelled")

    def check(self) -> None:
        """Raises:
        Cancelled: it was cancelled.
        """
        if self._cancelled.is_set():
            raise Cancelled("cancelled")

    def _say(self, status: int, payload: bytes) -> None:
        with self._lock:
            if self._answered:
                return
            self._answered = True
            self._send(wire.message(self.kind | wire.ANSWER, self.number, payload, status))
        self._done(self.number)
