"""Whose signatures are believed: by folder and role, the package's for invented people alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ff_vfx.errors import TrustError
from ff_vfx.trust import keyring as module
from ff_vfx.trust.keyring import LABEL, RIGHTS, load_keyring, read_key, trust_key, user_keys
from ff_vfx.trust.signed_text import write_signed
from ff_vfx.trust.signing import Signer, key_content, new_signer, signed, user_signer


@pytest.fixture
def key(tmp_path: Path) -> tuple[Signer, Path]:
    signer = new_signer(tmp_path / "ada.key", "Ada")
    write_signed(tmp_path / "ada.ffkey.json", key_content(signer))
    return signer, tmp_path / "ada.ffkey.json"


def test_a_new_user_believes_the_packages_key_alone_and_for_invented_people_only(own_user: Path):
    (one,) = load_keyring().keys
    assert (one.place, one.role) == ("package", RIGHTS)
    assert one.vouches_for("synthetic") and one.vouches_for("public-domain") and not one.vouches_for("performer")


def test_a_key_is_believed_in_the_role_it_was_trusted_for(own_user: Path, key: tuple[Signer, Path]):
    signer, path = key
    trust_key(path, LABEL)
    ring = load_keyring()
    assert ring.find(signer.public, LABEL) and not ring.find(signer.public, RIGHTS) and ring.knows(signer.public)
    found, place = trust_key(path, RIGHTS)
    trusted = load_keyring().find(signer.public, RIGHTS)
    assert trusted and trusted.place == "user" and trusted.vouches_for("performer") and found.name == "Ada"
    place.unlink()
    assert not load_keyring().find(signer.public, RIGHTS)
    with pytest.raises(TrustError, match="role 'king'"):
        trust_key(path, "king")


def test_where_the_site_decides_who_grants_a_users_own_keys_do_not_count(own_user, key, tmp_path, monkeypatch):
    signer, path = key
    trust_key(path, RIGHTS)
    trust_key(path, LABEL)
    site = tmp_path / "site"
    monkeypatch.setattr(module, "site_folder", lambda: site)
    assert load_keyring().find(signer.public, RIGHTS), "a site without keys has decided nothing"
    other = new_signer(tmp_path / "studio.key", "Studio")
    write_signed(site / "trust" / "keys" / "rights" / "s.ffkey.json", key_content(other))
    ring = load_keyring()
    assert ring.find(other.public, RIGHTS) and not ring.find(signer.public, RIGHTS)
    assert ring.find(signer.public, LABEL), "labels are the user's own affair"


def test_a_key_file_that_was_altered_is_not_believed_and_said_so(own_user: Path, key: tuple[Signer, Path]):
    signer, path = key
    _, place = trust_key(path, RIGHTS)
    place.write_text(place.read_text().replace("Ada", "Eva"))
    ring = load_keyring()
    assert not ring.find(signer.public, RIGHTS) and any(str(place) in fault for fault in ring.faults)
    with pytest.raises(TrustError, match="altered or forged"):
        read_key(place)


def test_a_key_that_another_one_vouches_for_is_no_key(tmp_path: Path, key: tuple[Signer, Path]):
    signer, _ = key
    eve = new_signer(tmp_path / "eve.key", "Eve")
    content = {name: value for name, value in key_content(signer).items() if name != "signatures"}
    write_signed(tmp_path / "forged.ffkey.json", signed(content, eve))
    with pytest.raises(TrustError, match="signed by itself"):
        read_key(tmp_path / "forged.ffkey.json")


def test_a_users_own_key_may_sign_labels_and_grant_nothing(own_user: Path):
    own = user_signer()
    ring = load_keyring()
    assert ring.find(own.public, LABEL) and not ring.find(own.public, RIGHTS)
    assert user_keys().is_relative_to(own_user)
