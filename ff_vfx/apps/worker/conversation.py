"""One client's end at the worker: bytes into requests, proofs before anything else, memory it offered. Read by server.

Everything here runs in the server's thread, but `send`, which any thread may call.
"""

from __future__ import annotations

import array
import hmac
import os
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.asked import Asked
from ff_vfx.apps.worker.taken import BlockRefused, Taken

_CHUNK, _DESCRIPTORS = 1 << 16, 4
_ONCE_PROVED_SECONDS = 5.0
PASSES = hasattr(socket, "AF_UNIX") and hasattr(socket.socket, "recvmsg")


class Ended(Exception):
    """The conversation is over; the message says why, for the log."""


class Conversation:
    """number: of this connection. blocks, sessions: what the client has open. asked: what is not answered yet."""

    def __init__(self, end: socket.socket, number: int, secret: bytes, woken: Callable[[], None]) -> None:
        """woken: called when there is something to write that could not be written at once."""
        end.setblocking(False)
        self.socket, self.number, self.name, self.pid = end, number, "", 0
        self.passes = PASSES and end.family == socket.AF_UNIX
        self.blocks: dict[int, Taken] = {}
        self.sessions: dict[int, object] = {}
        self.asked: dict[int, Asked] = {}
        self._secret, self._woken = secret, woken
        self._since, self.proved = time.monotonic(), False
        self._nonces: tuple[bytes, bytes] | None = None
        self._came, self._going = bytearray(), bytearray()
        self._lock = threading.Lock()
        self._descriptors: list[int] = []
        self.closed = False

    @property
    def writing(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._going)

    @property
    def unread(self) -> int:
        """Bytes that wait to be written."""
        return len(self._going)

    @property
    def late(self) -> bool:
        """Whether it should have proved who it is by now."""
        return not self.proved and time.monotonic() - self._since > _ONCE_PROVED_SECONDS

    def send(self, data: bytes) -> None:
        """Write, or keep for later what the socket does not take."""
        with self._lock:
            if self.closed:
                return
            if not self._going:
                try:
                    data = data[self.socket.send(data) :]
                except (BlockingIOError, InterruptedError):
                    pass
                except OSError:
                    return  # Reading finds out and ends it.
            self._going += data
        if self._going:
            self._woken()

    def write(self) -> None:
        """What waits.

        Raises:
            Ended: nobody reads.
        """
        with self._lock:
            try:
                if self._going:
                    del self._going[: self.socket.send(self._going)]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as error:
                raise Ended(f"cannot write: {error}") from error

    def read(self) -> Iterator[Asked]:
        """The requests that have come whole.

        Raises:
            Ended: the client left, or said what cannot be.
        """
        data = self._receive()
        if data is None:
            return
        if not data:
            raise Ended("left")
        self._came += data
        while len(self._came) >= wire.HEADER.size:
            header = wire.read_header(bytes(self._came[: wire.HEADER.size]))
            self._check(header)
            size = wire.HEADER.size + header.length
            if len(self._came) < size:
                return
            payload = bytes(self._came[wire.HEADER.size : size])
            del self._came[:size]
            asked = Asked(header.kind, header.request, payload, self.number, self.send, self._answered)
            self.asked[header.request] = asked
            if not self.proved:
                self._introduce(asked)
            if self.proved:
                yield asked
        if self._descriptors and not self._came:
            raise Ended("passed a descriptor that no message wants")

    def _check(self, header: wire.Header) -> None:
        """Raises:
        Ended: this is no message of the protocol. The client is told why, where it can be.
        """
        most = wire.MOST_PAYLOAD if self.proved else wire.MOST_BEFORE_PROOF
        wrong = ""
        if header.magic != wire.MAGIC:
            raise Ended("does not speak this protocol")
        if header.version != wire.VERSION and header.kind != wire.HELLO:
            wrong = f"version {header.version} of a message; this worker speaks {wire.VERSION}"
        elif header.request == 0 or header.request in self.asked:
            wrong = f"request number {header.request} is 0 or still open"
        elif header.length > most:
            wrong = f"a payload of {header.length} bytes; {most} can be"
        elif header.status or header.reserved or header.kind & wire.ANSWER:
            wrong = "a header that is none of a request"
        if wrong:
            text = wire.text_bytes(wrong)
            answer = wire.message(header.kind | wire.ANSWER, header.request, text, wire.BAD_PROTOCOL)
            self.send(answer)
            raise Ended(wrong)

    def _introduce(self, asked: Asked) -> None:
        """Raises:
        Ended: it is not who it must be.
        """
        if asked.kind == wire.HELLO and self._nonces is None:
            self._hello(asked)
        elif asked.kind == wire.PROVE and self._nonces is not None:
            if not hmac.compare_digest(asked.payload, wire.client_proof(self._secret, *self._nonces)):
                asked.refuse(wire.BAD_SECRET, "the proof is wrong; read the secret again")
                raise Ended("does not know the secret")
            self.proved = True
        else:
            asked.refuse(wire.BAD_PROTOCOL, "say HELLO and PROVE first")
            raise Ended("did not introduce itself")

    def _hello(self, asked: Asked) -> None:
        if len(asked.payload) < wire.HELLO_ASK.size:
            asked.refuse(wire.BAD_PROTOCOL, f"HELLO: {len(asked.payload)} bytes; {wire.HELLO_ASK.size} at least")
            raise Ended("said HELLO wrongly")
        low, high, self.pid, theirs = wire.HELLO_ASK.unpack_from(asked.payload)
        self.name = wire.text_of(asked.payload, wire.HELLO_ASK.size)[: wire.MOST_NAME]
        if not low <= wire.VERSION <= high:
            asked.refuse(
                wire.BAD_VERSION,
                f"this worker speaks version {wire.VERSION}, you {low} to {high}; install equal versions",
            )
            raise Ended(f"speaks versions {low} to {high}")
        ours = secrets.token_bytes(wire.NONCE)
        self._nonces = (theirs, ours)
        proof = wire.worker_proof(self._secret, theirs, ours)
        asked.answer(wire.HELLO_SAID.pack(wire.VERSION, 0, os.getpid(), ours, proof))

    def descriptor(self) -> int:
        """The one that came with a message; the caller closes it.

        Raises:
            BlockRefused: none came.
        """
        if not self._descriptors:
            raise BlockRefused("block: no descriptor came with it")
        return self._descriptors.pop(0)

    def close(self) -> None:
        """End it: nothing that it asked for goes on, its memory is let go."""
        with self._lock:
            self.closed = True
            self.socket.close()
        for asked in list(self.asked.values()):
            asked.cancel()
        for block in self.blocks.values():
            block.close()
        for descriptor in self._descriptors:
            os.close(descriptor)
        self.blocks.clear()
        self._descriptors.clear()

    def _answered(self, number: int) -> None:
        self.asked.pop(number, None)

    def _receive(self) -> bytes | None:
        try:
            if not self.passes:
                return self.socket.recv(_CHUNK)
            flags = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
            data, passed, told, _ = self.socket.recvmsg(_CHUNK, socket.CMSG_SPACE(4 * _DESCRIPTORS), flags)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            raise Ended(f"cannot read: {error}") from error
        for level, kind, content in passed:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers = array.array("i")
                numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
                self._descriptors += numbers
        for descriptor in self._descriptors:
            os.set_inheritable(descriptor, False)
        if told & socket.MSG_CTRUNC or len(self._descriptors) > _DESCRIPTORS:
            raise Ended("passed too many descriptors")
        return data


def same_user(end: socket.socket) -> bool:
    """Whether the other end is this user's, where the system tells."""
    if end.family != getattr(socket, "AF_UNIX", None) or not hasattr(socket, "SO_PEERCRED"):
        return True
    _, user, _ = struct.unpack("3i", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(user) == os.getuid()
