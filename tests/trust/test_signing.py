"""Signatures: over all of a content and of who signed, by keys that nobody else can read."""

from __future__ import annotations

import os
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import canonical, draft_of, parsed, read_signed, write_signed, written
from ff_vfx.trust.signing import (
    Signer,
    load_signer,
    new_signer,
    own_key,
    signatures_of,
    signed,
    user_signer,
    valid_signature,
)

CONTENT = {"subject": "Jo Éxample", "count": 3, "part": 0.25, "list": [1, "two", None, True], "inner": {"b": 1, "a": 2}}


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return new_signer(tmp_path / "a.key", "Ada")


def test_one_content_has_one_text_whatever_order_it_was_made_in():
    turned = dict(reversed(list(CONTENT.items())))
    assert canonical(CONTENT) == canonical(turned) and written(CONTENT) == written(turned)
    assert canonical({"b": 1, "a": "é"}) == b'{"a":"\xc3\xa9","b":1}'


@pytest.mark.parametrize(
    "data",
    [{"a": float("nan")}, {"a": float("inf")}, {1: "a"}, {"a": {2: 1}}, {"a": b"x"}, {"a": "\ud800"}, {"a": {1, 2}}],
)
def test_what_has_no_one_text_cannot_be_signed(data: object):
    with pytest.raises(TrustError):
        canonical(data)


def test_what_is_nested_without_end_is_refused_and_not_followed(tmp_path: Path):
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    for read in (lambda: canonical({"a": deep}), lambda: parsed(b'{"a":' + b"[" * 100_000, "x")):
        with pytest.raises(TrustError):
            read()
    with pytest.raises(TrustError, match="larger than"):
        (tmp_path / "big").write_bytes(b" " * 2000)
        read_signed(tmp_path / "big", 1000)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"count": 3', '"count": 3e0'),
        lambda text: text.replace('"count": 3', '"count": +3'),
        lambda text: text.replace('"count": 3', '"count":  3'),
        lambda text: text.replace('"count": 3,', '"count": 3,\n  "count": 3,'),
        lambda text: text.replace('"part": 0.25', '"part": 0.250'),
        lambda text: text.replace("É", "\\u00c9"),
        lambda text: text + "\n",
        lambda text: text + "{}",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text[:-3],
        lambda text: text.replace("0.25", "NaN"),
        lambda text: "[" + text + "]",
    ],
)
def test_a_file_is_refused_unless_it_is_the_one_text_of_its_content(change):
    text = written(CONTENT).decode()
    assert parsed(text.encode(), "x") == CONTENT
    assert change(text) != text
    with pytest.raises(TrustError, match="x: "):
        parsed(change(text).encode(), "x")


def test_a_draft_may_be_laid_out_anyhow_but_not_say_a_thing_twice():
    assert draft_of(b' {"a" : 1.0 }', "x") == {"a": 1.0}
    with pytest.raises(TrustError, match="twice"):
        draft_of(b'{"a": 1, "a": 2}', "x")


def test_a_signature_says_who_and_several_may_sign(signer: Signer, tmp_path: Path):
    other = new_signer(tmp_path / "b.key", "Bo", "secret")
    both = signed(signed(CONTENT, signer), other)
    assert [(one.name, one.public) for one in signatures_of(both)] == [("Ada", signer.public), ("Bo", other.public)]
    assert signatures_of(CONTENT) == () and "signatures" not in CONTENT
    with pytest.raises(TrustError, match="signed this already"):
        signed(both, signer)
    assert len(signer.fingerprint) == 16 and signer.fingerprint == signatures_of(both)[0].key


@pytest.mark.parametrize("field", ["subject", "count", "part", "inner"])
def test_another_content_or_another_name_is_not_what_was_signed(signer: Signer, field: str):
    done = signed(CONTENT, signer)
    with pytest.raises(TrustError, match="altered or forged"):
        signatures_of({**done, field: "other"})
    with pytest.raises(TrustError, match="altered or forged"):
        signatures_of({**done, "more": 1})
    (entry,) = cast(list[dict[str, str]], done["signatures"])
    with pytest.raises(TrustError, match="altered or forged"):
        signatures_of({**done, "signatures": [{**entry, "name": "Eve"}]})


def test_signatures_that_are_none_are_refused(signer: Signer):
    done = signed(CONTENT, signer)
    (entry,) = cast(list[dict[str, str]], done["signatures"])
    upper = {**entry, "signature": entry["signature"].upper()}
    for wrong in ([], {}, "x", [1], [{}], [upper], [{**entry, "key": "0" * 16}], [entry, entry], [entry] * 40):
        with pytest.raises(TrustError):
            signatures_of({**done, "signatures": wrong})
    assert not valid_signature("zz", "", b"") and not valid_signature("0" * 64, "0" * 128, b"")


def test_no_single_bit_of_a_signed_file_can_be_another(signer: Signer, tmp_path: Path):
    write_signed(tmp_path / "a.json", signed(CONTENT, signer))
    text, dice = (tmp_path / "a.json").read_bytes(), random.Random(6)
    for _ in range(400):
        flipped = bytearray(text)
        flipped[dice.randrange(len(text))] ^= 1 << dice.randrange(8)
        try:
            assert signatures_of(parsed(bytes(flipped), "x")) == (), "whose list has another name nobody signed"
        except TrustError:
            pass


def test_a_private_key_is_its_owners_alone_and_survives_the_way_to_disk(tmp_path: Path):
    path = tmp_path / "keys" / "own.key"
    made = new_signer(path, "Ada Ríghts", "secret")
    assert load_signer(path, "secret").public == made.public and load_signer(path, "secret").name == "Ada Ríghts"
    for wrong in ("", "other"):
        with pytest.raises(TrustError, match="passphrase"):
            load_signer(path, wrong)
    with pytest.raises(TrustError, match="is there already"):
        new_signer(path, "Eve")
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0
        os.chmod(path, 0o644)
        with pytest.raises(TrustError, match="others may read it"):
            load_signer(path, "secret")


@pytest.mark.parametrize("content", [b"", b"name: x\n", b"name: x\n-----BEGIN", b"\0" * 50_000, b"name: \xff\n"])
def test_what_is_no_key_is_said_to_be_none(tmp_path: Path, content: bytes):
    path = tmp_path / "x.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(TrustError, match=r"x\.key"):
        load_signer(path)
    with pytest.raises(TrustError, match="consent keygen"):
        load_signer(tmp_path / "none.key")


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 121, "\x1b[31m"])
def test_a_key_has_a_name_that_can_be_printed(tmp_path: Path, name: str):
    with pytest.raises(TrustError, match="key name"):
        new_signer(tmp_path / "x.key", name)


def test_a_users_own_key_is_made_once_however_many_ask_at_once(own_user: Path):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: user_signer().public, range(8)))
    assert len(found) == 1 and own_key().is_relative_to(own_user)
