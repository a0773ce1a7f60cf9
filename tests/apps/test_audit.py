"""`ff-vfx audit`: acts are shown a row each, tampering is named with its line, and where the log is can be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ff_vfx import door
from ff_vfx.apps.cli.entry import run
from ff_vfx.door.auditing import audited
from ff_vfx.trust.audit import KINDS


@pytest.fixture(autouse=True)
def log(own_user: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four acts of a user of this test's own."""
    monkeypatch.setenv("COLUMNS", "200")
    with audited("track", plate="plates/sh010.####.exr") as act:
        act.begins()
        act.result(frames={"rendered": 3})
    with audited("consent sign", record="eve.ffconsent.json") as act:
        act.result(key="0123456789abcdef")
    with pytest.raises(KeyboardInterrupt), audited("render", plate="plates/sh020.####.exr", performer="eve"):
        raise KeyboardInterrupt
    with audited("session", plate={"path": "plates/sh030.####.exr", "key": "abc"}) as act:
        act.begins()
        act.end = lambda **more: None  # type: ignore[method-assign]  # as if it were killed
    return own_user / "state" / "ff-vfx" / "audit"


def test_acts_are_shown_a_row_each(capsys: pytest.CaptureFixture[str]):
    assert run(["audit", "show"]) == 0
    shown = capsys.readouterr().out
    for words in (
        ("track", "plates/sh010.####.exr", "done"),
        ("consent sign", "eve.ffconsent.json"),
        ("render", "interrupted"),
        ("session", "plates/sh030.####.exr", "no end is known: under way, or killed"),
    ):
        assert any(all(word in line for word in words) for line in shown.splitlines()), (words, shown)
    assert "3 rendered" in shown and shown.count("track") == 1


@pytest.mark.parametrize(
    ("options", "verbs"),
    [
        (["--verb", "consent"], ["consent sign"]),
        (["--plate", "sh010"], ["track", "track"]),
        (["--plate", "abc"], ["session"]),
        (["--about", "0123456789abcdef"], ["consent sign"]),
        (["--since", "2020-01-01", "--until", "2020-12-31"], []),
        (["--since", "2020-01-01T10:00", "--last", "2"], ["render", "session"]),
        (["--user", "nobody at all"], []),
        (["--last", "0"], ["track", "track", "consent sign", "render", "session"]),
    ],
)
def test_entries_are_filtered(options: list[str], verbs: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(["audit", "show", "--json", *options]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [entry["verb"] for entry in found] == verbs


def test_today_is_within_since_and_until_of_today(capsys: pytest.CaptureFixture[str]):
    assert run(["audit", "show", "--json"]) == 0
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first, last = entries[0]["time"][:10], entries[-1]["time"][:10]
    assert run(["audit", "show", "--json", "--since", first, "--until", last]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(entries)


def test_a_time_that_is_none_is_said(capsys: pytest.CaptureFixture[str]):
    assert run(["audit", "show", "--since", "yesterday"]) == 2
    assert "give a day or a moment in UTC" in capsys.readouterr().err


def test_a_whole_log_is_whole(log: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["audit", "verify"]) == 0
    told = capsys.readouterr().out
    assert "whole, and as it was written; 5 entries" in told and "known here" in told and "receipt: " in told
    assert run(["audit", "verify", "--known-keys", str(log)]) == 0


def test_the_first_wrong_line_is_named_with_its_file_and_what_happened(log: Path, capsys: pytest.CaptureFixture[str]):
    path = log / "audit-000000001.jsonl"
    had = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([had[0], had[1].replace(b"sh010", b"sh011"), *had[2:]]))
    assert run(["audit", "verify"]) == 3
    said = capsys.readouterr()
    assert "NOT AS IT WAS WRITTEN" in said.out
    assert "edited: audit-000000001.jsonl line 2: the line the signature of" in said.err
    path.write_bytes(b"".join(had[:-1]))
    assert run(["audit", "verify", "--json", str(log)]) == 3
    (found,) = json.loads(capsys.readouterr().out)
    assert [one["kind"] for one in found["wrong"]] == ["removed"]
    assert "the newest entries, entry 5 was removed" in found["wrong"][0]["message"]


def test_a_receipt_holds_a_log_to_what_it_was(log: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["audit", "where", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["folder"], told["entries"], told["fault"]) == ("user", str(log), 5, "")
    assert run(["audit", "verify", "--receipt", told["receipt"]]) == 0
    other = told["receipt"][:-64] + "0" * 64
    assert run(["audit", "verify", "--receipt", other]) == 3
    assert "is not the one that the receipt knows" in capsys.readouterr().err
    assert run(["audit", "verify", "--receipt", "nonsense"]) == 2


def test_keys_that_nobody_knows_can_be_made_wrong(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert run(["audit", "verify"]) == 0
    assert "not known here" in capsys.readouterr().out
    assert run(["audit", "verify", "--known-keys"]) == 3


def test_where_says_every_log_and_what_is_wrong_with_it(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FF_VFX_AUDIT", str(tmp_path / "show"))
    assert run(["audit", "where"]) == 0
    told = capsys.readouterr().out
    assert f"user: {log}, 5 entries" in told and f"show: {tmp_path / 'show'}, 0 entries" in told
    (log / "audit.head").write_bytes(b"broken")
    monkeypatch.setenv("FF_VFX_AUDIT", "relative")
    assert run(["audit", "where"]) == 0
    said = capsys.readouterr()
    assert "is not as it was written" in said.err and "is no absolute path" in said.err


def test_where_there_is_no_log_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for verb in ("show", "verify"):
        assert run(["audit", verb, str(tmp_path / "none")]) == 2
        assert "there is none" in capsys.readouterr().err


def test_what_an_entry_says_cannot_style_the_table(capsys: pytest.CaptureFixture[str]):
    with audited("render", plate="[bold red]x[/]", performer="\x1b[31mred"):
        pass
    assert run(["audit", "show", "--last", "1"]) == 0
    shown = capsys.readouterr().out
    assert "[bold red]x[/]" in shown and "\x1b" not in shown


def test_the_doors_verbs_are_there_for_scripts(log: Path):
    entries = door.audit_show(wish=door.AuditWish(verb="render"))
    assert [entry["verb"] for entry in entries] == ["render"]
    assert door.audit_verify()[0]["sound"] and door.audit_where()[0]["entries"] == 5


def test_a_log_is_begun_anew_with_a_reason(log: Path, capsys: pytest.CaptureFixture[str]):
    (log / "audit.head").unlink()
    assert run(["audit", "verify"]) == 3
    assert run(["audit", "begin"]) == 2
    assert run(["audit", "begin", "--why", " "]) == 2
    assert run(["audit", "begin", "--why", "the head was lost with a disk"]) == 0
    said = capsys.readouterr().out
    assert "the log before is kept in" in said
    assert run(["audit", "verify"]) == 0
    assert "the head was lost with a disk; before it: 5 entries" in capsys.readouterr().out
    assert run(["audit", "show"]) == 0
    assert "audit begin" in capsys.readouterr().out


def test_the_page_names_every_kind_that_can_be_found():
    page = (Path(__file__).resolve().parents[2] / "docs" / "audit.md").read_text()
    assert {
        line.split("`")[1] for line in page.split("## What is found")[1].splitlines() if line.startswith("| `")
    } == set(KINDS)
