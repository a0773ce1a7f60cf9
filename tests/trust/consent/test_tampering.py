"""Random damage to records, notices and keys: never taken for something else, never a crash."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from ff_vfx.trust.consent import Facts, decide, file_sha256, gather, revoke_record
from ff_vfx.trust.keyring import load_keyring, user_keys
from ff_vfx.types.clearance import Clearance
from tests.consented import RightsManager, rights_manager

TODAY = date(2026, 11, 21)


@pytest.fixture
def scene(own_user: Path, tmp_path: Path) -> tuple[RightsManager, Path, Facts]:
    """A performer whose one record clears him for one film."""
    manager = rights_manager(tmp_path / "rights")
    still = tmp_path / "still.png"
    still.write_bytes(b"a picture")
    record = manager.clear([still], scope={"projects": ["FILM"], "shots": ["*"], "uses": ["*"], "territories": ["*"]})
    return manager, record, Facts("jo", (("still.png", file_sha256(still)),), project="FILM")


def now(facts: Facts) -> Clearance:
    return decide(facts, gather("", []), load_keyring(), TODAY)


def damaged(text: bytes, dice: random.Random) -> bytes:
    """One bit turned, or a line taken out, doubled, swapped with another, or changed."""
    if dice.random() < 0.5:
        flipped = bytearray(text)
        flipped[dice.randrange(len(text))] ^= 1 << dice.randrange(8)
        return bytes(flipped)
    lines = text.splitlines(keepends=True)
    at = dice.randrange(len(lines))
    way = dice.choice(("drop", "double", "swap", "change", "cut"))
    if way == "drop":
        return b"".join(lines[:at] + lines[at + 1 :])
    if way == "double":
        return b"".join([*lines[: at + 1], *lines[at:]])
    if way == "swap":
        other = dice.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
        return b"".join(lines)
    if way == "change":
        lines[at] = lines[at].replace(b"0", b"9").replace(b"e", b"f").replace(b"F", b"*")
        return b"".join(lines)
    return text[: dice.randrange(len(text))]


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_record_clears_nobody(scene: tuple[RightsManager, Path, Facts], seed: int):
    _, record, facts = scene
    text, dice, changed = record.read_bytes(), random.Random(seed), 0
    assert now(facts).cleared
    for _ in range(100):
        other = damaged(text, dice)
        if other == text:
            continue
        changed += 1
        record.write_bytes(other)
        found = now(facts)
        assert not found.cleared and found.why_not, other
    assert changed > 80
    record.write_bytes(text)
    assert now(facts).cleared, "a clean one is not accused"


def test_a_damaged_notice_does_not_give_the_consent_back(scene: tuple[RightsManager, Path, Facts]):
    manager, record, facts = scene
    notice = revoke_record(record, manager.signer, TODAY, "he asked", record.parent)
    text, dice = notice.read_bytes(), random.Random(7)
    for _ in range(150):
        notice.write_bytes(damaged(text, dice))
        assert not now(facts).cleared, notice.read_bytes()


def test_a_damaged_key_is_believed_for_nothing(scene: tuple[RightsManager, Path, Facts]):
    manager, _, facts = scene
    (path,) = (user_keys() / "rights").iterdir()
    text, dice = path.read_bytes(), random.Random(8)
    for _ in range(150):
        other = damaged(text, dice)
        path.write_bytes(other)
        assert now(facts).cleared == (other == text)
        assert load_keyring().knows(manager.signer.public) == (other == text)
