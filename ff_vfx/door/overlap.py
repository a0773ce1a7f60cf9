"""Reading, computing and writing at the same time, in bounded memory.

Read by the door's rendering and tracking. Decoding and encoding release the interpreter, so threads suffice. Computing
stays in the caller's thread: a Ctrl-C lands there, between two frames or two operations, never inside a file.
"""

from __future__ import annotations

import bisect
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction

import cv2
import torch

from ff_vfx.errors import PlateError
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate


class ReadAhead:
    """A plate that reads the coming frames in the background and remembers the last few. It is a Plate itself.

    A frame that cannot be read raises its own error at `read`, each time, and disturbs no other.
    """

    def __init__(self, plate: Plate, order: Sequence[int], *, ahead: int = 3, keep: int = 8) -> None:
        """order: frame numbers that will be asked for, ascending. ahead, keep: frames; keep is the memory bound."""
        self.numbers: Sequence[int] = plate.numbers
        self.rate: Fraction = plate.rate
        self.size: tuple[int, int] = plate.size
        self.colour_space: str = plate.colour_space
        self.name: str = plate.name
        self.key: str = plate.key
        self.read_ms: dict[int, float] = {}
        self.failed: dict[int, str] = {}
        self.waited_ms: float = 0.0
        self._plate = plate
        self.order: Sequence[int] = list(order)
        self._ahead = ahead
        self._keep = max(keep, ahead + 1)
        self._frames: OrderedDict[int, Future[Frame]] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="ff-read")

    def read(self, number: int) -> Frame:
        """The frame, from memory when it was foreseen; errors as the plate's own."""
        start = time.perf_counter()
        with self._lock:
            future = self._want(number)
            place = bisect.bisect_right(self.order, number)
            for coming in self.order[place : place + self._ahead]:
                self._want(coming)
            self._frames.move_to_end(number)
            while len(self._frames) > self._keep:
                self._frames.popitem(last=False)[1].cancel()
        try:
            return future.result()
        finally:
            self.waited_ms += (time.perf_counter() - start) * 1000.0

    def close(self) -> None:
        """Forget everything; reads still under way are let go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._frames.clear()

    def _want(self, number: int) -> Future[Frame]:
        if number not in self._frames:
            self._frames[number] = self._threads.submit(self._timed_read, number)
        return self._frames[number]

    def _timed_read(self, number: int) -> Frame:
        start = time.perf_counter()
        try:
            return self._plate.read(number)
        except PlateError as error:
            self.failed[number] = str(error)
            raise
        finally:
            self.read_ms[number] = self.read_ms.get(number, 0.0) + (time.perf_counter() - start) * 1000.0


class WriteBehind:
    """A few writers and a bounded queue: `put` waits when the disk is the slower, so memory stays flat."""

    def __init__(self, *, threads: int = 2, queue: int = 4) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ff-write")
        self._slots = threading.BoundedSemaphore(queue)
        self._running: list[Future[None]] = []

    def put(self, write: Callable[[], None]) -> None:
        """Queue one write. `write` reports its own errors; one that escapes it comes out of `close`."""
        self._slots.acquire()
        try:
            future = self._threads.submit(write)
        except BaseException:
            self._slots.release()
            raise
        future.add_done_callback(lambda _: self._slots.release())
        self._running = [running for running in self._running if not running.done() or running.exception()]
        self._running.append(future)

    def close(self) -> None:
        """Wait until everything queued is on disk."""
        self._threads.shutdown(wait=True)
        for future in self._running:
            future.result()


def share_cores() -> None:
    """Give computing half the cores, reading and writing the rest; call it once, where a run begins.

    A team of threads as large as the machine waits at every operation for the one that a writer has pushed aside:
    measured on two cores, ten times slower than one thread alone. OMP_NUM_THREADS still lowers it further. What is
    computed can depend on the number in its last bits, so it is one number for a machine, whatever the job.
    """
    half = max(1, (os.cpu_count() or 1) // 2)
    threads = min(half, int(os.environ.get("OMP_NUM_THREADS", "") or half))
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
