"""One device's work, one piece at a time, connections taking turns. Read by desk."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable

Work = Callable[[], None]
_LOG = logging.getLogger(__name__)


class Lane:
    """A thread and, for each connection, what waits for it."""

    def __init__(self, name: str) -> None:
        self._waiting: OrderedDict[int, deque[Work]] = OrderedDict()
        self._news = threading.Condition()
        self._busy, self._ended = False, False
        self._thread = threading.Thread(target=self._run, name=f"lane-{name}", daemon=True)
        self._thread.start()

    def put(self, who: int, work: Work) -> None:
        """Queue a piece of work of connection `who`. It answers for its own errors."""
        with self._news:
            self._waiting.setdefault(who, deque()).append(work)
            self._news.notify()

    def count(self) -> tuple[int, int]:
        """Pieces that wait, and that are at work."""
        with self._news:
            return sum(len(queue) for queue in self._waiting.values()), int(self._busy)

    def end(self) -> None:
        """Take up nothing more."""
        with self._news:
            self._ended = True
            self._news.notify()

    def _next(self) -> Work | None:
        with self._news:
            self._busy = False
            while not self._waiting and not self._ended:
                self._news.wait()
            if self._ended:
                return None
            who, queue = next(iter(self._waiting.items()))
            work = queue.popleft()
            # Who had a turn goes to the end.
            del self._waiting[who]
            if queue:
                self._waiting[who] = queue
            self._busy = True
            return work

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001  the lane goes on
                _LOG.exception("work that did not answer for its error")
            del work  # Pixels it looked at are free now, not when the next one comes.
