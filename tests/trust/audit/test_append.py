"""An entry is written for good, whatever it holds, whoever writes it, however long the log is."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from ff_vfx import __version__
from ff_vfx.errors import TrustError
from ff_vfx.trust.audit import Deed, Rotation, append, begin_anew, newest, verify
from ff_vfx.trust.audit.entry import MOST_LINE
from ff_vfx.trust.signing import Signer, user_signer
from tests.trust.audit.made_log import fill, put, taken


@pytest.fixture
def signer() -> Signer:
    return user_signer()


def test_an_entry_says_when_who_where_with_what_and_how_it_ended(tmp_path: Path, signer: Signer):
    deed = Deed("render", "a1", "ended", {"plate": "p.####.exr", "models": {"mesh": "ab"}}, {"exit_code": 3})
    receipt = append(tmp_path, deed, signer)
    entry = newest(tmp_path, 5, lambda entry: True)[0]
    assert (entry.number, entry.verb, entry.act, entry.state) == (1, "render", "a1", "ended")
    assert entry.inputs == {"plate": "p.####.exr", "models": {"mesh": "ab"}} and entry.result == {"exit_code": 3}
    assert entry.time.endswith("Z") and entry.data["tool"] == f"ff-vfx {__version__}"
    assert entry.user and entry.machine and entry.data["process"]["pid"] == os.getpid()  # type: ignore[index]
    assert (receipt.log, receipt.count, receipt.last) == (entry.log, 1, entry.digest)
    text = (tmp_path / "audit-000000001.jsonl").read_text()
    assert text.count("\n") == 1 and json.loads(text) == entry.data


def test_anything_can_be_an_input_and_no_line_is_longer_than_a_line(tmp_path: Path, signer: Signer):
    inputs: dict[str, object] = {
        "nan": float("nan"),
        "path": tmp_path,
        "bytes": b"\x00\xff",
        "surrogate": "\udcff",
        "newline": "a\nb",
        "large": 10**400,
        "list": list(range(10_000)),
        "text": "x" * 10_000_000,
        "set": {3, 1},
        "keys": {1: 2, None: 3},
        "hashes": {f"{number:064x}": "y" * 900 for number in range(150)},
        **{f"field{number}": "z" * 400 for number in range(300)},
    }
    deep: dict[str, object] = {}
    inputs["deep"] = deep
    for _ in range(500):
        deep["in"] = {}
        deep = deep["in"]  # type: ignore[assignment]
    append(tmp_path, Deed("render", "a", inputs=inputs, result=inputs), signer)
    append(tmp_path, Deed("render", "b", inputs={"keys": {1: 2}, "surrogate": "\udcff", "text": "x" * 5000}), signer)
    assert verify(tmp_path).sound
    first, second = newest(tmp_path, 5, lambda entry: True)
    assert "sha256" in first.inputs["too_long"]  # type: ignore[operator]
    assert second.inputs["text"] == "x" * 1000 + " ... (5000 characters)"
    assert max(map(len, (tmp_path / "audit-000000001.jsonl").read_bytes().splitlines())) < MOST_LINE


def test_files_are_rotated_by_size_and_the_chain_goes_through_them(tmp_path: Path, signer: Signer):
    fill(tmp_path, signer, 40)
    files = sorted(path.name for path in tmp_path.glob("audit-*.jsonl"))
    assert len(files) > 3 and verify(tmp_path).files == len(files)
    for name in files:
        assert int(name[6:15]) == json.loads((tmp_path / name).read_text().splitlines()[0])["n"]


def test_files_are_rotated_by_calendar_month(tmp_path: Path, signer: Signer):
    for time in ("2026-11-30T23:59:59.000Z", "2026-12-01T00:00:00.000Z", "2026-12-31T00:00:00.000Z"):
        append(tmp_path, Deed("render", time, time=time), signer)
    assert [path.name for path in sorted(tmp_path.glob("*.jsonl"))] == [
        "audit-000000001.jsonl",
        "audit-000000002.jsonl",
    ]
    append(tmp_path, Deed("render", "later", time="2027-02-01T00:00:00.000Z"), signer, Rotation(months=3))
    assert len(list(tmp_path.glob("*.jsonl"))) == 2 and verify(tmp_path).sound


def test_newest_reads_from_the_end_and_filters(tmp_path: Path, signer: Signer):
    fill(tmp_path, signer, 30)
    assert [entry.act for entry in newest(tmp_path, 3, lambda entry: True)] == ["act0028", "act0029", "act0030"]
    odd = newest(tmp_path, 2, lambda entry: entry.number % 10 == 1)
    assert [entry.number for entry in odd] == [11, 21]
    assert newest(tmp_path / "none", 3, lambda entry: True) == []


def test_a_log_that_was_shortened_goes_on_in_a_new_file_and_the_rest_is_left_as_evidence(
    tmp_path: Path, signer: Signer
):
    fill(tmp_path, signer, 5)
    path = tmp_path / "audit-000000001.jsonl"
    short = path.read_bytes()[:-700]
    path.write_bytes(short)
    receipt = append(tmp_path, Deed("render", "later"), signer)
    assert path.read_bytes() == short and receipt.count == 7
    alarm, entry = newest(tmp_path, 2, lambda entry: True)
    assert (alarm.verb, alarm.state, entry.act) == ("audit alarm", "found", "later")
    assert "is shorter than it was" in str(alarm.result["fault"])
    # No second alarm for the same thing.
    append(tmp_path, Deed("render", "still later"), signer)
    assert [entry.number for entry in newest(tmp_path, 9, lambda entry: entry.verb == "audit alarm")] == [6]


@pytest.mark.parametrize("lost", ["audit.head", "audit-000000001.jsonl"])
def test_what_is_gone_raises_an_alarm_and_writing_goes_on(lost: str, tmp_path: Path, signer: Signer):
    fill(tmp_path, signer, 5)
    (tmp_path / lost).unlink()
    assert append(tmp_path, Deed("render", "later"), signer).count == 7
    found = verify(tmp_path).wrong
    assert "alarm" in [one.kind for one in found] and newest(tmp_path, 1, lambda entry: True)[0].act == "later"


def test_threads_of_one_process_write_one_after_another(tmp_path: Path, signer: Signer):
    def write(name: str) -> None:
        for number in range(20):
            append(tmp_path, Deed("render", f"{name}{number}"), signer)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(tmp_path).sound and verify(tmp_path).entries == 80


def test_two_users_keys_are_one_chain(tmp_path: Path, signer: Signer, own_user: Path):
    append(tmp_path, Deed("render", "a"), signer)
    append(tmp_path, Deed("render", "b"), user_signer())
    verdict = verify(tmp_path)
    assert verdict.sound and len(verdict.keys) == 2


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
def test_a_shared_folder_makes_files_that_all_its_users_can_write(tmp_path: Path, signer: Signer):
    old = os.umask(0o077)
    try:
        (tmp_path / "show").mkdir()
        os.chmod(tmp_path / "show", 0o770)
        append(tmp_path / "show", Deed("render", "a"), signer)
        append(tmp_path / "own", Deed("render", "a"), signer)
    finally:
        os.umask(old)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "show").iterdir()}
    assert modes == {0o660}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "own").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o700


def test_links_that_somebody_put_there_are_not_written_through(tmp_path: Path, signer: Signer):
    fill(tmp_path / "log", signer, 2)
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    for name in ("audit-000000001.jsonl", "audit.head", "audit.lock"):
        copy = put(taken(tmp_path / "log"), tmp_path / f"with-{name}")
        (copy / name).unlink(missing_ok=True)
        (copy / name).symlink_to(victim)
        try:
            append(copy, Deed("render", "a"), signer)
        except TrustError as error:
            assert str(copy) in str(error)
        assert victim.read_bytes() == b"precious"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, signer: Signer):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrustError, match="see that it can be written"):
        append(tmp_path / "file" / "log", Deed("render", "a"), signer)


def test_a_full_disk_is_said_and_the_log_goes_on_later(tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch):
    fill(tmp_path, signer, 3)
    real = os.write

    def full(handle: int, content: bytes) -> int:
        if len(content) > 100 and os.fstat(handle).st_size != 2048:
            real(handle, content[:50])
            raise OSError(28, "No space left on device")
        return real(handle, content)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(TrustError, match="No space left"):
            append(tmp_path, Deed("render", "a"), signer)
    append(tmp_path, Deed("render", "b"), signer)
    verdict = verify(tmp_path)
    assert verdict.sound and verdict.entries == 5


def test_a_log_that_was_found_wrong_is_put_away_and_another_begun_that_says_so(
    tmp_path: Path, own_user: Path, monkeypatch: pytest.MonkeyPatch
):
    one, log = user_signer(), tmp_path / "log"
    fill(log, one, 5)
    monkeypatch.setenv("XDG_DATA_HOME", str(own_user / "another-user"))
    fill(log, one, 1, 6)
    path = log / "audit-000000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b"act0003", b"act0009"))
    assert not verify(log).sound
    receipt, closed = begin_anew(log, "looked into: ticket 12", one)
    assert receipt.count == 1 and closed.parent == log
    fill(log, one, 2, 7)
    verdict = verify(log)
    assert verdict.sound and verdict.entries == 3
    assert "ticket 12" in verdict.notes[0] and closed.name in verdict.notes[0] and "6 entries" in verdict.notes[0]
    assert [found.kind for found in verify(closed).wrong] == ["edited"]
    # Twice; and the first user, who saw the log before all that, is not told that it was taken away.
    begin_anew(log, "again", one)
    monkeypatch.setenv("XDG_DATA_HOME", str(own_user / "data"))
    assert verify(log).sound
    fill(log, one, 1, 20)
    assert verify(log).sound and verify(log).entries == 2


def test_a_log_shortened_before_it_was_begun_anew_is_missed_by_who_knows(
    tmp_path: Path, own_user: Path, monkeypatch: pytest.MonkeyPatch
):
    one, log = user_signer(), tmp_path / "log"
    fill(log, one, 3)
    old = taken(log)
    fill(log, one, 3, 4)
    put(old, log)
    monkeypatch.setenv("XDG_DATA_HOME", str(own_user / "another-user"))
    begin_anew(log, "nothing happened", one)
    monkeypatch.setenv("XDG_DATA_HOME", str(own_user / "data"))
    assert [found.kind for found in verify(log).wrong] == ["replaced"]
    fill(log, one, 1, 9)
    assert [found.kind for found in verify(log).wrong] == ["alarm"]


def test_where_there_is_no_log_none_is_begun_anew(tmp_path: Path, signer: Signer):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(TrustError, match="there is none"):
            begin_anew(folder, "why", signer)
