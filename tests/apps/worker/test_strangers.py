"""Who does not speak the protocol, or does not know the secret, gets nothing and hurts nobody; so do random bytes."""

from __future__ import annotations

import os
import random
import socket
import struct
import time

import pytest

from ff_vfx.apps.worker import place, wire
from ff_vfx.apps.worker.client import WorkerSaid
from ff_vfx.apps.worker.connection import Connection, WorkerLost
from tests.apps.worker.asking import Pictures

SECONDS = 3.0


def connect(runtime) -> socket.socket:
    endpoint = place.read_endpoint(place.place_of())
    assert endpoint is not None
    if endpoint.family == "unix":
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        end.connect(endpoint.address)
    else:
        host, port = endpoint.address.split()
        end = socket.create_connection((host, int(port)))
    end.settimeout(10.0)
    return end


def heard(end: socket.socket) -> bytes:
    """Everything until the worker ends it."""
    found = b""
    try:
        while more := end.recv(4096):
            found += more
    except ConnectionResetError:
        pass
    return found


def hello(low: int = 1, high: int = 1) -> bytes:
    return wire.message(wire.HELLO, 1, wire.HELLO_ASK.pack(low, high, 1, bytes(32)) + b"stranger")


def status(answer: bytes) -> int:
    return wire.read_header(answer[:24]).status


def test_another_version_is_told_so(server, runtime):
    with connect(runtime) as end:
        end.sendall(hello(2, 9))
        answer = heard(end)
    assert status(answer) == wire.BAD_VERSION and b"this worker speaks version 1, you 2 to 9" in answer


def test_a_wrong_proof_ends_it(server, runtime, client):
    with connect(runtime) as end:
        end.sendall(hello())
        end.recv(4096)
        end.sendall(wire.message(wire.PROVE, 2, bytes(32)))
        assert status(heard(end)) == wire.BAD_SECRET
    client().ping()


def test_a_client_with_another_secret_finds_out_that_it_is_no_worker_of_his(server, runtime):
    where = place.place_of()
    where.secret.unlink()
    place.write_private(where.secret, "0" * 64 + "\n")
    with pytest.raises(WorkerSaid, match="does not know the secret"):
        Connection(where, "test")


@pytest.mark.parametrize(
    "first",
    [
        wire.message(wire.PING, 1),
        wire.message(wire.PROVE, 1, bytes(32)),
        wire.message(wire.SHUTDOWN, 1, bytes(4)),
        wire.message(wire.FRAME, 1, bytes(200)),
        wire.message(wire.HELLO, 1, b"short"),
        wire.message(wire.HELLO, 0, bytes(44)),
        wire.message(wire.HELLO, 1, bytes(44), status=3),
        wire.HEADER.pack(wire.MAGIC, 1, wire.HELLO, 1, 0, 257, 0),
        wire.HEADER.pack(wire.MAGIC, 1, wire.HELLO, 1, 0, 0xFFFFFFFF, 0),
        wire.HEADER.pack(wire.MAGIC, 7, wire.PING, 1, 0, 0, 0),
        wire.HEADER.pack(wire.MAGIC, 1, wire.HELLO | wire.ANSWER, 1, 0, 0, 0),
        wire.HEADER.pack(wire.MAGIC, 1, wire.HELLO, 1, 0, 0, 9),
    ],
)
def test_what_cannot_come_first_ends_it_with_a_reason(server, runtime, client, first):
    with connect(runtime) as end:
        end.sendall(first)
        assert status(heard(end)) == wire.BAD_PROTOCOL
    client().ping()


def test_who_speaks_http_is_left_without_a_word(server, runtime):
    with connect(runtime) as end:
        end.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert heard(end) == b""


def test_who_says_nothing_is_left_after_a_while(server, runtime, client):
    with connect(runtime) as end:
        start = time.monotonic()
        assert heard(end) == b"" and 3.0 < time.monotonic() - start < 9.0
    client().ping()


def test_a_message_in_small_pieces_is_understood(server, runtime):
    with connect(runtime) as end:
        for byte in hello():
            end.sendall(bytes([byte]))
        assert status(end.recv(4096)) == wire.OK


def test_descriptors_that_nobody_asked_for_end_it_and_are_closed(server, runtime, client):
    worker = client()
    worker.ping()
    before = len(os.listdir("/proc/self/fd"))
    connection = Connection(place.place_of(), "test")
    with open(os.devnull) as file, pytest.raises(WorkerLost):
        connection.ask(wire.PING, descriptor=file.fileno())
        connection.ask(wire.PING)
    connection.close()
    worker.ping()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_client_that_does_not_read_is_left(server, runtime, client):
    worker = client()
    end = Connection(place.place_of(), "deaf")
    end._socket.settimeout(5.0)
    # 1 MiB asks for some 4.5 MB of answers, several times what sockets and the worker keep.
    many = b"".join(wire.message(wire.LAYERS, n + 1000) for n in range(40000))
    with pytest.raises(OSError):
        for _ in range(20):
            end._socket.sendall(many)
    end.close()
    worker.ping()
    deadline = time.monotonic() + 5.0
    while len(worker.stats()["clients"]) > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(worker.stats()["clients"]) == 1


def mutated(rng: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out))
        kind = rng.randrange(4)
        if kind == 0:
            out[at] = rng.randrange(256)
        elif kind == 1:
            out[at : at + 4] = struct.pack("<I", rng.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]))
        elif kind == 2:
            del out[at : at + rng.randint(1, 8)]
        else:
            out[at:at] = rng.randbytes(rng.randint(1, 8))
        if not out:
            break
    return bytes(out)


@pytest.mark.parametrize("server", ["unix", "tcp"], indirect=True)
def test_random_bytes_from_a_stranger_hurt_nobody(server, runtime, client):
    rng = random.Random(5)
    worker = client()
    end_at = time.monotonic() + SECONDS
    while time.monotonic() < end_at:
        with connect(runtime) as end:
            end.settimeout(0.05)
            try:
                end.sendall(rng.choice([rng.randbytes(rng.randint(1, 400)), mutated(rng, hello() + bytes(40))]))
                end.recv(4096)
            except OSError:
                pass
        worker.ping()


@pytest.mark.parametrize("server", ["unix", "tcp"], indirect=True)
def test_random_requests_of_a_client_hurt_nobody(server, runtime, client, stub_job):
    rng = random.Random(7)
    worker = client("careful")
    node, pictures = worker.open(stub_job), Pictures(worker)
    pictures.ask(node, 1002, "result")
    truth = pictures.arrays[0].copy()
    session = node.opened.session
    output = pictures.output("result", 1)
    frame = wire.pack_frame(wire.FrameAsk(1, 1002, (1.0, 1.0), 0, (pictures.input(1002, 0),), (output,)))
    asks = [
        (wire.FRAME, frame), (wire.OPEN, b'{"job": {"plate": "x.####.exr"}, "size": [1, 2]}'), (wire.CLOSE, bytes(4)),
        (wire.BLOCK_OPEN, wire.BLOCK_ASK.pack(1, 2, 4096) + b"a" * 32), (wire.BLOCK_CLOSE, bytes(4)),
        (wire.TRACK, wire.TRACK_ASK.pack(session, 0)), (wire.EXPORT, bytes(4) + b"{}"), (wire.CANCEL, bytes(4)),
        (wire.STATS, b""), (wire.LAYERS, b""), (wire.PING, b"abc"), (wire.PROVE, bytes(32)), (wire.HELLO, bytes(44)),
    ]  # fmt: skip
    end_at = time.monotonic() + SECONDS
    while time.monotonic() < end_at:
        other = Connection(place.place_of(), "fuzz")
        other._socket.settimeout(0.05)
        try:
            for number in range(1, 20):
                kind, payload = rng.choice(asks)
                wrong = mutated(rng, payload) if payload and rng.random() < 0.8 else payload
                whole = wire.message(kind, number + 100, wrong)
                other._socket.sendall(mutated(rng, whole) if rng.random() < 0.2 else whole)
            while other._socket.recv(65536):
                pass
        except OSError:
            pass
        other.close()
        worker.ping()
    assert pictures.ask(node, 1002, "result").outcome == wire.RENDERED
    assert (pictures.arrays[0] == truth).all()
