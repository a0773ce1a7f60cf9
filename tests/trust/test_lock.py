"""One at a time at a file, whoever dies at it, on disks with locks and without."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust import lock
from ff_vfx.trust.lock import locked


def no_locks(handle: int, how: int) -> None:
    raise OSError(errno.ENOSYS, "no locks here")


@pytest.fixture(params=["locks", "no locks"])
def disk(request, monkeypatch, tmp_path) -> Path:
    if request.param == "no locks":
        monkeypatch.setattr(fcntl, "flock", no_locks)
    return tmp_path / "manifest.json"


def count_up(path: str, times: int) -> None:
    """Reads a number, waits, writes the next: two at once would lose one."""
    for _ in range(times):
        with locked(Path(path)):
            text = Path(path).read_text() if Path(path).exists() else "0"
            time.sleep(0.0005)
            Path(path).write_text(str(int(text) + 1))


def test_many_processes_come_one_after_another_and_leave_nothing(disk):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=count_up, args=(str(disk), 25)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert disk.read_text() == "100"
    assert os.listdir(disk.parent) == [disk.name]


def test_threads_come_one_after_another(disk):
    threads = [threading.Thread(target=count_up, args=(str(disk), 25)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert disk.read_text() == "100"


def hold(path: str, there) -> None:
    with locked(Path(path)):
        there.set()
        time.sleep(60)


def test_whoever_died_at_it_holds_up_nobody(disk, monkeypatch):
    monkeypatch.setattr(lock, "_STALE_S", 0.3)
    context = multiprocessing.get_context("fork")
    there = context.Event()
    process = context.Process(target=hold, args=(str(disk), there))
    process.start()
    assert there.wait(10)
    with pytest.raises(TrustError, match="another process has held it"), locked(disk, longest_s=0.1):
        pass
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(10)
    with locked(disk, longest_s=5.0):
        pass
    assert os.listdir(disk.parent) == []


def test_another_user_may_wait_for_it(tmp_path):
    before = os.umask(0o077)
    try:
        with locked(tmp_path / "a"):
            (there,) = tmp_path.iterdir()
            assert there.stat().st_mode & 0o777 == 0o666
    finally:
        os.umask(before)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(TrustError, match="cannot be written|no permission"), locked(tmp_path / "none" / "a"):
        pass
