"""`ff-vfx hosts`: built here, put into folders of a made-up user, checked, taken away without a trace."""

from __future__ import annotations

import plistlib
import shutil
import struct
import sys
from pathlib import Path

import pytest

from ff_vfx.apps import hosts
from ff_vfx.apps.cli.entry import run
from ff_vfx.apps.hosts import bundle as bundles
from ff_vfx.apps.hosts import installing
from ff_vfx.apps.hosts.places import Places
from ff_vfx.errors import BadInput, WriteRefused

LINUX = sys.platform == "linux"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not LINUX or not shutil.which("cc"):
        pytest.skip("needs Linux and a C compiler (cc)")
    return hosts.build(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(sys.platform, tmp_path, {"UID": "no-such-user"})


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_bundle_has_the_names_that_hosts_look_for(bundle):
    assert bundle.name == "FaceFuse.ofx.bundle"
    assert (bundle / "Contents" / bundles.own_folder() / "FaceFuse.ofx").is_file()
    told = plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())
    assert told["CFBundlePackageType"] == "BNDL" and told["CFBundleExecutable"] == "FaceFuse.ofx"
    assert sorted(path.name for path in bundle.parent.iterdir()) == ["FaceFuse.ofx.bundle"]


def test_a_second_build_replaces_the_first_and_a_broken_one_leaves_it(bundle, tmp_path):
    assert hosts.build(tmp_path) == hosts.build(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(BadInput, match="no C compiler 'no-such-cc'"):
        hosts.build(tmp_path, compiler="no-such-cc")
    with pytest.raises(BadInput, match="ended with 1"):
        hosts.build(tmp_path, compiler="false")
    assert tree(tmp_path) == before


def test_without_ziglang_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="pip install ziglang"):
        hosts.build(tmp_path, everywhere=True)


def test_what_is_installed_is_found_good_and_goes_without_a_trace(bundle, places, tmp_path):
    (tmp_path / ".nuke").mkdir()
    (tmp_path / ".nuke" / "init.py").write_text("import nuke\nnuke.tprint('mine')")
    before = tree(tmp_path)
    for _ in range(2):
        said = hosts.install(bundle, hosts.HOSTS, places)
    assert any("OFX_PLUGIN_PATH=" in line for line in said)
    start = (tmp_path / ".nuke" / "init.py").read_text()
    assert start.count(installing.LINE) == 1 and start.startswith("import nuke\nnuke.tprint('mine')\n")
    assert (tmp_path / ".nuke" / "ff-vfx" / "gizmos" / "FaceFuse.gizmo").is_file()
    found = {one.what: one for one in hosts.examine(hosts.HOSTS, places)}
    assert {name for name, one in found.items() if not one.good} <= {"OFX_PLUGIN_PATH", "Worker"}, found
    hosts.uninstall(hosts.HOSTS, places)
    before[".nuke/init.py"] += b"\n"
    assert tree(tmp_path) == before


def test_a_start_file_that_was_not_there_goes_again(bundle, places, tmp_path):
    hosts.install(bundle, ("nuke",), places)
    assert (tmp_path / ".nuke" / "init.py").is_file()
    hosts.uninstall(("nuke",), places)
    assert not (tmp_path / ".nuke" / "init.py").exists()


def test_the_doctor_says_what_is_wrong(bundle, places, tmp_path):
    found = {one.what: one for one in hosts.examine(hosts.HOSTS, places)}
    assert not found["OpenFX plugin"].good and not found["nuke"].good and not found["resolve"].good
    hosts.install(bundle, ("nuke",), places)
    library = places.plugins() / hosts.NAME / "Contents" / bundles.own_folder() / "FaceFuse.ofx"
    library.write_bytes(b"no library")
    (places.nuke() / "ff-vfx" / "menu.py").write_text("old")
    found = {one.what: one for one in hosts.examine(("nuke",), places)}
    assert "does not load" in found["OpenFX plugin"].text and "is absent or old" in found["nuke"].text


def test_what_others_put_is_neither_written_over_nor_removed(bundle, places):
    own = places.nuke() / "ff-vfx" / "menu.py"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    with pytest.raises(WriteRefused, match="was not put by ff-vfx"):
        hosts.install(bundle, ("nuke",), places)
    hosts.uninstall(("nuke",), places)
    assert own.read_text() == "mine"


def test_a_list_that_leads_elsewhere_removes_nothing_there(places, tmp_path):
    target = places.fusion()
    target.mkdir(parents=True)
    (tmp_path / "precious").write_text("x")
    (target / installing.LIST).write_text(f"../../../../precious\n{tmp_path}/precious\n")
    hosts.uninstall(("resolve",), places)
    assert (tmp_path / "precious").exists() and not (target / installing.LIST).exists()


def test_stale_caches_are_cleared(bundle, tmp_path):
    local = {"LOCALAPPDATA": str(tmp_path / "local"), "APPDATA": str(tmp_path / "roaming")}
    windows = Places("win32", tmp_path, local)
    caches = [
        tmp_path / "local/Temp/nuke/ofxplugincache/ofxplugincache_Nuke16.0-64.xml",
        tmp_path / "roaming/Blackmagic Design/DaVinci Resolve/Support/OFXPluginCacheV2.xml",
    ]
    for path in caches:
        path.parent.mkdir(parents=True)
        path.touch()
    said = hosts.install(bundle, (), windows)
    assert [path.exists() for path in caches] == [False, False] and sum(
        line.startswith("cleared ") for line in said
    ) == 2


BMD = "Blackmagic Design/DaVinci Resolve"


@pytest.mark.parametrize(
    "system, site, plugins, fusion",
    [
        ("linux", True, "/usr/OFX/Plugins", "/opt/resolve/Fusion"),
        ("linux", False, "/home/a/OFX/Plugins", "/home/a/.local/share/DaVinciResolve/Fusion"),
        ("darwin", True, "/Library/OFX/Plugins", f"/Library/Application Support/{BMD}/Fusion"),
        ("win32", True, "C:/Program Files/Common Files/OFX/Plugins", f"C:/ProgramData/{BMD}/Fusion"),
    ],
)  # fmt: skip
def test_each_system_has_its_folders(system, site, plugins, fusion):
    places = Places(system, Path("/home/a"), {}, site)
    assert (places.plugins().as_posix(), places.fusion().as_posix()) == (plugins, fusion)


def test_two_processors_are_joined_into_one_file():
    whole = bundles._joined({(0x01000007, 3): b"a" * 20000, (0x0100000C, 0): b"b" * 5})
    magic, count = struct.unpack_from(">II", whole)
    rows = [struct.unpack_from(">IIIII", whole, 8 + 20 * i) for i in range(count)]
    assert magic == 0xCAFEBABE and [whole[at : at + size] for _, _, at, size, _ in rows] == [b"a" * 20000, b"b" * 5]
    assert all(at % (1 << align) == 0 for _, _, at, _, align in rows)


def test_the_commands_speak_plainly(bundle, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["hosts", "doctor", "maya"]) == 2
    assert run(["hosts", "install", "--bundle", str(tmp_path / "none")]) == 2
    assert "ff-vfx hosts build" in capsys.readouterr().err
    assert run(["hosts", "install", "nuke", "--bundle", str(bundle)]) == 0
    assert run(["hosts", "doctor", "nuke"]) in (0, 1)
    assert run(["hosts", "uninstall"]) == 0 and not list(tmp_path.rglob("*.gizmo"))
