"""The sessions of all connections: equal jobs share one. Read by desk.

One that nobody has open is kept for a while, since hosts close and open at every change of a parameter.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping

from ff_vfx.door.hosts.remembered import Pictures
from ff_vfx.door.hosts.session import Session

_KEPT = 2


class Sessions:
    """Safe to use from several threads."""

    def __init__(self, pictures: Pictures) -> None:
        """pictures: what all of them remember what they made in."""
        self.pictures = pictures
        self._open: OrderedDict[bytes, tuple[Session, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._open)

    def hold(self, asked: Mapping[str, object], device: str) -> Session:
        """The session of a job, for one more node. Raises as Session."""
        new = Session(asked, self.pictures, device)
        with self._lock:
            session, count = self._open.get(new.job.key, (new, 0))
            self._open[new.job.key] = session, count + 1
            self._open.move_to_end(new.job.key)
        if session is not new:
            new.close()
        return session

    def let_go(self, session: Session) -> list[Session]:
        """One node less has it open. Gives the sessions to be closed now, which may wait for a frame under way."""
        with self._lock:
            held, count = self._open.get(session.job.key, (session, 1))
            self._open[session.job.key] = held, max(0, count - 1)
            idle = [key for key, (_, users) in self._open.items() if not users]
            return [self._open.pop(key)[0] for key in idle[: max(0, len(idle) - _KEPT)]]

    def leave(self, seconds: float) -> None:
        """The process ends: each session's last entry goes into the audit log, all within so long."""
        with self._lock:
            sessions = [session for session, _ in self._open.values()]
        end = time.monotonic() + seconds
        for session in sessions:
            session.leave(max(0.0, end - time.monotonic()))

    def told(self) -> list[dict[str, object]]:
        """For people."""
        with self._lock:
            return [{"plate": session.job.plate.name, "nodes": count} for session, count in self._open.values()]
