"""One conversation with a worker, from the client's end: who is there, then questions and answers. Python 3.9.

Read by client. A question is asked by one thread at a time; give each thread that renders its own connection.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.place import Endpoint, Place, read_endpoint, read_secret

_CONNECT_SECONDS, _POLL_SECONDS = 5.0, 0.05
QUIET_SECONDS = 10.0  # without a word: ask whether it lives; as long again: it does not
Progress = Callable[[str, int, int], None]
Abort = Callable[[], bool]


class WorkerLost(ConnectionError):
    """There is no worker, or it went away. Connect again and ask again."""


class WorkerSaid(Exception):
    """The worker answered with an error. status: as in docs/worker.md. The text is for a person."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Connection:
    """A socket on which both ends have proved who they are."""

    def __init__(self, place: Place, who: str) -> None:
        """who: the client's name, for the worker's log.

        Raises:
            WorkerLost: nobody listens. WorkerSaid: it speaks another version, or knows another secret.
            PlaceRefused: the runtime folder or the secret is not this user's alone.
        """
        endpoint = read_endpoint(place)
        if endpoint is None:
            raise WorkerLost(f"no worker '{place.name}' in {place.folder}")
        secret = read_secret(place)
        self._number, self._turn = 0, threading.Lock()
        self._socket = _connect(endpoint)
        try:
            self.pid, self.said, self.passes = self._introduce(secret, who)
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        """End it; the worker forgets this connection's blocks and sessions."""
        self._socket.close()

    def ask(
        self,
        kind: int,
        payload: bytes = b"",
        *,
        descriptor: int = -1,
        progress: Progress | None = None,
        abort: Abort | None = None,
    ) -> bytes:
        """One question; gives the answer's payload.

        Args:
            descriptor: to pass along. progress: called with stage, done, total. abort: asked now and then; True asks
                the worker to cancel, and its answer is still waited for.

        Raises:
            WorkerSaid: its status is not 0. WorkerLost: it went away, or says nothing any more.
        """
        with self._turn:
            request = self._send(kind, payload, descriptor)
            return self._answer(request, kind, progress, abort)

    def _introduce(self, secret: bytes, who: str) -> tuple[int, str, bool]:
        ours = os.urandom(wire.NONCE)
        name = wire.text_bytes(who, wire.MOST_NAME)
        said = self.ask(wire.HELLO, wire.HELLO_ASK.pack(wire.VERSION, wire.VERSION, os.getpid(), ours) + name)
        if len(said) != wire.HELLO_SAID.size:
            raise WorkerLost("what listens there is no worker: its HELLO is of another length")
        _, _, pid, theirs, proof = wire.HELLO_SAID.unpack(said)
        if proof != wire.worker_proof(secret, ours, theirs):
            raise WorkerSaid(wire.BAD_SECRET, "what listens there does not know the secret; it is no worker of yours")
        said = self.ask(wire.PROVE, wire.client_proof(secret, ours, theirs))
        flags, _, _ = wire.PROVE_SAID.unpack_from(said)
        return pid, wire.text_of(said, wire.PROVE_SAID.size), bool(flags & 1)

    def _send(self, kind: int, payload: bytes, descriptor: int = -1) -> int:
        self._number = self._number % 0xFFFFFFFF + 1
        whole = wire.message(kind, self._number, payload)
        try:
            self._socket.settimeout(QUIET_SECONDS)
            if descriptor >= 0:
                passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", descriptor))]
                sent = self._socket.sendmsg([whole], passed)
                whole = whole[sent:]
            self._socket.sendall(whole)
        except OSError as error:
            raise WorkerLost(f"the worker went away: {error}") from error
        return self._number

    def _answer(self, request: int, kind: int, progress: Progress | None, abort: Abort | None) -> bytes:
        heard, asked, cancelled = time.monotonic(), False, False
        while True:
            if abort and not cancelled and abort():
                self._send(wire.CANCEL, wire.NUMBER.pack(request))
                cancelled = True
            # A worker that is silent may be at work; one that does not even answer PING is not.
            silent = time.monotonic() - heard
            if silent > 2 * QUIET_SECONDS:
                raise WorkerLost(f"the worker says nothing for {silent:.0f} s")
            if silent > QUIET_SECONDS and not asked:
                self._send(wire.PING, b"")
                asked = True
            head = self._take(wire.HEADER.size, _POLL_SECONDS if abort else 1.0)
            if not head:
                continue
            header = wire.read_header(head)
            if header.magic != wire.MAGIC or header.length > wire.MOST_PAYLOAD:
                raise WorkerLost("what listens there does not speak this protocol")
            payload = self._take(header.length, QUIET_SECONDS)
            heard, asked = time.monotonic(), False
            if header.request != request:
                continue
            if header.kind == wire.PROGRESS:
                done, total = wire.PROGRESS_SAID.unpack_from(payload)
                if progress:
                    progress(wire.text_of(payload, wire.PROGRESS_SAID.size), done, total)
                continue
            if header.status != wire.OK:
                raise WorkerSaid(header.status, wire.text_of(payload))
            if header.kind != kind | wire.ANSWER:
                raise WorkerLost(f"the worker answered {header.kind:#06x} to {kind:#06x}")
            return payload

    def _take(self, size: int, seconds: float) -> bytes:
        """That many bytes; none when nothing came in that time."""
        data = b""
        while len(data) < size:
            self._socket.settimeout(QUIET_SECONDS if data else seconds)
            try:
                more = self._socket.recv(size - len(data))
            except socket.timeout:  # noqa: UP041  Python 3.9 has two
                if data:
                    raise WorkerLost("the worker stopped in the middle of a message") from None
                return b""
            except OSError as error:
                raise WorkerLost(f"the worker went away: {error}") from error
            if not more:
                raise WorkerLost("the worker went away")
            data += more
        return data


def _connect(endpoint: Endpoint) -> socket.socket:
    unix = endpoint.family == "unix"
    end = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    end.settimeout(_CONNECT_SECONDS)
    try:
        if unix:
            end.connect(endpoint.address)
        else:
            host, port = endpoint.address.split(" ")
            end.connect((host, int(port)))
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, ValueError) as error:
        end.close()
        raise WorkerLost(f"nobody listens at {endpoint.address}: {error}") from error
    return end
