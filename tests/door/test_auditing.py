"""The door writes down what it does, however it ends, and says where it could not; nothing takes an act out again."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ff_vfx import door
from ff_vfx.door import audit_places, auditing
from ff_vfx.door.audit_places import audit_folders
from ff_vfx.door.auditing import audited, names_of
from ff_vfx.errors import BadInput, TrustError
from ff_vfx.trust.audit import Entry, newest, verify
from ff_vfx.types.report import FrameEntry, Report

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _own(own_user: Path) -> None:
    """A log of each test's own."""


def entries(folder: Path | None = None) -> list[Entry]:
    return newest(folder or audit_folders()[0][0], 1000, lambda entry: True)


def test_an_act_is_one_entry_with_its_inputs_and_its_result():
    with audited("consent sign", record="a.ffconsent.json") as act:
        act.inputs(sha256="ab" * 32)
        act.result(key="0123456789abcdef")
    (entry,) = entries()
    assert (entry.verb, entry.state, entry.act) == ("consent sign", "ended", act.name)
    assert entry.inputs == {"record": "a.ffconsent.json", "sha256": "ab" * 32}
    assert entry.result == {"exit_code": 0, "outcome": "done", "key": "0123456789abcdef"}
    assert act.receipts == [f"{entry.log}:1:{entry.digest}"]


def test_what_takes_long_has_an_entry_at_its_beginning_under_the_same_name():
    with audited("render", plate="p") as act:
        act.begins(plate_key="k")
        begun = entries()
        assert [(entry.state, entry.inputs) for entry in begun] == [("begun", {"plate": "p", "plate_key": "k"})]
        frames = tuple(FrameEntry(n, outcome) for n, outcome in ((1, "rendered"), (2, "rendered"), (3, "failed")))
        report = act.ends(Report("render", frames, {"wall": 1500.0}))
        assert report.frames == frames and report.decisions == {}
    assert [entry.state for entry in entries()] == ["begun", "ended"]
    assert len({entry.act for entry in entries()}) == 1
    assert entries()[-1].result == {
        "exit_code": 0,
        "outcome": "done",
        "frames": {"rendered": 2, "failed": 1},
        "seconds": 1.5,
    }


@pytest.mark.parametrize(
    ("error", "code", "outcome"),
    [
        (BadInput("no such plate"), 2, "failed"),
        (ZeroDivisionError("bug"), 2, "failed"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (SystemExit(5), 5, "ended"),
    ],
)
def test_whatever_ends_an_act_is_written_down_and_goes_on_upwards(error: BaseException, code: int, outcome: str):
    with pytest.raises(type(error)), audited("publish"):
        raise error
    result = entries()[0].result
    assert (result["exit_code"], result["outcome"]) == (code, outcome)
    if code == 2:
        assert str(error) in str(result["faults"])


def test_a_failed_run_says_so():
    with audited("render") as act:
        act.ends(Report("render", faults=("no performer",)))
    assert entries()[0].result["outcome"] == "failed" and entries()[0].result["faults"] == ["no performer"]


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A log that cannot be written, also by root."""
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(audit_places, "state_folder", lambda: tmp_path / "file" / "state")
    return tmp_path


def test_where_the_log_cannot_be_written_the_run_goes_on_and_its_report_warns(unwritable: Path):
    with audited("render") as act:
        act.begins()
        report = act.ends(Report("render", decisions={"warnings": ["another"]}))
    told = report.decisions["warnings"]
    assert isinstance(told, list) and told[0] == "another" and len(told) == 2
    assert "'render' is not written down there" in told[1] and str(unwritable) in told[1]
    assert report.exit_code == 0


def test_without_a_report_the_warning_is_logged(unwritable: Path, caplog: pytest.LogCaptureFixture):
    with audited("consent new"):
        pass
    assert "'consent new' is not written down there" in caplog.text


def test_what_must_be_written_down_is_not_begun_otherwise(unwritable: Path):
    with pytest.raises(TrustError, match="must be written down"), audited("publish", must=True):
        raise AssertionError("it was begun")


def test_a_key_that_cannot_be_had_is_a_warning_too(monkeypatch: pytest.MonkeyPatch):
    def none() -> None:
        raise TrustError("no key")

    monkeypatch.setattr("ff_vfx.trust.signing.user_signer", none)
    with audited("render") as act:
        report = act.ends(Report("render"))
    assert "nothing was written down: no key" in str(report.decisions["warnings"])


def test_a_shows_log_is_beside_the_users_not_instead_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("FF_VFX_AUDIT", str(tmp_path / "show"))
    with audited("render") as act:
        pass
    assert len(act.receipts) == 2
    assert [entry.act for entry in entries()] == [entry.act for entry in entries(tmp_path / "show")] == [act.name]
    monkeypatch.setenv("FF_VFX_AUDIT", "relative/folder")
    with audited("render") as act:
        report = act.ends(Report("render"))
    assert "is no absolute path" in str(report.decisions["warnings"]) and len(entries()) == 2


def test_the_sites_log_wins_over_the_users_and_no_variable_moves_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.json").write_text(json.dumps({"audit": {"folder": str(tmp_path / "log")}}))
    monkeypatch.setattr(audit_places, "site_folder", lambda: tmp_path / "site")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("FF_VFX_AUDIT", str(tmp_path / "show"))
    assert audit_folders() == ([tmp_path / "log", tmp_path / "show"], "")
    with audited("render"):
        pass
    assert len(entries(tmp_path / "log")) == 1 and not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"audit": 3}', '{"audit": {"folder": "relative"}}', "[" * 60000])
def test_a_site_file_that_cannot_be_followed_is_said_and_the_users_log_is_used(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "site.json").write_text(text)
    monkeypatch.setattr(audit_places, "site_folder", lambda: tmp_path)
    folders, fault = audit_folders()
    assert len(folders) == 1
    assert str(tmp_path / "site.json") in fault
    with audited("render") as act:
        report = act.ends(Report("render"))
    assert "site.json" in str(report.decisions["warnings"]) and len(entries(folders[0])) == 1


def test_no_setting_and_no_job_can_name_or_end_the_log():
    fields = json.dumps(door.settings_schema()) + str(door.make_job({"plate": "p"}).model_dump())
    assert "audit" not in fields.lower()
    assert [name for name in vars(auditing) if "disable" in name.lower() or "off" in name.lower()] == []


def test_a_jobs_names_are_in_its_entry():
    job = door.make_job(
        {"plate": "p.####.exr", "performer": "eve", "output": "o.####.exr", "project": "show", "use": "trailer"}
    )
    assert names_of(job) == {
        "plate": "p.####.exr", "performer": "eve", "output": "o.####.exr", "project": "show", "use": "trailer",
    }  # fmt: skip


def test_runs_that_cannot_start_are_written_down():
    assert door.track(door.make_job({"plate": "none.####.exr", "solve": "s.json"})).exit_code == 2
    assert (
        door.render(door.make_job({"plate": "none.####.exr", "performer": "eve", "output": "o.####.exr"})).exit_code
        == 2
    )
    assert [(entry.verb, entry.result["exit_code"]) for entry in entries()] == [("track", 2), ("render", 2)]


def test_a_run_ended_by_sigterm_has_its_entry(tmp_path: Path):
    """As the command line has it: SIGTERM is Ctrl-C."""
    code = (
        "import signal, sys, time\n"
        "from ff_vfx.apps.cli import entry\n"
        "signal.signal(signal.SIGTERM, entry._terminate)\n"
        "from ff_vfx.door.auditing import audited\n"
        "with audited('render', plate='p') as act:\n"
        "    act.begins()\n"
        "    print('begun', flush=True)\n"
        "    time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None and child.stdout.readline() == b"begun\n"
    child.send_signal(signal.SIGTERM)
    child.wait(20)
    child.stdout.close()
    assert [entry.result.get("outcome") for entry in entries()] == [None, "interrupted"]


def test_a_killed_run_is_seen_by_the_entry_it_began_with():
    code = (
        "import os\nfrom ff_vfx.door.auditing import audited\n"
        "with audited('render', plate='p') as act:\n    act.begins()\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert [entry.state for entry in entries()] == ["begun"] and verify(audit_folders()[0][0]).sound


def test_writing_down_is_quick():
    start = time.perf_counter()
    for _ in range(20):
        with audited("render"):
            pass
    assert (time.perf_counter() - start) / 20 < 0.5, "a run must not notice it"


def test_verifying_and_labelling_are_written_down_even_where_nothing_is_there(tmp_path: Path):
    for act in (door.verify, lambda path: door.label([path])):
        with pytest.raises(BadInput):
            act(str(tmp_path / "none.png"))
    (tmp_path / "a.ffmanifest.json").write_text("{}")
    assert door.verify(str(tmp_path / "a.ffmanifest.json")).exit_code == 4
    found = [(entry.verb, entry.result["exit_code"], entry.result["outcome"]) for entry in entries()]
    assert found == [("verify", 2, "failed"), ("label", 2, "failed"), ("verify", 4, "not intact")]


def test_anonymising_is_written_down():
    job = door.make_anonymise_job({"plate": "none.####.exr", "output": "o.####.exr"})
    assert door.anonymise(job).exit_code == 2
    assert [(entry.verb, entry.state) for entry in entries()] == [("anonymise", "begun"), ("anonymise", "ended")]


def test_a_log_that_was_taken_away_with_its_folder_is_missed(own_user: Path):
    with audited("render"):
        pass
    shutil.rmtree(audit_folders()[0][0])
    (verdict,) = door.audit_verify()
    assert not verdict["sound"] and "this user knows 1 entries" in str(verdict["wrong"])
