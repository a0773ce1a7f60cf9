"""The runtime folder and the secret: this user's alone, or refused."""

from __future__ import annotations

import os
import stat

import pytest

from ff_vfx.apps.worker import place
from ff_vfx.apps.worker.place import Endpoint, PlaceRefused


@pytest.fixture
def where(runtime):
    found = place.place_of()
    place.make_private(found.folder)
    return found


def test_the_folder_is_the_first_that_is_set(monkeypatch):
    monkeypatch.setenv("FF_VFX_RUNTIME", "/a")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/b")
    monkeypatch.setenv("TMPDIR", "/c")
    assert str(place.runtime_folder()) == "/a"
    monkeypatch.delenv("FF_VFX_RUNTIME")
    assert str(place.runtime_folder()) == "/b/ff-vfx"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert str(place.runtime_folder()) == f"/c/ff-vfx-{os.getuid()}"


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", "a" * 33, "a b"])
def test_a_name_that_could_lead_elsewhere_is_refused(name, runtime):
    with pytest.raises(PlaceRefused, match="worker name"):
        place.place_of(name)


def test_a_folder_that_others_may_enter_is_refused(where):
    os.chmod(where.folder, 0o750)
    with pytest.raises(PlaceRefused, match="chmod 700"):
        place.make_private(where.folder)


def test_a_folder_that_is_a_link_is_refused(where, tmp_path, monkeypatch):
    os.symlink(where.folder, tmp_path / "link")
    monkeypatch.setenv("FF_VFX_RUNTIME", str(tmp_path / "link"))
    with pytest.raises(PlaceRefused, match="a link"):
        place.make_private(place.place_of().folder)


def test_the_secret_is_made_once_and_for_this_user_alone(where):
    first = place.make_secret(where)
    assert len(first) == 32 and place.make_secret(where) == first == place.read_secret(where)
    assert stat.S_IMODE(where.secret.stat().st_mode) == 0o600
    assert sorted(path.name for path in where.folder.iterdir()) == ["secret"]


@pytest.mark.parametrize("text", ["", "abc", "z" * 64, "A" * 64, "a" * 64 + "\n\n"])
def test_a_damaged_secret_is_refused(where, text):
    place.write_private(where.secret, text)
    with pytest.raises(PlaceRefused, match="is no secret; remove it"):
        place.read_secret(where)


def test_a_secret_that_others_can_read_is_refused(where):
    place.make_secret(where)
    os.chmod(where.secret, 0o644)
    with pytest.raises(PlaceRefused, match="others can read it"):
        place.read_secret(where)


def test_an_endpoint_comes_back_as_it_was_written(where):
    assert place.read_endpoint(where) is None
    for endpoint in (Endpoint("unix", 12, "/a b/main.sock"), Endpoint("tcp", 3, "127.0.0.1 4711")):
        place.write_endpoint(where, endpoint)
        assert place.read_endpoint(where) == endpoint
    assert where.endpoint.read_text() == "tcp 3 127.0.0.1 4711\n"


@pytest.mark.parametrize("text", ["", "unix", "pipe 1 x", "unix x /y", "\xff"])
def test_an_endpoint_that_says_nothing_is_none(where, text):
    where.endpoint.write_text(text)
    assert place.read_endpoint(where) is None
