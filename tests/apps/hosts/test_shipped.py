"""What goes into hosts is in a checkout and in a wheel, and found in either."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ff_vfx.apps.hosts import installing, shipped
from ff_vfx.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("ofx_plugin", "nuke_plugin", "gizmos", "resolve_plugin")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    builder = pytest.importorskip("hatchling.builders.wheel", reason="wheels are built with hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(builder.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_a_wheel_holds_every_file_that_hosts_get_and_that_the_plugin_is_built_from(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path for host in installing.HOSTS for path in installing.sources(host).values()}
    wanted |= {path for path in (ROOT / "ofx_plugin").iterdir() if path.suffix in (".c", ".h")}
    held = {f"ff_vfx/apps/hosts/files/{path.relative_to(ROOT).as_posix()}" for path in wanted}
    assert held and held - inside == set()
    assert not [name for name in inside if "__pycache__" in name]


def test_an_installed_copy_comes_before_a_checkout_and_none_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", tmp_path / "files")
    assert all(shipped.shipped(name) == ROOT / name for name in FOLDERS)
    for name in FOLDERS:
        (tmp_path / "files" / name).mkdir(parents=True)
    assert all(shipped.shipped(name) == tmp_path / "files" / name for name in FOLDERS)
    monkeypatch.setattr(shipped, "CHECKOUT", tmp_path)
    (tmp_path / "fonts").mkdir()  # site-packages may hold a folder of any name
    with pytest.raises(BadInput, match="not in this installation"):
        shipped.shipped("fonts")
