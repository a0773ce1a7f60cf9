"""A writer that dies at any of its steps leaves a log that is sound, that goes on, and that lacks nothing promised."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ff_vfx.trust.audit import Deed, append, begin_anew, newest, verify
from ff_vfx.trust.signing import Signer, new_signer
from tests.trust.audit.made_log import SMALL, fill, torn


class Died(BaseException):
    """As SIGKILL, but that `with` blocks close files and locks, as the system does."""


@contextmanager
def dying_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every call that changes the disk is a step; the writer dies within that one, half of it done."""
    steps: list[str] = []

    def wrapped(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if name == "open" and not int(arguments[1]) & os.O_CREAT:  # type: ignore[call-overload]
                return real(*arguments, **named)
            steps.append(name)
            if len(steps) != step:
                return real(*arguments, **named)
            if name == "write":
                handle, content = arguments
                real(handle, bytes(content)[: len(content) // 2])  # type: ignore[arg-type,call-overload]
            elif name == "open":
                os.close(real(*arguments, **named))  # type: ignore[arg-type]
            raise Died

        return call

    with monkeypatch.context() as patch:
        for name in ("write", "open", "fsync", "fdatasync", "ftruncate", "replace"):
            patch.setattr(os, name, wrapped(name, getattr(os, name)))
        try:
            yield steps
        except Died:
            steps.append("died")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("key") / "a.key", "anna")


def nothing(folder: Path, signer: Signer) -> int:
    return 0


def some(folder: Path, signer: Signer) -> int:
    fill(folder, signer, 3)
    return 3


def full_file(folder: Path, signer: Signer) -> int:
    """The next entry begins a new file."""
    count = 0
    while not any(path.stat().st_size >= SMALL.most_bytes for path in folder.glob("*.jsonl")):
        count += 1
        fill(folder, signer, 1, count)
    return count


def short_torn(folder: Path, signer: Signer) -> int:
    fill(folder, signer, 3)
    torn(folder, signer, 200)
    return 3


def long_torn(folder: Path, signer: Signer) -> int:
    """Longer than the lines that take its place."""
    fill(folder, signer, 3)
    with open(folder / "audit-000000001.jsonl", "ab") as file:
        file.write(b"x" * 9000)
    return 3


@pytest.mark.parametrize("state", [nothing, some, full_file, short_torn, long_torn])
def test_an_entry_that_is_cut_off_anywhere_leaves_a_sound_log(
    state: Callable[[Path, Signer], int], signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for step in range(1, 40):
        folder = tmp_path / str(step)
        folder.mkdir()
        count = state(folder, signer)
        with dying_at(step, monkeypatch) as steps:
            append(folder, Deed("render", "cut off"), signer, SMALL)
        if "died" not in steps:
            break
        if (folder / "audit.head").exists():  # else there is no log yet
            verdict = verify(folder)
            assert verdict.sound, (step, steps, verdict.wrong)
        append(folder, Deed("render", "later"), signer, SMALL)
        verdict = verify(folder)
        assert verdict.sound, (step, steps, verdict.wrong)
        acts = [entry.act for entry in newest(folder, 100, lambda entry: entry.verb == "render")]
        assert acts[:count] == [f"act{number:04d}" for number in range(1, count + 1)] and acts[-1] == "later"
    assert step > 3, "the steps are counted"
    assert newest(folder, 1, lambda entry: True)[0].act == "cut off"


def test_a_log_whose_beginning_anew_is_cut_off_goes_on(signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for step in range(1, 40):
        folder = tmp_path / str(step)
        fill(folder, signer, 3)
        with dying_at(step, monkeypatch) as steps:
            begin_anew(folder, "why", signer)
        append(folder, Deed("render", "later"), signer)
        assert newest(folder, 1, lambda entry: True)[0].act == "later"
        if "died" not in steps:
            break
    assert verify(folder).sound
