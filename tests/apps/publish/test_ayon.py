"""The AYON add-on, against stand-ins for the few classes of AYON that it uses; AYON itself is not here."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ff_vfx import __version__
from ff_vfx.apps.publish.__main__ import main
from ff_vfx.apps.publish.ayon_package import write_package


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package, unpacked as AYON does."""
    with zipfile.ZipFile(write_package(tmp_path)) as archive:
        archive.extractall(tmp_path / "server_side")
        with zipfile.ZipFile(io.BytesIO(archive.read("private/client.zip"))) as client:
            client.extractall(tmp_path / "client_side")
    return tmp_path


def test_the_package_says_what_the_server_asks_and_is_of_this_version(package: Path):
    said: dict[str, Any] = {}
    exec((package / "server_side" / "package.py").read_text(), said)
    assert (said["name"], said["version"], said["client_dir"]) == ("ff_vfx", __version__, "ff_vfx_ayon")
    assert (package / "client_side" / said["client_dir"] / "__init__.py").is_file()


def test_the_same_files_give_the_same_package(tmp_path: Path):
    assert write_package(tmp_path / "a").read_bytes() == write_package(tmp_path / "b").read_bytes()


def test_the_addon_shows_a_folder_where_pyblish_finds_every_plugin(package: Path, monkeypatch: pytest.MonkeyPatch):
    import pyblish.api

    from ff_vfx import door

    stand_in = _module(
        "ayon_core.addon", AYONAddon=type("AYONAddon", (), {}), IPluginPaths=type("IPluginPaths", (), {})
    )
    monkeypatch.setitem(sys.modules, "ayon_core", _module("ayon_core"))
    monkeypatch.setitem(sys.modules, "ayon_core.addon", stand_in)
    file = package / "client_side" / "ff_vfx_ayon" / "__init__.py"
    module = _module("ff_vfx_ayon", __file__=str(file))
    exec(compile(file.read_text(), str(file), "exec"), module.__dict__)
    addon = module.FfVfxAddon()
    assert (addon.name, addon.version) == ("ff_vfx", __version__)
    (folder,) = addon.get_publish_plugin_paths("nuke")
    assert addon.get_plugin_paths() == {"publish": [folder]}
    found = {plugin.__name__ for plugin in pyblish.api.discover(paths=[folder])}
    assert {"CollectFfVfx", "ValidateFfVfx", "ExtractFfVfx"} < found
    assert len(found) == 3 + len(door.delivery_checks())


def test_the_server_part_has_settings_and_none_leaves_a_check_out(package: Path, monkeypatch: pytest.MonkeyPatch):
    model = type("BaseSettingsModel", (), {})
    settings = _module("ayon_server.settings", BaseSettingsModel=model, SettingsField=lambda default, **about: default)
    addons = _module("ayon_server.addons", BaseServerAddon=type("BaseServerAddon", (), {}))
    for name, stand_in in (("ayon_server.settings", settings), ("ayon_server.addons", addons)):
        monkeypatch.setitem(sys.modules, name, stand_in)
    monkeypatch.setitem(sys.modules, "ayon_server", _module("ayon_server"))
    said: dict[str, Any] = {"__name__": "server"}
    exec((package / "server_side" / "server" / "__init__.py").read_text(), said)
    assert set(said["FfVfxAddon"].settings_model.__annotations__) == {"command", "limits", "waivers"}


def test_the_command_says_where_the_plugins_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["plugins"]) == 0
    assert (Path(capsys.readouterr().out.strip()) / "validate_ff_vfx.py").is_file()
    assert main(["ayon", str(tmp_path)]) == 0 and main(["other"]) == 2


def _module(name: str, **members: object) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(members)
    return module
