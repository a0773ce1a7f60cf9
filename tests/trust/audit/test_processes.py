"""Many processes write one log and are killed at random: nothing that was promised is lost, nothing is torn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ff_vfx.trust.audit import Deed, append, newest, verify
from ff_vfx.trust.signing import user_signer

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills with SIGKILL")


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: kills leave the same there, and flushing takes no time."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="ff-vfx-test-") as folder:
        yield Path(folder)


def written_by_many(folder: Path, wanted: int, *more: str) -> tuple[int, list[str]]:
    """Eight killed writers; how often one was, and the acts they heard were written."""
    words = [
        sys.executable,
        str(Path(__file__).with_name("many_writers.py")),
        str(folder / "log"),
        str(folder / "notes"),
    ]
    done = subprocess.run(
        [*words, "8", str(wanted), *more], cwd=ROOT, env=None, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    return told["killed"], told["heard"]


def test_eight_processes_with_random_kills_lose_no_entry_and_tear_none(
    quick_disk: Path, monkeypatch: pytest.MonkeyPatch, own_user: Path
):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    killed, heard = written_by_many(quick_disk, 1000, "5")
    verdict = verify(quick_disk / "log")
    assert verdict.sound, verdict.wrong
    assert killed >= 20 and len(set(heard)) == 8000
    found = [entry.act for entry in newest(quick_disk / "log", 10**6, lambda entry: entry.verb == "render")]
    assert set(heard) <= set(found)
    # A writer that was killed between the line and its answer writes the same act again: no more than that.
    assert len(found) - 8000 <= killed
    assert verdict.entries >= len(found) and verdict.files > 5
    assert append(quick_disk / "log", Deed("render", "after"), user_signer()).count == verdict.entries + 1
    assert verify(quick_disk / "log").sound


def test_a_log_that_is_being_written_is_not_taken_for_a_wrong_one(
    quick_disk: Path, monkeypatch: pytest.MonkeyPatch, own_user: Path
):
    """The reader takes no lock; it has the writers' own memory of where the log stood."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    script = str(Path(__file__).with_name("many_writers.py"))
    words = [sys.executable, script, str(quick_disk / "log"), str(quick_disk / "notes"), "4", "120", "2"]
    writers = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    looked = 0
    while writers.poll() is None:
        if (quick_disk / "log" / "audit-000000001.jsonl").exists():
            verdict = verify(quick_disk / "log")
            assert verdict.sound, verdict.wrong
            looked += 1
    assert looked >= 3 and writers.returncode == 0


def test_the_same_with_lock_files_where_the_disk_has_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_user: Path
):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    killed, heard = written_by_many(tmp_path, 100, "5", "file")
    verdict = verify(tmp_path / "log")
    assert verdict.sound, verdict.wrong
    found = {entry.act for entry in newest(tmp_path / "log", 10**6, lambda entry: True)}
    assert killed and len(set(heard)) == 800 and set(heard) <= found
