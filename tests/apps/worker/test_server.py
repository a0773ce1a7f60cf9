"""The worker in a thread, spoken to through its socket: every request, several clients, taking turns, cancelling."""

from __future__ import annotations

import json
import os
import struct
import threading
import time

import numpy as np
import pytest

from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.client import WorkerSaid
from tests.apps.worker import stub
from tests.apps.worker.asking import Pictures, raw_ask

BOTH = pytest.mark.parametrize("server", ["unix", "tcp"], indirect=True)


@pytest.fixture
def worker(client):
    return client()


@pytest.fixture
def node(worker, stub_job):
    return worker.open(stub_job)


def answers(connection, count):
    """Request numbers and payloads of that many answers, as they come."""
    found = []
    while len(found) < count:
        header = wire.read_header(connection._take(wire.HEADER.size, 20.0))
        payload = connection._take(header.length, 20.0)
        if header.kind != wire.PROGRESS:
            found.append((header.request, payload))
    return found


def refusal(call) -> WorkerSaid:
    with pytest.raises(WorkerSaid) as caught:
        call()
    return caught.value


@BOTH
def test_a_job_is_opened_and_a_frame_arrives(worker, node):
    assert node.opened[1:8] == (True, 1001, 1009, 48, 32, (24, 1), 4) and len(node.opened.stamp) == 16
    pictures = Pictures(worker)
    said = pictures.ask(node, 1002, "source", "result", "face")
    assert (said.outcome, said.remembered, said.window) == (wire.RENDERED, 0, (8, 4, 40, 28))
    source, result, face = pictures.arrays[:3]
    assert not np.array_equal(result[4:28, 8:40], source[4:28, 8:40])
    result[4:28, 8:40], face[4:28, 8:40] = source[4:28, 8:40], 0.0
    assert np.array_equal(result, source) and not face.any()
    # The plate's first row is the picture's last.
    assert np.array_equal(source[..., 3], np.ones((32, 48), np.float32))


def test_what_needs_no_session_is_answered(worker):
    assert worker.layers() == {name: number for number, name in enumerate(wire.LAYER_NAMES)}
    worker.ping()
    stats = worker.stats()
    assert stats["clients"] == [f"test ({os.getpid()})"] and stats["waiting"] == 0 and stats["pid"] == os.getpid()


def test_a_second_node_on_the_same_frame_is_a_copy(client, stub_job):
    one, other = client("one"), client("other")
    first, second = one.open(stub_job), other.open(stub_job)
    assert first.opened.stamp == second.opened.stamp
    mine, theirs = Pictures(one), Pictures(other)
    assert mine.ask(first, 1003, "result").remembered == 0
    said = theirs.ask(second, 1003, "result", "matte")
    assert said.remembered == 3 and said.computed_ms == 0.0
    assert np.array_equal(mine.arrays[0], theirs.arrays[0])
    assert one.stats()["frames"] == {"rendered": 1, "passed": 0, "failed": 0, "remembered": 1}


def test_what_is_remembered_is_copied_past_a_frame_under_way(client, stub_job, monkeypatch):
    busy, quick = client("busy"), client("quick")
    nodes = busy.open(stub_job), quick.open(stub_job)
    pictures = Pictures(busy), Pictures(quick)
    pictures[1].ask(nodes[1], 1002, "result")
    monkeypatch.setenv("STUB_SECONDS", "2")
    thread = threading.Thread(target=pictures[0].ask, args=(nodes[0], 1005, "result"))
    thread.start()
    time.sleep(0.3)
    start = time.perf_counter()
    assert pictures[1].ask(nodes[1], 1002, "result").remembered == 1
    quick.ping()
    assert quick.stats()["working"] == 1
    assert time.perf_counter() - start < 1.0
    thread.join()


def test_other_settings_are_another_stamp(worker, stub_job):
    one = worker.open(stub_job)
    other = worker.open({**stub_job, "settings": {"composite": {"opacity": 0.5}}})
    track_alone = worker.open(
        {**stub_job, "settings": {"track": {"confidence": 0.9}}, "frames": "1001", "output": "x.exr"}
    )
    assert one.opened.stamp != other.opened.stamp
    assert track_alone.opened.stamp != other.opened.stamp


def test_a_face_that_is_not_there_gives_the_plate_and_the_reason(worker, node):
    pictures = Pictures(worker)
    said = pictures.ask(node, stub.LOST, "result", "source", "face")
    assert (said.outcome, said.text, said.window) == (wire.PASSED, "no face above confidence 0.50", (0, 0, 0, 0))
    assert np.array_equal(pictures.arrays[0], pictures.arrays[1]) and not pictures.arrays[2].any()


def test_an_error_is_an_error_or_the_source_as_the_client_chooses(worker, node):
    pictures = Pictures(worker)
    error = refusal(lambda: pictures.ask(node, stub.BROKEN, "result"))
    assert error.status == wire.FACE and "add a keyframe" in str(error)
    pictures.arrays[2][:] = 5.0
    said = pictures.ask(node, stub.BROKEN, "result", "source", "face", flags=wire.SOURCE_ON_ERROR)
    assert said.outcome == wire.FAILED and "add a keyframe" in said.text
    assert np.array_equal(pictures.arrays[0], pictures.arrays[1]) and not pictures.arrays[2].any()


def test_a_frame_under_way_is_cancelled_between_stages(worker, node, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "20")
    start = time.perf_counter()
    late = time.monotonic() + 0.3
    error = refusal(lambda: Pictures(worker).ask(node, 1002, "result", abort=lambda: time.monotonic() > late))
    assert error.status == wire.CANCELLED and time.perf_counter() - start < 5.0
    monkeypatch.setenv("STUB_SECONDS", "0")
    assert Pictures(worker).ask(node, 1002, "result").outcome == wire.RENDERED


def test_connections_take_turns(client, stub_job, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "0.2")
    greedy, modest = client("greedy"), client("modest")
    nodes = greedy.open(stub_job), modest.open(stub_job)
    pictures = Pictures(greedy), Pictures(modest)
    connection = greedy.connection()
    requests = {}
    for number in range(1002, 1008):
        output = pictures[0].output("result", 0)
        ask = wire.FrameAsk(nodes[0].opened.session, number, (1.0, 1.0), 0, (), (output,))
        requests[connection._send(wire.FRAME, wire.pack_frame(ask))] = number
    time.sleep(0.1)
    pictures[1].ask(nodes[1], 1001, "result")
    assert [request for request, _ in answers(connection, len(requests))] == list(requests)
    assert stub.MADE.index(1001) <= 3 and [n for n in stub.MADE if n != 1001] == [*range(1002, 1008)]


def test_a_client_that_leaves_takes_its_waiting_frames_along(client, stub_job, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "30")
    leaving, staying = client("leaving"), client("staying")
    node, pictures = leaving.open(stub_job), Pictures(leaving)
    for number in (1002, 1003):
        ask = wire.FrameAsk(node.opened.session, number, (1.0, 1.0), 0, (), (pictures.output("result", 0),))
        leaving.connection()._send(wire.FRAME, wire.pack_frame(ask))
    time.sleep(0.2)
    leaving.close()
    monkeypatch.setenv("STUB_SECONDS", "0")
    start = time.perf_counter()
    assert Pictures(staying).ask(staying.open(stub_job), 1004, "result").outcome == wire.RENDERED
    assert time.perf_counter() - start < 10.0
    assert staying.stats()["clients"] == [f"staying ({os.getpid()})"]


def test_what_is_not_open_is_said_by_its_status(worker, node):
    connection, pictures = worker.connection(), Pictures(worker)
    number = wire.NUMBER.pack
    for kind, payload, status in (
        (0x0099, b"", wire.BAD_KIND),
        (wire.CLOSE, number(99), wire.NO_SESSION),
        (wire.CLOSE, b"", wire.BAD_PROTOCOL),
        (wire.BLOCK_CLOSE, number(99), wire.NO_BLOCK),
        (wire.TRACK, wire.TRACK_ASK.pack(99, 0), wire.NO_SESSION),
        (wire.OPEN, b"[]", wire.INPUT),
        (wire.OPEN, b"{", wire.INPUT),
        (wire.OPEN, b"[" * 100000, wire.INPUT),
        (wire.OPEN, b"{}", wire.INPUT),
        (wire.OPEN, b'{"job": {"plate": "/nowhere/x.####.exr"}}', wire.INPUT),
        (wire.OPEN, b'{"job": {"plate": "x", "plait": 1}}', wire.INPUT),
        (wire.OPEN, b'{"job": {}, "jub": 1}', wire.INPUT),
        (wire.PING, bytes(65), wire.OVER_LIMIT),
        (wire.EXPORT, number(99) + b"{}", wire.NO_SESSION),
        (wire.FRAME, b"", wire.BAD_PROTOCOL),
        (wire.BLOCK_OPEN, wire.BLOCK_ASK.pack(5, wire.SHARED, 4096), wire.NO_BLOCK),
        (wire.BLOCK_OPEN, wire.BLOCK_ASK.pack(5, wire.NAMED, 4096) + b"../../etc/passwd", wire.NO_BLOCK),
        (wire.BLOCK_OPEN, wire.BLOCK_ASK.pack(5, 3, 4096), wire.BAD_PROTOCOL),
    ):
        assert raw_ask(connection, kind, payload)[0] == status, (hex(kind), payload[:40])
    assert pictures.ask(node, 1001, "source").outcome == wire.RENDERED


def test_images_outside_their_block_are_refused(worker, node):
    pictures = Pictures(worker, 1)
    good, size = pictures.image(0), pictures.bytes
    for change in (
        {"offset": 16}, {"offset": size}, {"offset": 2**63}, {"row_bytes": 0}, {"row_bytes": -(2**63)},
        {"row_bytes": good.row_bytes - 16}, {"row_bytes": -good.row_bytes}, {"x2": 2**31 - 1}, {"y2": 0},
        {"y1": -(2**31)},
        {"format": 0}, {"format": 5}, {"offset": 2, "x2": 40}, {"row_bytes": good.row_bytes + 2, "y2": 2},
    ):  # fmt: skip
        image = good._replace(**change)
        error = refusal(lambda image=image: node.frame(1001, [wire.Output(0, image)]))
        assert error.status == wire.BAD_IMAGE, change
    error = refusal(lambda: node.frame(1001, [wire.Output(0, good._replace(block=7))]))
    assert error.status == wire.NO_BLOCK
    error = refusal(lambda: node.frame(1001, [wire.Output(9, good)]))
    assert error.status == wire.BAD_IMAGE
    error = refusal(lambda: node.frame(1001, [wire.Output(0, good), wire.Output(1, good)]))
    assert error.status == wire.BAD_IMAGE and "overlaps" in str(error)
    error = refusal(lambda: node.frame(1001, [wire.Output(2, good)], scale=(1e-6, 1e-6)))
    assert error.status == wire.BAD_IMAGE and "too large" in str(error)
    for scale in ((0.0, 1.0), (1.0, 2.0), (float("nan"), 1.0), (float("inf"), 1.0), (-1.0, -1.0)):
        assert refusal(lambda s=scale: node.frame(1001, [wire.Output(0, good)], scale=s)).status == wire.INPUT


def test_rows_may_run_downwards(worker, node):
    pictures = Pictures(worker, 2)
    image = pictures.image(1)
    down = image._replace(offset=image.offset + (stub.HEIGHT - 1) * image.row_bytes, row_bytes=-image.row_bytes)
    node.frame(1002, [pictures.output("result", 0), wire.Output(1, down)])
    assert np.array_equal(pictures.arrays[0], pictures.arrays[1][::-1])


def test_part_of_a_picture_may_be_asked_for(worker, node):
    pictures = Pictures(worker, 2)
    for layer in ("result", "face", "st"):
        pictures.ask(node, 1002, layer)
        tile = wire.Image(pictures.block.number, 1, pictures.bytes, 20 * 16, 5, 3, 25, 30)
        node.frame(1002, [wire.Output(wire.LAYER_NAMES.index(layer), tile)])
        part = pictures.arrays[1].reshape(-1)[: 27 * 20 * 4].reshape(27, 20, 4)
        assert np.array_equal(part, pictures.arrays[0][3:30, 5:25]), layer


def test_a_block_may_be_closed_while_its_frame_is_made(worker, node, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "0.5")
    pictures, connection = Pictures(worker), worker.connection()
    ask = wire.FrameAsk(node.opened.session, 1002, (1.0, 1.0), 0, (), (pictures.output("result", 0),))
    request = connection._send(wire.FRAME, wire.pack_frame(ask))
    worker.free(pictures.block)
    said = wire.unpack_frame_said(connection._answer(request, wire.FRAME, None, None))
    assert said.outcome == wire.RENDERED and pictures.arrays[0].any()


def test_limits_hold(worker, stub_job):
    connection = worker.connection()
    for _ in range(wire.MOST_BLOCKS):
        worker.block(4096)
    assert refusal(lambda: worker.block(4096)).status == wire.OVER_LIMIT
    for _ in range(wire.MOST_SESSIONS):
        connection.ask(wire.OPEN, json.dumps({"job": stub_job}).encode())
    assert raw_ask(connection, wire.OPEN, json.dumps({"job": stub_job}).encode())[0] == wire.OVER_LIMIT


def test_shutting_down_finishes_what_waits(client, server, stub_job, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "0.5")
    one, other = client("one"), client("other")
    node, pictures = one.open(stub_job), Pictures(one)
    said: list[wire.FrameSaid] = []
    thread = threading.Thread(target=lambda: said.append(pictures.ask(node, 1002, "result")))
    thread.start()
    time.sleep(0.2)
    other.shut_down()
    thread.join()
    assert said[0].outcome == wire.RENDERED


def test_progress_is_told_while_a_frame_waits_for_its_shot(worker, node):
    heard = []
    Pictures(worker).ask(node, 1002, "result", progress=lambda *told: heard.append(told))
    assert [stage for stage, _, _ in heard] == ["wait", "prepare", "frame"]


def test_a_frame_that_waits_is_cancelled_at_once(client, stub_job, monkeypatch):
    monkeypatch.setenv("STUB_SECONDS", "2")
    busy, other = client("busy"), client("other")
    node, pictures = busy.open(stub_job), Pictures(busy)
    ask = wire.FrameAsk(node.opened.session, 1002, (1.0, 1.0), 0, (), (pictures.output("result", 0),))
    first = busy.connection()._send(wire.FRAME, wire.pack_frame(ask))
    time.sleep(0.3)
    start = time.perf_counter()
    error = refusal(lambda: Pictures(other).ask(other.open(stub_job), 1005, "result", abort=lambda: True))
    assert error.status == wire.CANCELLED and time.perf_counter() - start < 1.5
    assert answers(busy.connection(), 1)[0][0] == first
    assert stub.MADE == [1002]


def test_the_answer_to_stats_has_its_numbers_in_place(worker, node):
    Pictures(worker).ask(node, 1002, "result")
    said = worker.connection().ask(wire.STATS)
    clients, waiting, working, sessions, held, frames, copies, pid, seconds = wire.STATS_SAID.unpack_from(said)
    assert (clients, waiting, sessions, frames, copies, pid) == (1, 0, 1, 1, 0, os.getpid())
    assert working in (0, 1) and held > 0 and 0.0 < seconds < 3600.0
    assert struct.calcsize("<IIIIQQQQd") == wire.STATS_SAID.size
