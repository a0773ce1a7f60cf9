"""What each request means: quick ones are answered here, work goes to its device's lane. Read by server.

`take` runs in the server's thread and computes nothing; all else runs in the desk's own threads or in a lane.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ff_vfx import __version__
from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.asked import Asked
from ff_vfx.apps.worker.conversation import Conversation
from ff_vfx.apps.worker.faults import Refused, answer_for
from ff_vfx.apps.worker.frames import frame_said, wanted_of
from ff_vfx.apps.worker.lane import Lane
from ff_vfx.apps.worker.place import Place
from ff_vfx.apps.worker.sessions import Sessions
from ff_vfx.apps.worker.taken import Taken, take_descriptor, take_named
from ff_vfx.door.hosts.session import Session
from ff_vfx.door.hosts.wanted import Wanted

_LOG = logging.getLogger(__name__)
_OPENING_THREADS = 2
_LAST_SECONDS = 3.0  # for the audit log, when the worker ends


class Desk:
    """Everything a worker does, but reading and writing messages."""

    def __init__(self, place: Place, sessions: Sessions, device: str, most_bytes: int) -> None:
        self.ending = False
        self._place, self._sessions, self._device, self._most_bytes = place, sessions, device, most_bytes
        self._lanes: dict[str, Lane] = {}
        self._making = threading.Lock()
        self._opening = ThreadPoolExecutor(_OPENING_THREADS, thread_name_prefix="desk-open")
        # One thread: the frames of a connection reach their lane in the order they were asked for.
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="desk-look")
        self._since, self._handles = time.monotonic(), 0
        self.counts = {"rendered": 0, "passed": 0, "failed": 0, "remembered": 0}
        self._kinds: dict[int, Callable[[Asked, Conversation], None]] = {
            wire.PROVE: self._prove,
            wire.PING: self._ping,
            wire.CANCEL: self._cancel,
            wire.LAYERS: self._layers,
            wire.BLOCK_OPEN: self._block_open,
            wire.BLOCK_CLOSE: self._block_close,
            wire.OPEN: self._open,
            wire.CLOSE: self._close,
            wire.TRACK: self._track,
            wire.FRAME: self._frame,
            wire.EXPORT: self._export,
        }

    def take(self, asked: Asked, by: Conversation) -> None:
        """Answer a request, or see to it that somebody will."""
        with answer_for(asked):
            if asked.kind not in self._kinds:
                raise Refused(wire.BAD_KIND, f"kind {asked.kind:#06x} is unknown to version {wire.VERSION}")
            if len(by.asked) > wire.MOST_WAITING and asked.kind != wire.CANCEL:
                raise Refused(wire.OVER_LIMIT, f"{len(by.asked)} requests without an answer; wait for some")
            self._kinds[asked.kind](asked, by)

    @property
    def busy(self) -> bool:
        """Whether anything waits or is at work."""
        return any(sum(lane.count()) for lane in list(self._lanes.values()))

    def leave(self, who: Conversation) -> None:
        """A connection is gone: its sessions are let go."""
        for session in who.sessions.values():
            assert isinstance(session, Session)
            self._let_go(session)
        who.sessions.clear()

    def end(self) -> None:
        """Take up nothing more."""
        self.ending = True
        with self._making:
            for lane in self._lanes.values():
                lane.end()
        for threads in (self._opening, self._looking):
            threads.shutdown(wait=False, cancel_futures=True)
        self._sessions.leave(_LAST_SECONDS)

    def stats(self, clients: list[str]) -> bytes:
        """The payload of STATS' answer."""
        waiting, working = (sum(n) for n in zip((0, 0), *(lane.count() for lane in list(self._lanes.values()))))
        held, alive = self._sessions.pictures.held, time.monotonic() - self._since
        told = {
            "version": __version__, "pid": os.getpid(), "name": self._place.name, "device": self._device or "cpu",
            "clients": clients, "waiting": waiting, "working": working, "sessions": self._sessions.told(),
            "bytes_remembered": held, "most_bytes": self._most_bytes, "frames": dict(self.counts), "seconds": alive,
        }  # fmt: skip
        fixed = wire.STATS_SAID.pack(
            len(clients), waiting, working, len(self._sessions), held, self.counts["rendered"] + self.counts["passed"],
            self.counts["remembered"], os.getpid(), alive,
        )  # fmt: skip
        return fixed + json.dumps(told).encode()

    def _prove(self, asked: Asked, by: Conversation) -> None:
        fixed = wire.PROVE_SAID.pack(int(by.passes), wire.MOST_PAYLOAD, self._most_bytes)
        asked.answer(fixed + f"ff-vfx {__version__} on {self._device or 'cpu'}".encode())

    def _ping(self, asked: Asked, by: Conversation) -> None:
        if len(asked.payload) > wire.MOST_NAME:
            raise Refused(wire.OVER_LIMIT, f"PING: {len(asked.payload)} bytes; {wire.MOST_NAME} can be")
        asked.answer(asked.payload)

    def _cancel(self, asked: Asked, by: Conversation) -> None:
        other = by.asked.get(_number(asked))
        if other is not None:
            other.cancel()
        asked.answer(wire.NUMBER.pack(int(other is not None)))

    def _layers(self, asked: Asked, by: Conversation) -> None:
        rows = [wire.LAYER_SAID.pack(number, name.encode()) for number, name in enumerate(wire.LAYER_NAMES)]
        asked.answer(wire.NUMBER.pack(len(rows)) + b"".join(rows))

    def _block_open(self, asked: Asked, by: Conversation) -> None:
        if len(asked.payload) < wire.BLOCK_ASK.size:
            raise Refused(wire.BAD_PROTOCOL, f"BLOCK_OPEN: {len(asked.payload)} bytes")
        number, how, size = wire.BLOCK_ASK.unpack_from(asked.payload)
        name = wire.text_of(asked.payload, wire.BLOCK_ASK.size)
        if how not in (wire.SHARED, wire.NAMED):
            raise Refused(wire.BAD_PROTOCOL, f"BLOCK_OPEN: how is {how}; 1 and 2 can be")
        taken: Taken = (
            take_descriptor(by.descriptor(), size) if how == wire.SHARED else take_named(name, size, self._place)
        )
        held = sum(block.size for block in by.blocks.values())
        if number in by.blocks or len(by.blocks) >= wire.MOST_BLOCKS or held + size > wire.MOST_BYTES:
            taken.close()
            raise Refused(wire.OVER_LIMIT, f"block {number}: is open already, or there are too many; close some")
        by.blocks[number] = taken
        asked.answer()

    def _block_close(self, asked: Asked, by: Conversation) -> None:
        block = by.blocks.pop(_number(asked), None)
        if block is None:
            raise Refused(wire.NO_BLOCK, f"no block {_number(asked)}")
        block.close()
        asked.answer()

    def _open(self, asked: Asked, by: Conversation) -> None:
        self._refuse_if_ending()
        if len(by.sessions) >= wire.MOST_SESSIONS:
            raise Refused(wire.OVER_LIMIT, f"{len(by.sessions)} sessions are open; close some")
        data = _json(asked.payload)
        self._handles = self._handles % 0xFFFFFFFF + 1
        self._opening.submit(self._opened, asked, by, data, self._handles)

    def _opened(self, asked: Asked, by: Conversation, data: Mapping[str, object], handle: int) -> None:
        with answer_for(asked):
            session = self._sessions.hold(data, self._device)
            facts = session.facts()
            by.sessions[handle] = session
            if by.closed:
                self.leave(by)
            fixed = wire.OPEN_SAID.pack(
                handle, int(facts.tracked), facts.first, facts.last, *facts.size, *facts.rate, facts.neighbours,
                facts.stamp,
            )  # fmt: skip
            asked.answer(fixed + wire.text_bytes(facts.text))

    def _close(self, asked: Asked, by: Conversation) -> None:
        number = _number(asked)
        session = _session(by, number)
        del by.sessions[number]
        self._let_go(session)
        asked.answer()

    def _track(self, asked: Asked, by: Conversation) -> None:
        self._refuse_if_ending()
        if len(asked.payload) != wire.TRACK_ASK.size:
            raise Refused(wire.BAD_PROTOCOL, f"TRACK: {len(asked.payload)} bytes; {wire.TRACK_ASK.size} are needed")
        number, flags = wire.TRACK_ASK.unpack(asked.payload)
        session = _session(by, number)

        def work() -> None:
            with answer_for(asked):
                asked.begin()
                anew = bool(flags & wire.TRACK_ANEW)
                found = session.track(anew=anew, progress=asked.progress, check=asked.check)
                counts = (found.people, found.found, found.lost, found.failed)
                asked.answer(wire.TRACK_SAID.pack(*counts) + wire.text_bytes(found.text))

        self._lane(session).put(asked.who, work)

    def _frame(self, asked: Asked, by: Conversation) -> None:
        self._refuse_if_ending()
        try:
            ask = wire.unpack_frame(asked.payload)
        except ValueError as error:
            raise Refused(wire.BAD_PROTOCOL, str(error)) from error
        session = _session(by, ask.session)
        wanted = wanted_of(ask, by)
        self._looking.submit(self._try_frame, asked, session, wanted)

    def _try_frame(self, asked: Asked, session: Session, wanted: Wanted) -> None:
        """What was made before is copied past the queue."""
        with answer_for(asked):
            asked.check()
            if session.remembers(wanted):
                self._make_frame(asked, session, wanted)
            else:
                lane = self._lane(session)
                asked.progress("wait", sum(lane.count()), 0)
                lane.put(asked.who, lambda: self._make_frame(asked, session, wanted))

    def _make_frame(self, asked: Asked, session: Session, wanted: Wanted) -> None:
        with answer_for(asked):
            asked.begin()
            waited = asked.waited_ms
            done = session.answer(wanted, asked.progress, asked.check)
            self.counts["remembered" if done.remembered else done.outcome] += 1
            asked.answer(wire.pack_frame_said(frame_said(done, len(wanted.outputs), waited)))

    def _export(self, asked: Asked, by: Conversation) -> None:
        self._refuse_if_ending()
        if len(asked.payload) < wire.NUMBER.size:
            raise Refused(wire.BAD_PROTOCOL, f"EXPORT: {len(asked.payload)} bytes")
        session = _session(by, wire.NUMBER.unpack_from(asked.payload)[0])
        what = _json(asked.payload[wire.NUMBER.size :])

        def work() -> None:
            with answer_for(asked):
                asked.begin()
                answer = json.dumps(session.export(what)).encode()
                if len(answer) > wire.MOST_PAYLOAD:
                    raise Refused(wire.OVER_LIMIT, "export: too long for an answer; name an output, and few points")
                asked.answer(answer)

        self._lane(session).put(asked.who, work)

    def _let_go(self, session: Session) -> None:
        for idle in self._sessions.let_go(session):
            if not self.ending:
                self._opening.submit(idle.close)

    def _lane(self, session: Session) -> Lane:
        """The queue of the device that a session's frames are made on."""
        device = session.job.job.device
        with self._making:
            if device not in self._lanes:
                self._lanes[device] = Lane(device or "cpu")
            return self._lanes[device]

    def _refuse_if_ending(self) -> None:
        if self.ending:
            raise Refused(wire.ENDING, "the worker is shutting down; connect again")


def _session(by: Conversation, number: int) -> Session:
    session = by.sessions.get(number)
    if not isinstance(session, Session):
        raise Refused(wire.NO_SESSION, f"no session {number}; open it again")
    return session


def _number(asked: Asked) -> int:
    if len(asked.payload) != wire.NUMBER.size:
        raise Refused(wire.BAD_PROTOCOL, f"{len(asked.payload)} bytes; {wire.NUMBER.size} are needed")
    return int(wire.NUMBER.unpack(asked.payload)[0])


def _json(payload: bytes) -> Mapping[str, object]:
    try:
        data = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Refused(wire.INPUT, f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise Refused(wire.INPUT, f"JSON of a {type(data).__name__}; an object is needed")
    return data
