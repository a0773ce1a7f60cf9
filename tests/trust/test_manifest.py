"""The signed manifest: what is written comes back, what is altered is found, many processes lose nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust.manifest import ENDING, add_frames, read_manifest, sign_frame
from ff_vfx.trust.signed_text import canonical, write_signed
from ff_vfx.trust.signed_text import written as text_of
from ff_vfx.trust.signing import SIGNATURES, Signer, signed
from tests.trust.made_manifest import PATTERN, empty, origin, record, signer, written


def test_what_is_written_comes_back(tmp_path):
    path = tmp_path / f"comp{ENDING}"
    by = signer("Ann")
    made = written(path, [1001, 1002], by)
    back = read_manifest(path)
    assert back == made and list(back.frames) == [1001, 1002]
    assert back.origin_of(1001) == origin() and back.run_of(1002).name == "Ann"
    assert [(one.key, one.name) for one in back.signatures] == [(by.fingerprint, "Ann")]
    assert os.listdir(tmp_path) == [path.name], "no lock, no half of a file"


def test_frames_made_again_take_the_place_of_the_old(tmp_path):
    path, ann, bob = tmp_path / f"comp{ENDING}", signer("Ann"), signer("Bob")
    written(path, [1, 2, 3], ann)
    written(path, [2], bob, digest="9" * 64, made_from=origin(settings={"preset": "live"}))
    back = read_manifest(path)
    assert list(back.frames) == [1, 2, 3]
    assert [back.run_of(number).name for number in (1, 2, 3)] == ["Ann", "Bob", "Ann"]
    assert back.frames[2].made.sha256 == "9" * 64 and back.origin_of(2).settings == {"preset": "live"}
    assert [one.name for one in back.signatures] == ["Bob"]


def test_what_no_frame_was_made_from_any_more_is_not_kept(tmp_path):
    path, ann = tmp_path / f"comp{ENDING}", signer()
    written(path, [1], ann)
    written(path, [1], ann, made_from=origin(tool="ff-vfx 10"))
    assert [one.tool for one in read_manifest(path).origins.values()] == ["ff-vfx 10"]


def test_another_sequence_in_the_folder_is_not_written_over(tmp_path):
    path, ann = tmp_path / f"comp{ENDING}", signer()
    written(path, [1], ann)
    start = replace(empty(path, ann), pattern="comp_####.exr")
    with pytest.raises(TrustError, match=r"is the manifest of comp\.####\.exr; write to another"):
        add_frames(start, [], ann)
    assert list(read_manifest(path).frames) == [1]


def test_a_movie_is_written_anew(tmp_path):
    path, ann = tmp_path / f"comp{ENDING}", signer()
    written(path, [1, 2], ann)
    start = empty(path, ann)
    add_frames(start, [record(5, start, ann)], ann, anew=True)
    assert list(read_manifest(path).frames) == [5]


def test_one_that_was_altered_is_put_aside_and_vouched_for_no_more(tmp_path):
    path, ann = tmp_path / f"comp{ENDING}", signer()
    written(path, [1, 2], ann)
    path.write_text(path.read_text().replace("rendered", "passed", 1))
    start = empty(path, ann)
    merged, amiss = add_frames(start, [record(3, start, ann)], ann)
    assert list(merged.frames) == [3] and "no longer vouched for" in amiss
    assert len(list(tmp_path.glob(f"comp{ENDING}.altered-*"))) == 1


def _signed_by_another(path: Path, change) -> None:
    """Altered, and signed anew as a whole by a stranger, who has not the maker's key."""
    data = json.loads(path.read_text())
    data.pop(SIGNATURES)
    change(data)
    write_signed(path, signed(data, signer("stranger")))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["frames"][0]["made"].update(sha256="8" * 64),
        lambda data: data["frames"][0].update(number=7),
        lambda data: data["frames"][0].update(outcome="passed"),
        lambda data: data["frames"][0]["plate"].update(file="other.1.exr"),
        lambda data: data.update(pattern="other.####.exr"),
        lambda data: next(iter(data["runs"].values())).update(machine="elsewhere"),
        lambda data: next(iter(data["origins"].values()))["clearances"][0].update(performer="Mallory"),
        lambda data: next(iter(data["origins"].values())).update(models=[]),
    ],
)
def test_nobody_can_speak_in_the_makers_name(tmp_path, change):
    path = tmp_path / f"comp{ENDING}"
    written(path, [1, 9], signer())
    _signed_by_another(path, change)
    with pytest.raises(TrustError, match="altered|not what|damaged"):
        read_manifest(path)


def test_unsigned_it_is_refused(tmp_path):
    path = tmp_path / f"comp{ENDING}"
    written(path, [1], signer())
    data = json.loads(path.read_text())
    data.pop(SIGNATURES)
    path.write_bytes(text_of(data))
    with pytest.raises(TrustError, match="not signed"):
        read_manifest(path)


def test_every_flipped_bit_and_edited_line_is_found(tmp_path):
    path, seeded = tmp_path / f"comp{ENDING}", random.Random(6)
    written(path, [1, 2, 3], signer())
    whole = path.read_bytes()
    for _ in range(300):
        torn = bytearray(whole)
        torn[seeded.randrange(len(torn))] ^= 1 << seeded.randrange(8)
        path.write_bytes(torn)
        with pytest.raises(TrustError):
            read_manifest(path)
    lines = whole.splitlines(keepends=True)
    for _ in range(200):
        edited, place = list(lines), seeded.randrange(len(lines))
        kind = seeded.randrange(4)
        if kind == 0:
            del edited[place]
        elif kind == 1:
            edited.insert(place, edited[place])
        elif kind == 2:
            edited[place] = edited[place].rstrip(b"\n") + b" \n"
        else:
            other = (place + seeded.randrange(1, len(lines))) % len(lines)
            edited[place], edited[other] = edited[other], edited[place]
            if edited == lines:
                continue
        path.write_bytes(b"".join(edited))
        with pytest.raises(TrustError):
            read_manifest(path)
    path.write_bytes(whole)
    assert list(read_manifest(path).frames) == [1, 2, 3]


HOSTILE = [b"", b"{", b"[]\n", b"null", b'{"format": "ff-vfx manifest"}\n', b"[" * 100000, b"\xff\xfe{}", b"{}" * 9]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_manifest_is_refused_in_words(tmp_path, text):
    path = tmp_path / f"comp{ENDING}"
    path.write_bytes(text)
    with pytest.raises(TrustError, match="comp"):
        read_manifest(path)


@pytest.mark.parametrize("name", ["../comp.1.exr", "/etc/passwd", "a\\b", "..", "", "x" * 300, "a\0b"])
def test_a_name_that_leads_out_of_the_folder_is_refused_even_signed(tmp_path, name):
    path, ann = tmp_path / f"comp{ENDING}", signer()
    start = empty(path, ann)
    one = record(1, start, ann)
    bad = sign_frame(replace(one, made=replace(one.made, file=name)), PATTERN, ann)
    add_frames(start, [bad], ann)
    if name:
        with pytest.raises(TrustError, match="file's name"):
            read_manifest(path)


def _adds(path: str, numbers: list[int], secret: bytes, started) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    by = Signer("farm", Ed25519PrivateKey.from_private_bytes(secret))
    started.set()
    for number in numbers:
        written(Path(path), [number], by)


def test_processes_that_are_killed_lose_nothing_that_was_recorded(tmp_path):
    path, seeded = tmp_path / f"comp{ENDING}", random.Random(3)
    context = multiprocessing.get_context("fork")
    secret = canonical("x" * 30)
    jobs = []
    for index in range(4):
        started = context.Event()
        numbers = list(range(index * 100, index * 100 + 25))
        process = context.Process(target=_adds, args=(str(path), numbers, secret, started))
        process.start()
        jobs.append((process, numbers, started))
    for process, _, started in jobs[:2]:
        started.wait(10)
        time.sleep(seeded.uniform(0.02, 0.12))
        os.kill(process.pid or 0, signal.SIGKILL)
    for process, _, _ in jobs:
        process.join(30)
    back = read_manifest(path)
    for process, numbers, _ in jobs:
        there = [number for number in numbers if number in back.frames]
        assert there == numbers[: len(there)], "what was recorded once stays"
        if process.exitcode == 0:
            assert there == numbers
    assert {process.exitcode for process, _, _ in jobs[2:]} == {0}
    written(path, [999], signer())
    assert 999 in read_manifest(path).frames, "the lock of the dead is free"
