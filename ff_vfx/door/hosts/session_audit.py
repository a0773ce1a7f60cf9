"""What the audit log hears of a session: when frames begin to be made, and how many became of it. Read by session.

One entry when frames are first made from a solve under what consents say, one when that ends: the session is closed, or
the solve or a consent is another. Both are written behind the frames; no host waits for the disk.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from ff_vfx.door.auditing import Act, made_from, names_of
from ff_vfx.door.consent import Cleared
from ff_vfx.door.hosts.session_job import SessionJob
from ff_vfx.door.networks.brought import check_networks
from ff_vfx.door.provenance import cast_of, origin_of
from ff_vfx.errors import FfVfxError
from ff_vfx.types.frame_ranges import said_ranges

VERB = "session"


class SessionAudit:
    """Safe to be told things from several threads."""

    def __init__(self, job: SessionJob) -> None:
        self._job = job
        self._act: Act | None = None
        self._of: tuple[bytes, object] = b"", None
        self._counts: Counter[str] = Counter()
        self._numbers: set[int] = set()
        self._lock = threading.Lock()
        self._last: threading.Thread | None = None

    def begins(self, solve_hash: bytes, cleared: Cleared) -> None:
        """Frames are made of this solve from now on, under these clearances."""
        of = solve_hash, [[(one.performer, one.cleared, one.sha256) for one in part] for part in cleared]
        with self._lock:
            if self._act is not None and of == self._of:
                return
            self._end()
            self._act, self._of = Act(VERB, names_of(self._job.job)), of
            self._behind(lambda act=self._act: act.begins(**self._inputs(cleared)))  # type: ignore[misc]

    def frame(self, number: int, outcome: str) -> None:
        """What became of a frame that a host asked for: 'rendered', 'passed', 'remembered', 'failed'."""
        with self._lock:
            self._counts[outcome] += 1
            if outcome != "failed":
                self._numbers.add(number)

    def ends(self) -> None:
        """No more frames for now."""
        with self._lock:
            self._end()

    def wait(self, seconds: float) -> None:
        """Until what was told is written, at most so long."""
        if self._last is not None:
            self._last.join(seconds)

    def _end(self) -> None:
        act, self._act = self._act, None
        if act is None:
            return
        frames = {**self._counts, "numbers": said_ranges(sorted(self._numbers))}
        self._counts, self._numbers = Counter(), set()
        act.result(frames=frames, outcome="closed")
        self._behind(lambda: _finish(act))

    def _inputs(self, cleared: Cleared) -> dict[str, object]:
        job = self._job
        try:
            cast = cast_of(job.roles, cleared, check_networks(job.job, job.roles))
            return made_from(origin_of(job.job, job.plate, job.solve_file, cast))
        except (FfVfxError, OSError) as error:
            return {"plate_key": job.plate.key, "not_hashed": str(error)}

    def _behind(self, work: Callable[[], None]) -> None:
        """Do it in a thread, after what was given before."""
        before = self._last

        def run() -> None:
            if before is not None:
                before.join()
            work()

        self._last = threading.Thread(target=run, name="session-audit", daemon=True)
        self._last.start()


def _finish(act: Act) -> None:
    act.end()
    act.say()
