"""What was done to a log by hand is found and named; what a kill did to it is not taken for that."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust.audit import Deed, Receipt, append, newest, verify
from ff_vfx.trust.audit.entry import digest_of, first_prev, line_of
from ff_vfx.trust.audit.head import Head, write_head
from ff_vfx.trust.signing import Signer, new_signer, user_signer
from tests.trust.audit.made_log import Files, fill, killed_before_the_head, put, taken, torn


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("key") / "a.key", "anna")


@pytest.fixture(scope="module")
def clean(signer: Signer, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """40 entries in several files, one of them about a torn line that was kept aside."""
    folder = tmp_path_factory.mktemp("log")
    fill(folder, signer, 25)
    torn(folder, signer, 300)
    fill(folder, signer, 14, 26)
    return taken(folder)


def lines(files: Files) -> list[tuple[str, int]]:
    """Every line of a log: file, index in it."""
    logs = [name for name in files if name.endswith(".jsonl")]
    return [(name, index) for name in logs for index in range(files[name].count(b"\n"))]


def with_lines(files: Files, name: str, changed: list[bytes]) -> Files:
    return {**files, name: b"".join(changed)}


def flipped(files: Files, chance: random.Random) -> Files:
    name = chance.choice(list(files))
    content = bytearray(files[name])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return {**files, name: bytes(content)}


def deleted(files: Files, chance: random.Random) -> Files:
    name, index = chance.choice(lines(files))
    had = files[name].splitlines(keepends=True)
    return with_lines(files, name, had[:index] + had[index + 1 :])


def swapped(files: Files, chance: random.Random) -> Files:
    (a, i), (b, j) = chance.sample(lines(files), 2)
    had = {name: files[name].splitlines(keepends=True) for name in (a, b)}
    had[a][i], had[b][j] = had[b][j], had[a][i]
    return {**files, **{name: b"".join(content) for name, content in had.items()}}


def doubled(files: Files, chance: random.Random) -> Files:
    (a, i), (b, j) = chance.choice(lines(files)), chance.choice(lines(files))
    had = files[b].splitlines(keepends=True)
    had.insert(j, files[a].splitlines(keepends=True)[i])
    return with_lines(files, b, had)


def shortened(files: Files, chance: random.Random) -> Files:
    """The newest lines away, to a whole line or not, and the files behind them."""
    logs = [name for name in files if name.endswith(".jsonl")]
    kept = chance.randrange(len(logs))
    size = chance.randrange(len(files[logs[kept]]))
    return {
        **{name: content for name, content in files.items() if name not in logs[kept:]},
        logs[kept]: files[logs[kept]][:size],
    }


def edited(files: Files, chance: random.Random) -> Files:
    name, index = chance.choice(lines(files))
    had = files[name].splitlines(keepends=True)
    what = chance.choice([(b"render", b"check_"), (b'"n":', b'"n":1'), (b"anna", b"otto"), (b"2", b"3"), (b",", b", ")])
    had[index] = had[index].replace(*what, 1)
    return with_lines(files, name, had)


def without_file(files: Files, chance: random.Random) -> Files:
    gone = chance.choice(list(files))
    return {name: content for name, content in files.items() if name != gone}


TAMPERINGS = (flipped, flipped, flipped, deleted, swapped, doubled, shortened, edited, without_file)


def test_four_hundred_random_tamperings_are_all_found_and_none_crashes(clean: Files, tmp_path: Path):
    chance = random.Random(42)
    assert verify(put(clean, tmp_path / "log")).sound
    missed = []
    for number in range(400):
        tamper = chance.choice(TAMPERINGS)
        files = tamper(clean, chance)
        if files != clean and verify(put(files, tmp_path / "log")).sound:
            missed.append((number, tamper.__name__))
    assert missed == []


def test_what_was_tampered_with_is_never_hidden_by_the_next_entry(clean: Files, signer: Signer, tmp_path: Path):
    chance = random.Random(7)
    missed = []
    for number in range(80):
        tamper = chance.choice(TAMPERINGS)
        files = tamper(clean, chance)
        folder = put(files, tmp_path / f"log{number}")
        append(folder, Deed("render", "later"), signer)
        append(folder, Deed("render", "later still"), signer)
        if files != clean and verify(folder).sound:
            missed.append((number, tamper.__name__))
        assert newest(folder, 1, lambda entry: True)[0].act == "later still"
    assert missed == []


@pytest.mark.parametrize("count", [5, 9, 20])
@pytest.mark.parametrize("keep", [1, 400, -1])
def test_what_a_kill_leaves_is_not_taken_for_tampering_and_is_repaired(
    count: int, keep: int, signer: Signer, tmp_path: Path
):
    fill(tmp_path, signer, count)
    torn(tmp_path, signer, keep)
    verdict = verify(tmp_path)
    assert verdict.sound and verdict.entries == count and "torn line" in verdict.notes[0]
    fill(tmp_path, signer, 3, 200)
    verdict = verify(tmp_path)
    assert verdict.sound, verdict.wrong
    assert verdict.entries == count + 4  # the repair is one
    repaired = newest(tmp_path, 1, lambda entry: entry.verb == "audit repaired")[0]
    assert (tmp_path / str(repaired.result["kept"])).stat().st_size == repaired.result["bytes"]


@pytest.mark.parametrize("count", [5, 9, 20])
def test_a_writer_killed_before_the_head_leaves_its_entry_there(count: int, signer: Signer, tmp_path: Path):
    fill(tmp_path, signer, count)
    with killed_before_the_head(tmp_path):
        fill(tmp_path, signer, 1, 100)
    assert verify(tmp_path).sound
    fill(tmp_path, signer, 1, 101)
    assert verify(tmp_path).sound and verify(tmp_path).entries == count + 2


def test_a_new_file_without_a_line_and_a_log_without_one_are_what_kills_leave(signer: Signer, tmp_path: Path):
    fill(tmp_path, signer, 6)
    (tmp_path / "audit-000000007.jsonl").touch()
    assert verify(tmp_path).sound
    fill(tmp_path, signer, 2, 7)
    verdict = verify(tmp_path)
    assert verdict.sound and verdict.entries == 8 and verdict.files == 2


def test_a_writer_killed_when_it_had_begun_the_log_leaves_a_head_alone(signer: Signer, tmp_path: Path):
    fill(tmp_path, signer, 1)
    begun = tmp_path / "begun"
    begun.mkdir()
    log = newest(tmp_path, 1, lambda entry: True)[0].log
    write_head(begun, Head(log, 0, first_prev(log), 1, 0, "", "system"), signer, first=True)
    assert verify(begun).sound and verify(begun).entries == 0
    fill(begun, signer, 2)
    assert verify(begun).sound and verify(begun).entries == 2


def test_zeros_that_a_power_cut_leaves_are_a_torn_line(signer: Signer, tmp_path: Path):
    fill(tmp_path, signer, 6)
    with open(tmp_path / "audit-000000001.jsonl", "ab") as file:
        file.write(b"\0" * 3000 + b"}\n")
    assert verify(tmp_path).sound
    fill(tmp_path, signer, 2, 7)
    assert verify(tmp_path).sound and verify(tmp_path).entries == 9


def test_a_repair_that_is_killed_itself_is_repaired(signer: Signer, tmp_path: Path):
    fill(tmp_path, signer, 4)
    torn(tmp_path, signer, 500)
    before = taken(tmp_path)
    with killed_before_the_head(tmp_path):
        fill(tmp_path, signer, 1, 50)
    after = taken(tmp_path)
    name = "audit-000000001.jsonl"
    size = before[name].rfind(b"\n") + 1
    for cut in range(size, len(after[name]), 97):
        # The new lines came as far as `cut`; behind them is what was torn before.
        content = after[name][:cut] + before[name][cut:]
        folder = put({**after, name: content}, tmp_path / f"cut{cut}")
        verdict = verify(folder)
        assert verdict.sound, (cut, verdict.wrong)
        fill(folder, signer, 1, 60)
        verdict = verify(folder)
        assert verdict.sound, (cut, verdict.wrong)
        assert newest(folder, 1, lambda entry: True)[0].act == "act0060"


def wrong_of(files: Files, folder: Path) -> list[tuple[str, str, int]]:
    return [(one.kind, one.file, one.line) for one in verify(put(files, folder)).wrong]


def test_the_first_wrong_line_is_named_with_what_happened_to_it(clean: Files, tmp_path: Path):
    name = "audit-000000001.jsonl"
    had = clean[name].splitlines(keepends=True)
    folder = tmp_path / "log"
    changed = had[:3] + [had[3].replace(b"sh004", b"sh005")] + had[4:]
    assert wrong_of(with_lines(clean, name, changed), folder) == [("edited", name, 4)]
    assert wrong_of(with_lines(clean, name, had[:3] + had[4:]), folder) == [("removed", name, 4)]
    assert wrong_of(with_lines(clean, name, [*had[:3], had[4], had[3], *had[5:]]), folder) == [("reordered", name, 4)]
    assert wrong_of(with_lines(clean, name, [*had[:4], had[2], *had[4:]]), folder) == [("duplicated", name, 5)]
    assert wrong_of(with_lines(clean, name, [*had[:4], b"hello\n", *had[4:]]), folder) == [("edited", name, 5)]
    last = max(one for one in clean if one.endswith(".jsonl"))
    tail = clean[last].splitlines(keepends=True)
    found = verify(put(with_lines(clean, last, tail[:-1]), folder)).wrong
    assert [one.kind for one in found] == ["removed"] and "entry 40 was removed" in found[0].message
    found = verify(put({key: content for key, content in clean.items() if key != name}, folder)).wrong
    assert found[0].kind == "removed" and found[0].message == f"entries 1 to {len(had)} were removed"


def test_an_entry_of_another_log_is_known_as_one(clean: Files, signer: Signer, tmp_path: Path):
    other = tmp_path / "other"
    fill(other, signer, 12)
    name = "audit-000000001.jsonl"
    theirs = taken(other)[name].splitlines(keepends=True)
    had = clean[name].splitlines(keepends=True)
    assert wrong_of(with_lines(clean, name, [*had[:4], theirs[4], *had[4:]]), tmp_path / "log") == [
        ("foreign", name, 5)
    ]
    swapped_in = wrong_of(with_lines(clean, name, [*had[:4], theirs[4], *had[5:]]), tmp_path / "log")
    assert swapped_in[0] == ("foreign", name, 5) and ("removed", name, 6) in swapped_in


def test_an_entry_written_anew_with_a_key_does_not_fit_the_chain(signer: Signer, tmp_path: Path):
    """Who has a key can sign another entry 3, and cannot have entry 4 follow it."""
    fill(tmp_path, signer, 6)
    one, name = taken(tmp_path), "audit-000000001.jsonl"
    had = one[name].splitlines(keepends=True)
    head = {"audit.head": one["audit.head"]}
    forged = tmp_path / "forged"
    put({name: b"".join(had[:2])}, forged)
    log = newest(tmp_path, 1, lambda entry: True)[0].log
    line = line_of(Deed("render", "other"), Receipt(log, 2, digest_of(had[1])), signer)
    assert wrong_of({name: b"".join([*had[:2], line, *had[3:]]), **head}, forged) == [("forked", name, 4)]


def test_a_log_put_back_to_an_older_state_is_known_to_who_wrote_to_it_and_to_who_has_a_receipt(
    signer: Signer, tmp_path: Path, own_user: Path
):
    folder = tmp_path / "log"
    fill(folder, signer, 5)
    old = taken(folder)
    fill(folder, signer, 3, 6)
    receipt = verify(folder).receipt
    assert receipt is not None and receipt.count == 8
    put(old, folder)
    assert [one.kind for one in verify(folder).wrong] == ["removed"]
    for path in (own_user / "data" / "ff-vfx" / "audit-seen").iterdir():
        path.unlink()
    assert verify(folder).sound  # nothing here knows better
    assert [one.kind for one in verify(folder, [receipt]).wrong] == ["removed"]
    fill(folder, signer, 6, 20)
    assert [one.kind for one in verify(folder, [receipt]).wrong] == ["replaced"]


def test_a_log_taken_away_whole_is_missed_by_its_next_writer(signer: Signer, tmp_path: Path, own_user: Path):
    folder = tmp_path / "log"
    fill(folder, signer, 5)
    put({}, folder)
    assert [one.kind for one in verify(folder).wrong] == ["removed"]
    fill(folder, signer, 2)
    found = verify(folder).wrong
    assert [one.kind for one in found] == ["alarm"] and "taken away" in found[0].message


def test_a_key_that_nobody_here_knows_is_told(clean: Files, signer: Signer, tmp_path: Path, own_user: Path):
    verdict = verify(put(clean, tmp_path / "log"))
    assert [key.known for key in verdict.keys] == [False] and any(signer.fingerprint in note for note in verdict.notes)
    append(tmp_path / "own", Deed("render", "a"), user_signer())
    assert [key.known for key in verify(tmp_path / "own").keys] == [True]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n" * 5000, b"{" * 200_000 + b"\n", b"\0" * 70_000, b'{"n":' + b"9" * 60_000 + b"}\n", b"\xff\xfe\n"],
    ids=["empty", "ends", "nested", "zeros", "number", "bytes"],
)
def test_hostile_files_are_found_and_read_no_further_than_a_line(content: bytes, clean: Files, tmp_path: Path):
    name = min(clean)
    assert name.startswith("audit-0")
    verdict = verify(put({**clean, name: content}, tmp_path / "log"))
    assert not verdict.sound and len(verdict.wrong) <= 100
    assert not verify(put({**clean, "audit.head": content}, tmp_path / "log")).sound


def test_links_and_pipes_are_not_followed(clean: Files, tmp_path: Path):
    folder = put(clean, tmp_path / "log")
    name = "audit-000000001.jsonl"
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert verify(folder).wrong[0].kind == "file"
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert not verify(folder).sound


def test_where_there_is_no_log_that_is_said(tmp_path: Path):
    with pytest.raises(TrustError, match="there is none"):
        verify(tmp_path / "nothing")


def test_any_order_of_clock_is_sound_but_told(signer: Signer, tmp_path: Path):
    append(tmp_path, Deed("render", "a", time="2026-11-21T12:00:00.000Z"), signer)
    append(tmp_path, Deed("render", "b", time="2026-11-21T09:00:00.000Z"), signer)
    verdict = verify(tmp_path)
    assert verdict.sound and any("clock goes back at entry 2" in note for note in verdict.notes)


def test_a_log_of_nothing_but_gaps_is_not_read_to_its_end(signer: Signer, tmp_path: Path):
    log = "ab" * 16
    content = b"".join(
        line_of(Deed("render", "a"), Receipt(log, number, "0" * 64), signer) for number in range(1, 600, 2)
    )
    verdict = verify(put({"audit-000000002.jsonl": content}, tmp_path / "log"))
    assert len(verdict.wrong) == 100 and {one.kind for one in verdict.wrong} == {"removed", "head"}
    assert verdict.entries < 150 and any("more is wrong" in note for note in verdict.notes)
