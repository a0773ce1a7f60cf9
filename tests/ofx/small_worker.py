"""A worker that speaks the protocol and computes next to nothing, for the plugin's tests; it starts at once.

What it does with a frame is said by `control.json` in the runtime folder, read anew for each: {"do": "invert"}. What
it was asked is in `asked.jsonl` there. Run as `small_worker.py start --name NAME`, as the plugin runs a worker.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import random
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ff_vfx.apps.worker import place, wire

NEIGHBOURS, FIRST, LAST = 2, 1001, 1040


class Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def control(where: place.Place) -> dict:
    try:
        return json.loads((where.folder / "control.json").read_text())
    except (OSError, ValueError):
        return {}


class Talk:
    """One connection."""

    def __init__(self, where: place.Place, end: socket.socket, secret: bytes) -> None:
        self.where, self.end, self.secret = where, end, secret
        self.blocks: dict[int, mmap.mmap] = {}
        self.passed: list[int] = []
        self.jobs: dict[int, dict] = {}
        self.opened = 0
        self.cancelled: set[int] = set()
        self.nonces = (b"", b"")

    def take(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more, descriptors, _, _ = socket.recv_fds(self.end, size - len(data), 4)
            self.passed += descriptors
            if not more:
                raise EOFError
            data += more
        return data

    def run(self) -> None:
        try:
            while True:
                header = wire.read_header(self.take(wire.HEADER.size))
                self.answer(header, self.take(header.length))
        except (EOFError, OSError):
            pass

    def answer(self, header: wire.Header, payload: bytes) -> None:
        assert header.magic == wire.MAGIC and header.version == wire.VERSION and not header.reserved
        try:
            said, status = self.said(header, payload), wire.OK
        except Refused as error:
            said, status = str(error).encode(), error.status
        whole = wire.message(header.kind | wire.ANSWER, header.request, said, status)
        fuzz = control(self.where).get("fuzz")
        if fuzz is None or random.random() < 0.5:
            self.end.sendall(whole)
            return
        # Bytes of the answer are anything at all; then nobody is there any more.
        spoilt = bytearray(whole[: random.randrange(1, len(whole) + 1)])
        for _ in range(random.randrange(4)):
            spoilt[random.randrange(len(spoilt))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        self.end.sendall(bytes(spoilt) + random.randbytes(random.randrange(64)))
        self.end.shutdown(socket.SHUT_RDWR)
        raise EOFError

    def said(self, header: wire.Header, payload: bytes) -> bytes:
        kind = header.kind
        if kind == wire.HELLO:
            *_, theirs = wire.HELLO_ASK.unpack_from(payload)
            self.nonces = (theirs, os.urandom(32))
            return wire.HELLO_SAID.pack(1, 0, os.getpid(), self.nonces[1], wire.worker_proof(self.secret, *self.nonces))
        if kind == wire.PROVE:
            if payload != wire.client_proof(self.secret, *self.nonces):
                raise Refused(wire.BAD_SECRET, "the proof is wrong")
            return wire.PROVE_SAID.pack(1, wire.MOST_PAYLOAD, 0)
        if kind == wire.CANCEL:
            self.cancelled.add(wire.NUMBER.unpack(payload)[0])
            return wire.NUMBER.pack(1)
        if kind == wire.BLOCK_OPEN:
            return self.block(payload)
        if kind == wire.BLOCK_CLOSE:
            self.blocks.pop(wire.NUMBER.unpack(payload)[0]).close()
            return b""
        return self.work(header, payload)

    def work(self, header: wire.Header, payload: bytes) -> bytes:
        kind, do = header.kind, control(self.where)
        if kind == wire.OPEN:
            self.log("open", json.loads(payload))
            self.opened += 1
            number = self.opened
            self.jobs[number] = json.loads(payload)
            size = (64, 36)
            return wire.OPEN_SAID.pack(number, 0, FIRST, LAST, *size, 24, 1, do.get("near", NEIGHBOURS), bytes(16))
        if kind == wire.CLOSE:
            del self.jobs[wire.NUMBER.unpack(payload)[0]]
            return b""
        if kind == wire.TRACK:
            self.log("track", wire.TRACK_ASK.unpack(payload)[1])
            for step in range(20):
                self.end.sendall(
                    wire.message(wire.PROGRESS, header.request, wire.PROGRESS_SAID.pack(step, 20) + b"track")
                )
                self.rest(do.get("seconds", 0.0) / 20, header.request)
            return wire.TRACK_SAID.pack(1, 40, 0, 0) + b"tracked: 1 person"
        if kind == wire.EXPORT:
            self.log("export", json.loads(payload[4:]))
            return b"{}"
        if kind == wire.FRAME:
            return self.frame(header, payload, do)
        raise Refused(wire.BAD_KIND, f"kind {kind:#x}")

    def block(self, payload: bytes) -> bytes:
        number, how, size = wire.BLOCK_ASK.unpack_from(payload)
        assert how == wire.SHARED and len(self.passed) == 1, (how, self.passed)
        descriptor = self.passed.pop()
        assert fcntl.fcntl(descriptor, 1034) & 2, "not sealed"
        self.blocks[number] = mmap.mmap(descriptor, size)
        os.close(descriptor)
        return b""

    def rest(self, seconds: float, request: int) -> None:
        """Wait, and hear a CANCEL meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.end], [], [], min(0.02, seconds))[0]:
                header = wire.read_header(self.take(wire.HEADER.size))
                self.answer(header, self.take(header.length))
            if request in self.cancelled:
                raise Refused(wire.CANCELLED, "cancelled")

    def frame(self, header: wire.Header, payload: bytes, do: dict) -> bytes:
        ask = wire.unpack_frame(payload)
        what = do.get("do", "nothing")
        if what != "nothing":
            images = [i.image._asdict() for i in ask.inputs]
            told = {
                "number": ask.number,
                "scale": ask.scale,
                "inputs": [i.number for i in ask.inputs],
                "images": images,
                "keys": [i.content.hex() for i in ask.inputs],
                "flags": ask.flags,
            }
            self.log("frame", {**told, "layer": ask.outputs[0].layer, "output": ask.outputs[0].image._asdict()})
        if ask.session not in self.jobs:
            raise Refused(wire.NO_SESSION, "no such session")
        if do.get("progress"):
            told = wire.PROGRESS_SAID.pack(0, 0) + do["progress"].encode()
            self.end.sendall(wire.message(wire.PROGRESS, header.request, told))
        self.rest(do.get("seconds", 0.0), header.request)
        if what == "die always" or (what == "die thrice" and len(list(self.where.folder.glob("died*"))) < 3):
            (self.where.folder / f"died{os.getpid()}").touch()
            os._exit(9)
        if what == "refuse":
            raise Refused(do["status"], do["text"])
        if what == "die" and not (self.where.folder / "died").exists():
            (self.where.folder / "died").touch()
            os._exit(9)
        if what == "garbage":
            self.end.sendall(bytes(range(200)))
            raise EOFError
        if what == "short":
            self.end.sendall(wire.message(wire.FRAME | wire.ANSWER, header.request, b"abc"))
            raise EOFError
        if what in ("invert", "die", "die thrice"):
            self.invert(ask)
        outcome = wire.PASSED if what == "pass" else wire.RENDERED
        return wire.pack_frame_said(wire.FrameSaid(outcome, 0, (0, 0, 0, 0), 0.0, 0.0, 0.0, ""))

    def invert(self, ask: wire.FrameAsk) -> None:
        """output = 1 - the frame + its number - the mean of its neighbours' first pixels' red, by way of numpy."""
        out = ask.outputs[0].image
        near = [self.view(i.image)[0, 0, 0] for i in ask.inputs if i.number != ask.number]
        target = self.view(out)
        if not ask.inputs:
            target[:] = ask.number
            return
        own = self.view(next(i.image for i in ask.inputs if i.number == ask.number))
        rows = slice(out.y1, out.y2), slice(out.x1, out.x2)
        target[:] = 1.0 - own[rows] + (0.0 if out.format != 1 else ask.number + sum(near))

    def view(self, image: wire.Image):
        import numpy as np

        kinds = {1: np.float32, 2: np.float16, 3: np.uint16, 4: np.uint8}
        dtype = np.dtype(kinds[image.format])
        strides = (image.row_bytes, 4 * dtype.itemsize, dtype.itemsize)
        shape = (image.height, image.width, 4)
        first = image.offset + min(0, image.row_bytes) * (image.height - 1)
        assert first >= 0, "outside of its block"
        return np.ndarray(shape, dtype, self.blocks[image.block], image.offset, strides)

    def log(self, what: str, told: object) -> None:
        with (self.where.folder / "asked.jsonl").open("a") as file:
            file.write(json.dumps([what, told]) + "\n")


def run(name: str) -> None:
    where = place.place_of(name)
    place.make_private(where.folder)
    lock = (where.folder / f"{name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    secret = place.make_secret(where)
    random.seed(control(where).get("fuzz", 0))
    where.socket.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(where.socket))
    listening.listen(64)
    place.write_endpoint(where, place.Endpoint("unix", os.getpid(), str(where.socket)))
    with (where.folder / "starts").open("a") as file:
        file.write(f"{os.getpid()} {sorted(os.environ)} {sorted(map(int, os.listdir('/proc/self/fd')))}\n")
    listening.settimeout(1.0)
    while where.folder.exists():  # a test that is over takes it away
        try:
            end, _ = listening.accept()
        except TimeoutError:
            continue
        end.setblocking(True)
        threading.Thread(target=Talk(where, end, secret).run, daemon=True).start()


def start(name: str) -> None:
    words = [sys.executable, __file__, "run", "--name", name]
    nowhere = subprocess.DEVNULL
    subprocess.Popen(words, start_new_session=True, stdin=nowhere, stdout=nowhere, stderr=nowhere, cwd="/")
    where, end = place.place_of(name), time.monotonic() + 20.0
    while time.monotonic() < end:
        endpoint = place.read_endpoint(where) if where.folder.exists() else None
        if endpoint and _listens(endpoint.address):
            return
        time.sleep(0.01)
    sys.exit(2)


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as end:
        try:
            end.connect(path)
        except OSError:
            return False
    return True


if __name__ == "__main__":
    {"start": start, "run": run}[sys.argv[1]](sys.argv[3])
