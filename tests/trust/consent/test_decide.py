"""Whether a record covers a job: every reason why not has its own words."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust.consent import (
    Facts,
    decide,
    file_sha256,
    gather,
    new_record,
    revoke_record,
    sign_record,
    state_of_places,
    user_records,
)
from ff_vfx.trust.keyring import LABEL, load_keyring, trust_key
from ff_vfx.trust.signed_text import read_signed, write_signed, written
from ff_vfx.trust.signing import key_content, new_signer, signed
from ff_vfx.types.clearance import Clearance
from tests.consented import FIELDS, RightsManager, rights_manager

TODAY = date(2026, 11, 21)
SCOPE = {"projects": ["FILM A"], "shots": ["sh010*", "sh020"], "uses": ["theatrical", "test"], "territories": ["EU"]}
JOB = {"project": "film a", "shot": "SH0105", "use": "test", "territory": "EU"}


@pytest.fixture
def manager(own_user: Path, tmp_path: Path) -> RightsManager:
    return rights_manager(tmp_path / "rights")


@pytest.fixture
def stills(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "jo"
    folder.mkdir()
    for number in range(3):
        (folder / f"still_{number}.png").write_bytes(f"picture {number}".encode())
    return sorted(folder.iterdir())


def asked(stills: list[Path], **changes: str) -> Facts:
    return replace(Facts("jo", tuple((one.name, file_sha256(one)) for one in stills), **JOB), **changes)  # type: ignore[arg-type]


def decided(facts: Facts, *places: Path, today: date = TODAY, named: str = "") -> Clearance:
    return decide(facts, gather(named, places), load_keyring(), today)


def test_a_signed_record_in_scope_clears_wherever_it_lies(manager: RightsManager, stills: list[Path], tmp_path: Path):
    record = manager.clear(stills, scope=SCOPE)
    found = decided(asked(stills))
    assert found.cleared and not found.why_not and found.performer == "Jo Example" and found.kind == "performer"
    assert found.key == manager.signer.fingerprint and found.signer == manager.signer.name
    assert found.sha256 == file_sha256(record) and found.record == read_signed(record)
    assert "no training" not in found.restrictions and "projects: FILM A only" in found.restrictions
    beside = stills[0].parent / "jo.ffconsent.json"
    shutil.move(record, beside)
    assert not decided(asked(stills)).cleared and decided(asked(stills), beside.parent).cleared
    moved = tmp_path / "elsewhere.json"
    shutil.move(beside, moved)
    assert decided(asked(stills), named=str(moved)).cleared
    with pytest.raises(TrustError, match="no such file or folder"):
        decided(asked(stills), named=str(beside))


def test_nothing_on_file_says_what_to_do(own_user: Path, stills: list[Path]):
    found = decided(asked(stills))
    assert not found.cleared and found.why_not == "no consent on file for jo" and "consent new" in found.remedy


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"project": "FILM B"}, "is for project FILM A; project 'FILM B' is not among them"),
        ({"project": ""}, "is for project FILM A; the job names no project"),
        ({"shot": "sh0200"}, "shot 'sh0200' is not among them"),
        ({"use": "trailer"}, "use 'trailer' is not among them"),
        ({"use": "test, trailer"}, "use 'trailer' is not among them"),
        ({"territory": "US"}, "territory 'US' is not among them"),
        ({"territory": "worldwide"}, "territory 'worldwide' is not among them"),
    ],
)
def test_what_is_out_of_scope_is_named(manager: RightsManager, stills: list[Path], changes, reason: str):
    manager.clear(stills, scope=SCOPE)
    assert decided(asked(stills)).cleared
    found = decided(asked(stills, **changes))
    assert not found.cleared and reason in found.why_not


def test_everything_is_covered_where_a_record_says_so_even_what_a_job_does_not_name(manager, stills):
    manager.clear(stills)
    assert decided(asked(stills, project="", shot="", use="", territory="")).cleared


def test_the_days_of_a_record_are_kept_to_the_day(manager: RightsManager, stills: list[Path]):
    manager.clear(stills, valid_from="2026-11-01", valid_until="2026-12-31")
    days = {date(2026, 10, 31): "holds from 2026-11-01", date(2027, 1, 1): "expired on 2026-12-31"}
    for today, reason in days.items():
        found = decided(asked(stills), today=today)
        assert not found.cleared and reason in found.why_not and str(today) in found.why_not
    assert all(decided(asked(stills), today=day).cleared for day in (date(2026, 11, 1), date(2026, 12, 31)))


def test_every_still_must_be_listed(manager: RightsManager, stills: list[Path]):
    manager.clear(stills[:2])
    assert decided(asked(stills[:2])).cleared
    found = decided(asked(stills))
    assert not found.cleared and "does not list still_2.png" in found.why_not
    stills[0].write_bytes(b"somebody else")
    assert "does not list still_0.png" in decided(asked(stills[:2])).why_not


def test_who_did_not_sign_or_is_not_known_or_has_not_the_role_clears_nobody(manager, stills, tmp_path):
    folder = stills[0].parent
    draft = new_record(FIELDS, stills, [])
    path = folder / "jo.ffconsent.json"
    write_signed(path, draft)
    assert "is not signed" in decided(asked(stills), folder).why_not
    stranger = rights_manager(tmp_path / "stranger", trusted=False, name="Eve")
    write_signed(path, signed(draft, stranger.signer))
    assert "Eve" in (found := decided(asked(stills), folder)).why_not and "key is not known here" in found.why_not
    write_signed(tmp_path / "eve.ffkey.json", key_content(stranger.signer))
    trust_key(tmp_path / "eve.ffkey.json", LABEL)
    assert "key is not one for rights" in decided(asked(stills), folder).why_not
    write_signed(path, signed(signed(draft, stranger.signer), manager.signer))
    assert decided(asked(stills), folder).cleared, "one who may is enough"


def test_a_record_that_was_altered_or_whose_signature_is_anothers_is_forged(manager, stills):
    path = manager.clear(stills)
    folder = stills[0].parent
    good = read_signed(path)
    path.unlink()
    target = folder / "jo.ffconsent.json"
    write_signed(target, {**good, "subject": "Somebody Else"})
    assert "altered or forged" in decided(asked(stills), folder).why_not
    target.write_bytes(written(good).replace(b'"kind": "performer"', b'"kind":  "performer"', 1))
    found = decided(asked(stills), folder)
    assert not found.cleared and "edited or saved by another program" in found.why_not
    target.write_bytes(written(good)[:-40])
    assert "torn or was edited" in decided(asked(stills), folder).why_not


def test_the_examples_key_cannot_speak_for_a_performer(own_user: Path, stills: list[Path], monkeypatch, tmp_path):
    examples = new_signer(tmp_path / "x.key", "examples")
    write_signed(tmp_path / "rights" / "x.ffkey.json", key_content(examples))
    monkeypatch.setattr("ff_vfx.trust.keyring._PACKAGE_KEYS", tmp_path)
    for kind, cleared in (("synthetic", True), ("public-domain", True), ("performer", False)):
        data = new_record({**FIELDS, "kind": kind}, stills, [])
        write_signed(stills[0].parent / "jo.ffconsent.json", signed(data, examples))
        found = decided(asked(stills), stills[0].parent)
        assert found.cleared == cleared, kind
        assert cleared or "speaks for invented people alone" in found.why_not


def test_a_model_is_cleared_by_its_manifest_or_its_file_where_training_was_allowed(manager, tmp_path):
    file = tmp_path / "jo.json"
    file.write_text("{}")
    by_manifest = Facts("jo", models=(("jo.json", file_sha256(file)), ("jo.onnx", "1" * 64)))
    assert "no consent on file" in decided(by_manifest).why_not
    record = manager.clear(models=[file], training={"allowed": False, "scope": ""})
    assert "allows no training" in decided(by_manifest).why_not
    record.unlink()
    manager.clear(models=[file])
    assert decided(by_manifest).cleared
    assert not decided(Facts("jo", stills=(("jo.json", file_sha256(file)),))).cleared, "a model is no still"


def test_of_several_records_any_that_covers_the_job_is_enough_and_else_the_nearest_speaks(manager, stills):
    manager.clear(stills, valid_until="2021-01-01")
    other = manager.clear(stills[:1], scope=SCOPE)
    assert "expired" in decided(asked(stills)).why_not
    other.unlink()
    manager.clear(stills)
    assert decided(asked(stills)).cleared


def revoked(manager: RightsManager, record: Path, folder: Path, on: date = TODAY) -> Path:
    return revoke_record(record, manager.signer, on, "he asked", folder)


def test_a_notice_beats_every_copy_of_the_record_wherever_the_notice_is_found(manager, stills, tmp_path):
    record = manager.clear(stills)
    copy = stills[0].parent / "copy.ffconsent.json"
    shutil.copy(record, copy)
    places = (user_records(), stills[0].parent, stills[0].parent / "revocations", user_records() / "revocations")
    for place in places:
        notice = revoked(manager, record, place)
        found = decided(asked(stills), copy.parent)
        assert not found.cleared and "was revoked on 2026-11-21" in found.why_not and "he asked" in found.why_not
        notice.unlink()
        assert decided(asked(stills), copy.parent).cleared
    fresh = manager.clear(stills)
    revoked(manager, record, user_records())
    assert decided(asked(stills)).cleared and decided(asked(stills)).record_id == read_signed(fresh)["id"]


def test_a_revocation_holds_from_its_day_on(manager: RightsManager, stills: list[Path]):
    record = manager.clear(stills)
    revoked(manager, record, user_records(), date(2026, 12, 1))
    assert decided(asked(stills)).cleared and not decided(asked(stills), today=date(2026, 12, 1)).cleared
    with pytest.raises(TrustError, match="is there already"):
        revoked(manager, record, user_records())


def test_in_doubt_a_notice_stops_the_record(manager: RightsManager, stills: list[Path], tmp_path: Path):
    record = manager.clear(stills)
    notice = revoked(manager, record, user_records(), date(2030, 1, 1))
    good = read_signed(notice)
    assert decided(asked(stills)).cleared, "not yet"
    write_signed(notice, {**good, "revoked_on": "2031-01-01"})
    assert "revocation notice cannot be read" in (found := decided(asked(stills))).why_not
    assert "altered or forged" in found.why_not and str(notice) in found.why_not
    write_signed(notice, {name: value for name, value in good.items() if name != "signatures"})
    assert "which nobody known here has signed" in decided(asked(stills)).why_not
    notice.write_bytes(b"{")
    assert "revocation notice cannot be read" in decided(asked(stills)).why_not


def test_a_record_may_say_itself_that_it_was_withdrawn(manager: RightsManager, stills: list[Path]):
    manager.clear(stills, revocation={"terms": "", "revoked_on": "2026-11-20", "reason": ""})
    assert "was revoked on 2026-11-20" in decided(asked(stills)).why_not
    assert decided(asked(stills), today=date(2026, 11, 19)).cleared


def test_a_draft_may_be_edited_by_hand_until_it_is_signed(manager: RightsManager, stills: list[Path]):
    path = stills[0].parent / "jo.ffconsent.json"
    path.write_bytes(canonical_of(new_record(FIELDS, stills, [])).replace(b"Jo Example", b"Jo Example Jr."))
    sign_record(path, manager.signer)
    assert decided(asked(stills), path.parent).performer == "Jo Example Jr."
    path.write_bytes(path.read_bytes().replace(b"Jr.", b"Sr."))
    with pytest.raises(TrustError, match="altered or forged"):
        sign_record(path, new_signer(path.parent / "b.key", "Bo"))


def canonical_of(data: dict[str, object]) -> bytes:
    import json

    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "celebrity"),
        ("subject", ""),
        ("subject", "a\nb"),
        ("valid_from", "tomorrow"),
        ("valid_until", "2019-01-01"),
        ("scope", {"projects": [], "shots": ["*"], "uses": ["*"], "territories": ["*"]}),
        ("sensitive_allowed", ["anything"]),
        ("grantor", {"name": "x", "authority": "me"}),
        ("authority", {"grantor": {"name": "x", "authority": "none-needed"}}),
        ("colour", "red"),
    ],
)
def test_a_field_that_is_wrong_is_named(stills: list[Path], field: str, value: object):
    with pytest.raises(TrustError, match=field if field != "valid_until" else "valid_from"):
        new_record({**FIELDS, **(value if field == "authority" else {field: value})}, stills, [])  # type: ignore[dict-item]


def test_a_folder_of_hostile_files_clears_nobody_and_breaks_nothing(own_user: Path, stills: list[Path]):
    folder = stills[0].parent
    hostile = [
        b"",
        b"\xff" * 100,
        b"[" * 200_000,
        b'{"id": 1e999}',
        b" " * (1 << 21),
        b'{"schema": "ff-vfx consent 1"}',
    ]
    for number, content in enumerate(hostile):
        (folder / f"{number}.ffconsent.json").write_bytes(content)
    (folder / "x.ffconsent.json").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "y.ffconsent.json")
    found = decided(asked(stills), folder)
    assert not found.cleared and "no consent on file for jo" in found.why_not and ".ffconsent.json" in found.why_not


def test_what_is_on_file_has_another_state_when_a_record_or_a_key_comes_or_goes(manager, stills, tmp_path):
    states = [state_of_places("", [stills[0].parent])]
    record = manager.clear(stills)
    states.append(state_of_places("", [stills[0].parent]))
    notice = revoked(manager, record, stills[0].parent / "revocations")
    states.append(state_of_places("", [stills[0].parent]))
    notice.unlink()
    assert state_of_places("", [stills[0].parent]) == states[1] and len(set(states)) == 3
    rights_manager(tmp_path / "other")
    assert state_of_places("", [stills[0].parent]) != states[1]
