"""One writer at a time, whatever the disk can do; a lock whose holder is no more does not stop the others."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit import Deed, append, lock, verify
from ff_vfx.trust.audit.head import read_head
from ff_vfx.trust.signing import user_signer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the system's locks are others there")


@pytest.mark.parametrize("way", [lock.SYSTEM, lock.FILE])
def test_only_one_holds_it(way: str, tmp_path: Path):
    inside, most, seen = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(30):
            with lock.held(tmp_path, way):
                with seen:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0005)
                with seen:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_lock_file_of_a_process_that_died_is_taken_away_at_once(tmp_path: Path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    (tmp_path / "audit.lock.held").write_text(json.dumps([platform.node(), child.pid, "token"]))
    start = time.monotonic()
    with lock.held(tmp_path, lock.FILE):
        pass
    assert time.monotonic() - start < 2.0 and list(tmp_path.iterdir()) == []


def test_a_lock_file_is_never_there_without_the_name_of_its_maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A writer killed between making it and writing into it would stop the others for long."""
    seen: list[bytes] = []
    link = os.link

    def watched(source: Path, target: Path) -> None:
        link(source, target)
        seen.append(Path(target).read_bytes())

    monkeypatch.setattr(os, "link", watched)
    with lock.held(tmp_path, lock.FILE):
        assert [json.loads(content)[1] for content in seen] == [os.getpid()]
    assert list(tmp_path.iterdir()) == []


def test_where_a_disk_has_no_links_the_lock_file_is_made_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with lock.held(tmp_path, lock.FILE):
        assert [path.name for path in tmp_path.iterdir()] == ["audit.lock.held"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [json.dumps(["elsewhere", 1, "token"]), "", "{", json.dumps([1, "x", None])])
def test_a_lock_file_that_stands_still_is_taken_away_after_a_while(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lock, "_STILL_SECONDS", 0.3)
    (tmp_path / "audit.lock.held").write_text(content)
    start = time.monotonic()
    with lock.held(tmp_path, lock.FILE):
        pass
    assert 0.2 < time.monotonic() - start < 3.0


def test_a_lock_file_that_others_use_is_waited_for_and_then_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lock, "_STILL_SECONDS", 2.0)
    monkeypatch.setattr(lock, "_SPARE_SECONDS", -1.8)
    (tmp_path / "audit.lock.held").write_text(json.dumps([platform.node(), os.getpid(), "token"]))
    with pytest.raises(TrustError, match="see which process stands still"), lock.held(tmp_path, lock.FILE, 0.1):
        pass
    assert (tmp_path / "audit.lock.held").exists()


def test_a_system_lock_that_others_hold_is_waited_for_and_then_said(tmp_path: Path):
    with (
        lock.held(tmp_path, lock.SYSTEM),
        pytest.raises(TrustError, match="see which process stands still"),
        lock.held(tmp_path, lock.SYSTEM, 0.1),
    ):
        pass


def no_locks(handle: int, how: int) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def test_a_log_on_a_disk_without_locks_is_kept_with_lock_files_by_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", no_locks)
        append(tmp_path, Deed("render", "a"), user_signer())
    found = read_head(tmp_path)
    assert found is not None and found[0].lock == lock.FILE
    # A machine whose locks work keeps to what the log's others do.
    append(tmp_path, Deed("render", "b"), user_signer())
    found = read_head(tmp_path)
    assert found is not None and found[0].lock == lock.FILE and verify(tmp_path).entries == 2


def test_a_log_kept_with_locks_is_not_written_to_where_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    append(tmp_path, Deed("render", "a"), user_signer())
    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(TrustError, match="mounted without locks"):
        append(tmp_path, Deed("render", "b"), user_signer())
    assert verify(tmp_path).entries == 1


def test_network_folders_get_lock_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert lock.way_for(tmp_path) == lock.SYSTEM
    monkeypatch.setattr(lock, "_is_network", lambda folder: True)
    assert lock.way_for(tmp_path) == lock.FILE
