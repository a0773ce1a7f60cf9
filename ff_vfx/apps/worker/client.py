"""The reference client: a worker that is started when it is absent, and asked again when it died. Python 3.9.

Read by tests, by hosts' Python, and by whoever writes a client in another language. One thread at a time: each thread
that renders has its own Worker.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.blocks import Block
from ff_vfx.apps.worker.connection import Abort, Connection, Progress, WorkerLost, WorkerSaid
from ff_vfx.apps.worker.place import Place, place_of
from ff_vfx.apps.worker.spawn import start_worker

_MOST_BLAMED, _MOST_ATTEMPTS = 3, 12
__all__ = ["Node", "Opened", "Tracked", "Worker", "WorkerLost", "WorkerSaid"]


class Opened(NamedTuple):
    """What a job is. tracked: whether there is a solve that fits. stamp: equal for equal pixels.

    neighbours: frames on each side that are read for one.
    """

    session: int
    tracked: bool
    first: int
    last: int
    width: int
    height: int
    rate: tuple[int, int]
    neighbours: int
    stamp: bytes
    text: str


class Tracked(NamedTuple):
    """What tracking found; in frames but for people."""

    people: int
    found: int
    lost: int
    failed: int
    text: str


class Node:
    """One job, opened on a worker; it is opened again by itself when the worker is another."""

    def __init__(self, worker: Worker, asked: bytes) -> None:
        self._worker, self._asked = worker, asked
        self.opened = self._open(worker.connection())

    def _open(self, connection: Connection) -> Opened:
        said = connection.ask(wire.OPEN, self._asked)
        number, tracked, first, last, width, height, up, down, near, stamp = wire.OPEN_SAID.unpack_from(said)
        text = wire.text_of(said, wire.OPEN_SAID.size)
        return Opened(number, bool(tracked), first, last, width, height, (up, down), near, stamp, text)

    def reopen(self, connection: Connection) -> None:
        """Open it on a new connection."""
        self.opened = self._open(connection)

    def track(self, *, anew: bool = False, progress: Progress | None = None, abort: Abort | None = None) -> Tracked:
        """Look at the whole plate and write the solve."""
        flags = wire.TRACK_ANEW if anew else 0
        said = self._worker.ask(
            wire.TRACK, lambda: wire.TRACK_ASK.pack(self.opened.session, flags), progress=progress, abort=abort
        )
        people, found, lost, failed = wire.TRACK_SAID.unpack_from(said)
        return Tracked(people, found, lost, failed, wire.text_of(said, wire.TRACK_SAID.size))

    def frame(
        self,
        number: int,
        outputs: Sequence[wire.Output],
        *,
        inputs: Sequence[wire.Input] = (),
        scale: tuple[float, float] = (1.0, 1.0),
        flags: int = 0,
        progress: Progress | None = None,
        abort: Abort | None = None,
        before: Callable[[], None] | None = None,
    ) -> wire.FrameSaid:
        """Make one frame's layers.

        Args:
            before: called before each attempt: puts the source picture into its block, which a worker that died may
                have half written over.
        """

        def payload() -> bytes:
            if before:
                before()
            ask = wire.FrameAsk(self.opened.session, number, scale, flags, tuple(inputs), tuple(outputs))
            return wire.pack_frame(ask)

        return wire.unpack_frame_said(self._worker.ask(wire.FRAME, payload, progress=progress, abort=abort))

    def export(self, what: Mapping[str, object]) -> dict[str, object]:
        """Write or give an export; what: see EXPORT in docs/worker.md."""
        asked = json.dumps(what).encode()
        said = self._worker.ask(wire.EXPORT, lambda: wire.NUMBER.pack(self.opened.session) + asked)
        found: dict[str, object] = json.loads(said)
        return found

    def close(self) -> None:
        """Forget it."""
        self._worker.forget(self)


class _Begun:
    """Passes progress on, and knows whether the work was begun."""

    def __init__(self, progress: Progress | None, kind: int) -> None:
        self._progress = progress
        self.there = kind not in (wire.FRAME, wire.TRACK, wire.EXPORT)  # what else there is does not wait

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.there = self.there or stage != "wait"
        if self._progress:
            self._progress(stage, done, total)


class Worker:
    """A worker of this user, wherever it is just now."""

    def __init__(self, name: str = "main", *, who: str = "python", start: Sequence[str] | None = ()) -> None:
        """who: for the worker's log. start: the program that starts one, () for the installed; None: never start one.

        Raises:
            WorkerNotStarted, WorkerLost: there is none. WorkerSaid: it refuses us. PlaceRefused: see there.
        """
        self._place: Place = place_of(name)
        self._who, self._start = who, start
        self._nodes: list[Node] = []
        self._blocks: list[Block] = []
        self._numbers = 0
        self._connection: Connection | None = None
        self.connection()

    def connection(self) -> Connection:
        """The connection there is, or a new one on which everything is open again."""
        if self._connection is None:
            new = self._connect()
            try:
                for block in self._blocks:
                    block.renew()
                    new.ask(wire.BLOCK_OPEN, block.ask(), descriptor=block.descriptor)
                for node in self._nodes:
                    node.reopen(new)
            except BaseException:
                new.close()
                raise
            self._connection = new
        return self._connection

    def _connect(self) -> Connection:
        for last in (False, False, True):
            try:
                return Connection(self._place, self._who)
            except (WorkerLost, FileNotFoundError):
                if self._start is None or last:
                    raise
            # One that answered may die before we come.
            start_worker(self._place.name, command=self._start)
        raise AssertionError("not reached")

    def ask(
        self,
        kind: int,
        payload: Callable[[], bytes] = bytes,
        *,
        progress: Progress | None = None,
        abort: Abort | None = None,
    ) -> bytes:
        """One question, asked again where the worker died: it is given up when it may have killed three.

        payload: called for each attempt. A worker that died while this still waited died of something else.
        """
        blamed = 0
        for _ in range(_MOST_ATTEMPTS - 1):
            begun = _Begun(progress, kind)
            try:
                return self.connection().ask(kind, payload(), progress=begun, abort=abort)
            except WorkerLost:
                self.disconnect()
                blamed += begun.there
                if blamed >= _MOST_BLAMED:
                    raise
            except WorkerSaid as error:
                if error.status != wire.ENDING:
                    raise
                self.disconnect()
        return self.connection().ask(kind, payload(), progress=progress, abort=abort)

    def block(self, size: int, *, how: int = 0) -> Block:
        """Memory that both can see. how: wire.SHARED or wire.NAMED; 0: as the connection allows."""
        connection = self.connection()
        self._numbers += 1
        wanted = how or (wire.SHARED if connection.passes else wire.NAMED)
        block = Block(self._numbers, size, wanted, self._place)
        try:
            connection.ask(wire.BLOCK_OPEN, block.ask(), descriptor=block.descriptor)
        except BaseException:
            block.close()
            raise
        self._blocks.append(block)
        return block

    def free(self, block: Block) -> None:
        """Give a block back."""
        self._blocks.remove(block)
        self._tell(wire.BLOCK_CLOSE, block.number)
        block.close()

    def _tell(self, kind: int, number: int) -> None:
        """That something is not needed any more; a worker that is gone has forgotten it anyway."""
        try:
            if self._connection:
                self._connection.ask(kind, wire.NUMBER.pack(number))
        except WorkerLost:
            self.disconnect()

    def open(
        self,
        job: Mapping[str, object],
        *,
        preset: str = "",
        colour: str = "",
        size: tuple[int, int] | None = None,
    ) -> Node:
        """A job, ready to be asked for frames. colour, size: of the host's pictures; absent: the plate's."""
        asked: dict[str, object] = {"job": dict(job)}
        asked.update({name: value for name, value in (("preset", preset), ("colour", colour)) if value})
        if size:
            asked["size"] = list(size)
        node = Node(self, json.dumps(asked).encode())
        self._nodes.append(node)
        return node

    def forget(self, node: Node) -> None:
        """Close a node."""
        self._nodes.remove(node)
        self._tell(wire.CLOSE, node.opened.session)

    def ping(self) -> None:
        """See that it lives."""
        self.ask(wire.PING)

    def stats(self) -> dict[str, object]:
        """What it does and did, as plain data."""
        found: dict[str, object] = json.loads(self.ask(wire.STATS)[wire.STATS_SAID.size :])
        return found

    def layers(self) -> dict[str, int]:
        """The layers it can give: name -> number."""
        said = self.ask(wire.LAYERS)
        (count,) = wire.NUMBER.unpack_from(said)
        rows = [wire.LAYER_SAID.unpack_from(said, wire.NUMBER.size + i * wire.LAYER_SAID.size) for i in range(count)]
        return {name.rstrip(b"\0").decode(): number for number, name in rows}

    def shut_down(self, *, now: bool = False) -> None:
        """End the worker; it answers first."""
        self.connection().ask(wire.SHUTDOWN, wire.NUMBER.pack(1 if now else 0))
        self.disconnect()

    def disconnect(self) -> None:
        """Leave the connection; the next question makes a new one."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Leave, and give all blocks back."""
        self.disconnect()
        for block in self._blocks:
            block.close()
        self._blocks.clear()
        self._nodes.clear()
