"""Reading ahead and writing behind: right frames, bounded memory, errors of one frame alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from fractions import Fraction

import pytest
import torch

from ff_vfx.door.overlap import ReadAhead, WriteBehind
from ff_vfx.errors import FrameMissing
from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window

WINDOW = Window(0, 0, 4, 2)


class CountingPlate:
    """A plate in memory; 1005 is missing."""

    numbers: Sequence[int] = range(1001, 1021)
    rate = Fraction(24)
    size = (4, 2)
    colour_space = "ACEScg"
    name = "counting"
    key = "k"

    def __init__(self, seconds: float = 0.0) -> None:
        self.reads: list[int] = []
        self.seconds = seconds

    def read(self, number: int) -> Frame:
        time.sleep(self.seconds)
        self.reads.append(number)
        if number == 1005:
            raise FrameMissing(f"frame {number}: not there")
        return Frame(torch.full((3, 2, 4), float(number)), number, "ACEScg", WINDOW, WINDOW)


def test_each_frame_comes_as_the_plate_gives_it_and_is_read_once():
    plate = CountingPlate()
    reader = ReadAhead(plate, plate.numbers)
    got = [reader.read(n).number for n in range(1001, 1005)]
    reader.close()
    assert got == [1001, 1002, 1003, 1004]
    assert len(plate.reads) == len(set(plate.reads))


def test_a_frame_in_the_past_is_read_again_when_it_is_forgotten():
    plate = CountingPlate()
    reader = ReadAhead(plate, plate.numbers, ahead=1, keep=2)
    for number in (1010, 1011, 1012, 1013, 1010):
        assert reader.read(number).pixels[0, 0, 0] == number
    reader.close()
    assert plate.reads.count(1010) == 2


def test_no_more_frames_are_kept_than_allowed():
    plate = CountingPlate()
    reader = ReadAhead(plate, plate.numbers, ahead=2, keep=4)
    for number in range(1006, 1021):
        reader.read(number)
        assert len(reader._frames) <= 4
    reader.close()


def test_a_missing_frame_raises_each_time_and_disturbs_no_other():
    plate = CountingPlate()
    reader = ReadAhead(plate, plate.numbers)
    reader.read(1004)
    for _ in range(2):
        with pytest.raises(FrameMissing, match="frame 1005"):
            reader.read(1005)
    assert reader.read(1006).number == 1006
    reader.close()


def test_frames_outside_the_order_can_be_read_too():
    plate = CountingPlate()
    reader = ReadAhead(plate, [1001, 1002])
    assert reader.read(1015).number == 1015
    reader.close()


def test_reading_goes_on_while_the_caller_computes():
    plate = CountingPlate(seconds=0.02)
    reader = ReadAhead(plate, plate.numbers, ahead=3)
    reader.read(1006)
    time.sleep(0.15)
    waited = reader.waited_ms
    reader.read(1007)
    reader.close()
    assert reader.waited_ms - waited < 15.0  # it was there already; reading takes 20


def test_the_queue_of_writes_is_bounded():
    gate, running = threading.Event(), []
    writer = WriteBehind(threads=1, queue=2)

    def write() -> None:
        running.append(1)
        gate.wait(5)

    writer.put(write)
    writer.put(write)
    third = threading.Thread(target=writer.put, args=(write,))
    third.start()
    time.sleep(0.05)
    assert third.is_alive()  # the third waits for a place
    gate.set()
    third.join(5)
    writer.close()
    assert len(running) == 3


def test_everything_queued_is_written_before_close_returns():
    done: list[int] = []
    writer = WriteBehind()

    def write(number: int) -> None:
        time.sleep(0.01)
        done.append(number)

    for number in range(8):
        writer.put(lambda n=number: write(n))
    writer.close()
    assert sorted(done) == list(range(8))


def test_an_error_that_escapes_a_write_is_not_lost():
    writer = WriteBehind(queue=8)

    def write() -> None:
        raise RuntimeError("lost")

    writer.put(write)
    for _ in range(4):
        writer.put(lambda: None)
    with pytest.raises(RuntimeError, match="lost"):
        writer.close()
