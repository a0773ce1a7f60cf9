"""The worker's one thread that listens: connections in, messages to the desk, answers out; it never computes.

Read by running. A client that dies, lies or does not read ends its own connection and nothing else.
"""

from __future__ import annotations

import logging
import selectors
import socket
import time

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.asked import Asked
from ff_vfx.apps.worker.conversation import Conversation, Ended, same_user
from ff_vfx.apps.worker.desk import Desk
from ff_vfx.apps.worker.faults import Refused, answer_for

_LOG = logging.getLogger(__name__)
_TICK_SECONDS = 1.0
_LISTENING = 16


class Server:
    """Serves until it is idle for too long, or told to end."""

    def __init__(self, listening: socket.socket, secret: bytes, desk: Desk, idle_seconds: float) -> None:
        """listening: bound, not yet listening. idle_seconds: without a request; 0: for ever."""
        listening.setblocking(False)
        listening.listen(_LISTENING)
        self._listening, self._secret, self._desk = listening, secret, desk
        self._idle_seconds, self._last = idle_seconds, time.monotonic()
        self._clients: dict[int, Conversation] = {}
        self._numbers = 0
        self._ending = ""
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._selector.register(listening, selectors.EVENT_READ)
        self._selector.register(self._ear, selectors.EVENT_READ)

    def run(self) -> str:
        """Serve; gives why it ended."""
        try:
            while not self._over():
                for key, events in self._selector.select(_TICK_SECONDS):
                    self._turn(key, events)
                self._look_after()
            return self._ending
        finally:
            for client in list(self._clients.values()):
                self._drop(client, self._ending)
            self._desk.end()
            self._selector.close()
            for end in (self._listening, self._bell, self._ear):
                end.close()

    def end(self, why: str) -> None:
        """End at once; from any thread, or from a signal's handler."""
        self._ending = self._ending or why
        self.wake()

    def wake(self) -> None:
        """Have the thread look again; from any thread."""
        try:
            self._bell.send(b"!")
        except OSError:
            pass  # full: it will look anyway; closed: it is over

    def _over(self) -> bool:
        if self._desk.ending and not self._desk.busy and not self._ending:
            self._ending = "asked to end"
        idle = time.monotonic() - self._last
        if self._idle_seconds and idle > self._idle_seconds and not self._desk.busy:
            self._ending = self._ending or f"nothing to do for {idle:.0f} s"
        return bool(self._ending)

    def _turn(self, key: selectors.SelectorKey, events: int) -> None:
        if key.fileobj is self._listening:
            self._accept()
        elif key.fileobj is self._ear:
            self._heard()
        else:
            client: Conversation = key.data
            try:
                if events & selectors.EVENT_WRITE:
                    client.write()
                if events & selectors.EVENT_READ:
                    for asked in client.read():
                        self._take(asked, client)
            except Ended as error:
                self._drop(client, str(error))

    def _accept(self) -> None:
        try:
            end, _ = self._listening.accept()
        except OSError as error:
            _LOG.warning("cannot accept: %s", error)
            return
        if len(self._clients) >= wire.MOST_CONNECTIONS or not same_user(end):
            _LOG.warning("a connection was refused: another user's, or too many")
            end.close()
            return
        if end.family == socket.AF_INET:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._numbers += 1
        client = Conversation(end, self._numbers, self._secret, self.wake)
        self._clients[client.number] = client
        self._selector.register(end, selectors.EVENT_READ, client)

    def _heard(self) -> None:
        try:
            self._ear.recv(4096)
        except BlockingIOError:
            pass

    def _take(self, asked: Asked, client: Conversation) -> None:
        if asked.kind == wire.STATS:
            names = [f"{one.name} ({one.pid})" for one in self._clients.values() if one.proved]
            asked.answer(self._desk.stats(names))
        elif asked.kind == wire.SHUTDOWN:
            self._shut_down(asked)
        else:
            if asked.kind not in (wire.PING, wire.PROVE):
                self._last = time.monotonic()
            if asked.kind == wire.PROVE:
                _LOG.info("connection %d: %s, process %d", client.number, client.name, client.pid)
            self._desk.take(asked, client)

    def _shut_down(self, asked: Asked) -> None:
        with answer_for(asked):
            if len(asked.payload) != wire.NUMBER.size:
                raise Refused(wire.BAD_PROTOCOL, f"SHUTDOWN: {len(asked.payload)} bytes")
            self._desk.ending = True
            if wire.NUMBER.unpack(asked.payload)[0]:
                self._ending = "told to end now"
            asked.answer()

    def _look_after(self) -> None:
        if self._desk.busy:
            self._last = time.monotonic()
        for client in list(self._clients.values()):
            if client.late:
                self._drop(client, "did not say who it is in time")
                continue
            if client.unread > wire.MOST_UNREAD:
                self._drop(client, "does not read its answers")
                continue
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.writing else 0)
            if self._selector.get_key(client.socket).events != events:
                self._selector.modify(client.socket, events, client)

    def _drop(self, client: Conversation, why: str) -> None:
        _LOG.info("connection %d: %s", client.number, why)
        del self._clients[client.number]
        self._selector.unregister(client.socket)
        client.close()
        self._desk.leave(client)
