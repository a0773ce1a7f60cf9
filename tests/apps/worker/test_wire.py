"""The protocol's layouts: what one end packs the other reads, and the numbers are those of docs/worker.md."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from ff_vfx.apps.worker import wire

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "worker.md").read_text()
ASK = wire.FrameAsk(
    7, -12, (0.5, 1.0), 1,
    (wire.Input(-12, wire.Image(1, 1, 64, -512, -3, 0, 29, 20), bytes(range(16))),),
    (wire.Output(1, wire.Image(1, 1, 64, -512, -3, 0, 29, 20)), wire.Output(3, wire.Image(2, 2, 0, 256, 0, 0, 1, 1))),
)  # fmt: skip


def test_a_frame_comes_out_as_it_went_in():
    assert wire.unpack_frame(wire.pack_frame(ASK)) == ASK
    said = wire.FrameSaid(2, 5, (1, 2, 3, 4), 0.5, 1.5, 2.5, "no face: ä")
    assert wire.unpack_frame_said(wire.pack_frame_said(said)) == said


def test_sizes_are_those_the_page_tells():
    assert wire.HEADER.size == 24 and wire.IMAGE.size == 40
    assert wire.INPUT_HEAD.size + wire.IMAGE.size + wire.CONTENT == 64
    assert wire.OUTPUT_HEAD.size + wire.IMAGE.size == 48
    assert wire.message(1, 2)[:4] == b"FFVX"
    told = " ".join(PAGE[PAGE.index("Sizes of the fixed parts") :].split("\n\n")[0].split())
    for name, layout in (
        ("HELLO", wire.HELLO_ASK), (", its answer", wire.HELLO_SAID), ("PROVE's answer", wire.PROVE_SAID),
        ("BLOCK_OPEN", wire.BLOCK_ASK), ("OPEN's answer", wire.OPEN_SAID), ("TRACK", wire.TRACK_ASK),
        ("8, its answer", wire.TRACK_SAID), ("FRAME", wire.FRAME_ASK), ("an output, its answer", wire.FRAME_SAID),
        ("STATS' answer", wire.STATS_SAID), ("PROGRESS", wire.PROGRESS_SAID),
    ):  # fmt: skip
        assert f"{name} {layout.size}" in told, (name, layout.size)


@pytest.mark.parametrize("cut", [1, 16, 40, 60])
def test_a_frame_cut_short_is_refused(cut):
    with pytest.raises(ValueError, match="FRAME"):
        wire.unpack_frame(wire.pack_frame(ASK)[:-cut])


def test_counts_that_no_payload_holds_are_refused():
    head = struct.Struct("<IiddIIII")
    for inputs, outputs in ((34, 1), (0, 0), (0, 9), (0xFFFFFFFF, 1), (0, 0xFFFFFFFF)):
        with pytest.raises(ValueError, match="FRAME"):
            wire.unpack_frame(head.pack(1, 1, 1.0, 1.0, 0, inputs, outputs, 0) + bytes(4096))


def test_proofs_are_those_of_the_page():
    secret, ours, theirs = bytes(range(32)), b"\1" * 32, b"\2" * 32
    assert wire.worker_proof(secret, ours, theirs).hex() in PAGE
    assert wire.client_proof(secret, ours, theirs).hex() in PAGE


def test_the_page_has_every_kind_layer_status_and_limit():
    for name in ("HELLO", "PROVE", "PING", "CANCEL", "STATS", "SHUTDOWN", "BLOCK_OPEN", "BLOCK_CLOSE", "OPEN", "CLOSE",
                 "TRACK", "FRAME", "EXPORT", "LAYERS"):  # fmt: skip
        assert re.search(rf"\| 0x{getattr(wire, name):04x} \| {name} \|", PAGE), name
    for number, layer in enumerate(wire.LAYER_NAMES):
        assert f"| {number} | `{layer}` |" in PAGE
    statuses = {"OK": wire.OK, "VERSION": wire.BAD_VERSION, "SECRET": wire.BAD_SECRET, "PROTOCOL": wire.BAD_PROTOCOL,
                "KIND": wire.BAD_KIND, "LIMIT": wire.OVER_LIMIT, "SESSION": wire.NO_SESSION, "BLOCK": wire.NO_BLOCK,
                "IMAGE": wire.BAD_IMAGE, "ENDING": wire.ENDING, "INPUT": wire.INPUT, "PLATE": wire.PLATE,
                "NOT_TRACKED": wire.NOT_TRACKED, "SOLVE": wire.SOLVE, "FACE": wire.FACE, "MODEL": wire.MODEL,
                "WRITE": wire.WRITE, "COLOUR": wire.COLOUR, "MEMORY": wire.MEMORY, "CANCELLED": wire.CANCELLED,
                "BUG": wire.BUG}  # fmt: skip
    for name, number in statuses.items():
        assert f"| {number} | {name} |" in PAGE, name
    assert f"| blocks of a connection; bytes of one; of all of a connection | {wire.MOST_BLOCKS};" in PAGE
    assert f"| connections | {wire.MOST_CONNECTIONS} |" in PAGE


def test_text_is_cut_at_a_character():
    assert wire.text_bytes("ä" * 10, 5) == "ää".encode()
    assert wire.text_of(b"a\xffb") == "a�b"
