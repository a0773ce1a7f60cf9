"""One device's queue: one piece at a time, connections in turn."""

from __future__ import annotations

import threading

from ff_vfx.apps.worker.lane import Lane


def test_connections_take_turns_and_each_keeps_its_order():
    lane, begun, gate, order = Lane("x"), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        gate.wait()

    lane.put(1, first)
    assert begun.wait(5.0)
    for who, count in ((1, 4), (2, 2), (3, 1)):
        for number in range(count):
            lane.put(who, lambda who=who, number=number: order.append((who, number)))
    assert lane.count() == (7, 1)
    last = threading.Event()
    lane.put(1, last.set)
    gate.set()
    assert last.wait(5.0)
    assert order == [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2), (1, 3)]
    lane.end()


def test_work_that_fails_does_not_end_the_lane(caplog):
    lane, done = Lane("x"), threading.Event()
    lane.put(1, lambda: [][1])
    lane.put(1, done.set)
    assert done.wait(5.0)
    assert "did not answer for its error" in caplog.text
    lane.end()


def test_an_ended_lane_takes_up_nothing_more():
    lane, seen = Lane("x"), []
    lane.end()
    lane.put(1, lambda: seen.append(1))
    lane._thread.join(5.0)
    assert not lane._thread.is_alive() and seen == []
