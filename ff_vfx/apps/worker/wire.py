"""The protocol's numbers and layouts, as docs/worker.md has them. Read by both ends; standard library, Python 3.9."""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import NamedTuple

MAGIC, VERSION = 0x58564646, 1
HEADER = struct.Struct("<IHHIIII")  # magic, version, kind, request, status, length, reserved

HELLO, PROVE = 0x0001, 0x0002
PING, CANCEL, STATS, SHUTDOWN = 0x0010, 0x0011, 0x0012, 0x0013
BLOCK_OPEN, BLOCK_CLOSE = 0x0020, 0x0021
OPEN, CLOSE, TRACK, FRAME, EXPORT, LAYERS = 0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035
PROGRESS, ANSWER = 0x0100, 0x8000

(
    OK, BAD_VERSION, BAD_SECRET, BAD_PROTOCOL, BAD_KIND, OVER_LIMIT, NO_SESSION, NO_BLOCK, BAD_IMAGE, ENDING,
) = range(10)  # fmt: skip
(
    INPUT, PLATE, NOT_TRACKED, SOLVE, FACE, MODEL, WRITE, COLOUR, MEMORY,
) = range(20, 29)  # fmt: skip
CANCELLED, BUG = 30, 39
WORK = range(20, 40)
"""Statuses that are about the work; the text is the artist's."""

RENDERED, PASSED, FAILED = 1, 2, 3
LAYER_NAMES = ("source", "result", "face", "matte", "raw", "st", "motion", "confidence")
FORMATS = {1: 4, 2: 2, 3: 2, 4: 1}
"""Number of a pixel format -> bytes of one component: float32, float16, uint16, uint8."""

SHARED, NAMED = 1, 2
TRACK_ANEW, SOURCE_ON_ERROR, KEYS_OF_PIXELS = 1, 1, 2

NONCE = 32
MOST_TEXT, MOST_NAME = 4096, 64
MOST_BEFORE_PROOF, MOST_PAYLOAD = 256, 1 << 20
MOST_INPUTS, MOST_OUTPUTS, MOST_SIDE = 33, 8, 32768
MOST_BLOCKS, MOST_BLOCK_BYTES, MOST_BYTES = 64, 8 << 30, 32 << 30
MOST_SESSIONS, MOST_WAITING, MOST_CONNECTIONS, MOST_UNREAD = 64, 64, 64, 4 << 20

HELLO_ASK = struct.Struct("<HHI32s")
HELLO_SAID = struct.Struct("<HHI32s32s")
PROVE_SAID = struct.Struct("<IIQ")
BLOCK_ASK = struct.Struct("<IIQ")
OPEN_SAID = struct.Struct("<IIiiiiIII16s")
TRACK_ASK = struct.Struct("<II")
TRACK_SAID = struct.Struct("<IIII")
FRAME_ASK = struct.Struct("<IiddIIII")
IMAGE = struct.Struct("<IIQqiiii")
INPUT_HEAD, CONTENT = struct.Struct("<iI"), 16
OUTPUT_HEAD = struct.Struct("<II")
FRAME_SAID = struct.Struct("<IIiiiifffI")
PROGRESS_SAID = struct.Struct("<II")
STATS_SAID = struct.Struct("<IIIIQQQQd")
LAYER_SAID = struct.Struct("<I28s")
NUMBER = struct.Struct("<I")


class Header(NamedTuple):
    """The first 24 bytes of a message."""

    magic: int
    version: int
    kind: int
    request: int
    status: int
    length: int
    reserved: int


class Image(NamedTuple):
    """A picture in a block, as OpenFX has it: offset is the bottom left pixel's, row_bytes leads up, bounds: y up."""

    block: int
    format: int
    offset: int
    row_bytes: int
    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def width(self) -> int:
        return self.x2 - self.x1

    @property
    def height(self) -> int:
        return self.y2 - self.y1


class Input(NamedTuple):
    """A frame that the host hands over. content: 16 bytes that change whenever it does; zeros: not known."""

    number: int
    image: Image
    content: bytes = bytes(CONTENT)


class Output(NamedTuple):
    """A layer that is wanted, and where."""

    layer: int
    image: Image


class FrameAsk(NamedTuple):
    """The payload of FRAME."""

    session: int
    number: int
    scale: tuple[float, float]
    flags: int
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]


class FrameSaid(NamedTuple):
    """The answer to FRAME. remembered: a bit an output. window: x1, y1, x2, y2, y up; all 0 where there is none."""

    outcome: int
    remembered: int
    window: tuple[int, int, int, int]
    waited_ms: float
    computed_ms: float
    copied_ms: float
    text: str


def message(kind: int, request: int, payload: bytes = b"", status: int = OK) -> bytes:
    """A whole message."""
    return HEADER.pack(MAGIC, VERSION, kind, request, status, len(payload), 0) + payload


def read_header(data: bytes) -> Header:
    """The header in 24 bytes; what it says is not checked."""
    return Header(*HEADER.unpack(data))


def text_of(payload: bytes, after: int = 0) -> str:
    """The text that ends a payload; what is not UTF-8 is shown as such."""
    return payload[after:].decode("utf-8", "replace")


def text_bytes(text: str, most: int = MOST_TEXT) -> bytes:
    """UTF-8, cut at a character."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").encode("utf-8")


def pack_frame(ask: FrameAsk) -> bytes:
    """FRAME's payload."""
    head = (ask.session, ask.number, *ask.scale, ask.flags, len(ask.inputs), len(ask.outputs), 0)
    inputs = [INPUT_HEAD.pack(one.number, 0) + IMAGE.pack(*one.image) + one.content for one in ask.inputs]
    outputs = [OUTPUT_HEAD.pack(one.layer, 0) + IMAGE.pack(*one.image) for one in ask.outputs]
    return FRAME_ASK.pack(*head) + b"".join(inputs) + b"".join(outputs)


def unpack_frame(payload: bytes) -> FrameAsk:
    """What `pack_frame` packed.

    Raises:
        ValueError: lengths do not fit, or a reserved field is not 0. Numbers in it are not checked further.
    """
    if len(payload) < FRAME_ASK.size:
        raise ValueError(f"FRAME: {len(payload)} bytes, its head alone is {FRAME_ASK.size}")
    session, number, x, y, flags, inputs, outputs, zero = FRAME_ASK.unpack_from(payload)
    if not (inputs <= MOST_INPUTS and 1 <= outputs <= MOST_OUTPUTS) or zero:
        raise ValueError(f"FRAME: {inputs} inputs, {outputs} outputs, reserved {zero}")
    one, other = INPUT_HEAD.size + IMAGE.size + CONTENT, OUTPUT_HEAD.size + IMAGE.size
    if len(payload) != FRAME_ASK.size + inputs * one + outputs * other:
        raise ValueError(f"FRAME: {len(payload)} bytes for {inputs} inputs and {outputs} outputs")
    given, wanted, at = [], [], FRAME_ASK.size
    for _ in range(inputs):
        frame, zero = INPUT_HEAD.unpack_from(payload, at)
        if zero:
            raise ValueError("FRAME: a reserved field of an input is not 0")
        image = Image(*IMAGE.unpack_from(payload, at + INPUT_HEAD.size))
        given.append(Input(frame, image, payload[at + one - CONTENT : at + one]))
        at += one
    for _ in range(outputs):
        layer, zero = OUTPUT_HEAD.unpack_from(payload, at)
        if zero:
            raise ValueError("FRAME: a reserved field of an output is not 0")
        wanted.append(Output(layer, Image(*IMAGE.unpack_from(payload, at + OUTPUT_HEAD.size))))
        at += other
    return FrameAsk(session, number, (x, y), flags, tuple(given), tuple(wanted))


def pack_frame_said(said: FrameSaid) -> bytes:
    """The payload of FRAME's answer."""
    times = (said.waited_ms, said.computed_ms, said.copied_ms)
    return FRAME_SAID.pack(said.outcome, said.remembered, *said.window, *times, 0) + text_bytes(said.text)


def unpack_frame_said(payload: bytes) -> FrameSaid:
    """What `pack_frame_said` packed."""
    outcome, bits, x1, y1, x2, y2, waited, computed, copied, _ = FRAME_SAID.unpack_from(payload)
    text = text_of(payload, FRAME_SAID.size)
    return FrameSaid(outcome, bits, (x1, y1, x2, y2), waited, computed, copied, text)


def worker_proof(secret: bytes, client_nonce: bytes, worker_nonce: bytes) -> bytes:
    """What only a worker that knows the secret can answer."""
    return hmac.new(secret, b"ff-vfx worker 1" + client_nonce + worker_nonce, hashlib.sha256).digest()


def client_proof(secret: bytes, client_nonce: bytes, worker_nonce: bytes) -> bytes:
    """What only a client that knows the secret can answer."""
    return hmac.new(secret, b"ff-vfx client 1" + worker_nonce + client_nonce, hashlib.sha256).digest()
