"""A user's folders follow each system's convention; a studio's is nobody's to name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ff_vfx.types import user_folders

FOLDERS = ("cache", "data", "config", "state")


def of(name: str) -> Path:
    found: Path = getattr(user_folders, f"{name}_folder")()
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="paths of another system")
@pytest.mark.parametrize("name", FOLDERS)
def test_the_xdg_variables_count_where_they_name_a_whole_path(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv(f"XDG_{name.upper()}_HOME", f"/mine/{name}")
    assert of(name) == Path(f"/mine/{name}/ff-vfx")
    for given in ("", "relative/path"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", given)
        assert of(name).is_relative_to(Path.home()) and of(name).name == "ff-vfx"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_no_two_kinds_share_a_folder_that_is_thrown_away(monkeypatch: pytest.MonkeyPatch, platform: str):
    monkeypatch.setattr(sys, "platform", platform)
    found = {name: of(name) for name in FOLDERS}
    assert all("ff-vfx" in path.parts for path in found.values())
    assert found["cache"] not in (found["data"], found["config"], found["state"])


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_sites_folder_is_not_the_environments_to_name(monkeypatch: pytest.MonkeyPatch, platform: str):
    monkeypatch.setattr(sys, "platform", platform)
    before = user_folders.site_folder()
    for name in ("ProgramData", "PROGRAMDATA", "HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, "/elsewhere")
    assert user_folders.site_folder() == before
