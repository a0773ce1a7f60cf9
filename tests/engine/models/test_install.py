"""A network is taken in whole and right, or not at all; what the file cannot say has to be said."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ff_vfx.engine import list_models, open_model, read_manifest
from ff_vfx.engine.models.describe import About
from ff_vfx.engine.models.install import add_model
from ff_vfx.engine.models.manifest import sha256_of
from ff_vfx.errors import BadInput, ModelError
from tests.engine.onnx_made import made

pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
ABOUT = About("LicenseRef-Studio", "research", "trained by us", like="inswapper")
EMAP = {"emap": np.eye(512, dtype=np.float32)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A swapper's file, in a folder of its own."""
    (tmp_path / "from").mkdir()
    inputs: dict[str, Any] = {"target": ["n", 3, 16, 16], "source": ["n", 512]}
    return made(tmp_path / "from" / "our swapper.onnx", inputs, {"output": ["n", 3, 16, 16]}, weights=EMAP)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def test_what_the_file_says_and_what_people_say_is_in_the_manifest(file: Path, folder: Path):
    about = replace(ABOUT, name="ours", url="https://example.invalid/ours.onnx", recogniser="arcface")
    manifest = add_model(file, folder, about, pytest.fail)
    assert _names(folder) == {"ours.onnx", "ours.json"}
    assert read_manifest(folder / "ours.json") == manifest
    assert (manifest.sha256, manifest.size_bytes) == (sha256_of(file), file.stat().st_size)
    assert (manifest.licence, manifest.allowed_use, manifest.origin) == (
        "LicenseRef-Studio",
        "research",
        "trained by us",
    )
    assert (manifest.url, manifest.recogniser) == ("https://example.invalid/ours.onnx", "arcface")
    assert [tensor.shape for tensor in manifest.inputs] == [(None, 3, 16, 16), (None, 512)]
    assert (manifest.kind, manifest.runtime, manifest.identity_matrix) == ("swapper", "onnx", "last")
    assert list_models(folder)[0].ok


def test_the_name_is_the_files_where_none_is_given(file: Path, folder: Path):
    assert add_model(file, folder, ABOUT, print).name == "our-swapper"
    assert _names(folder) == {"our-swapper.onnx", "our-swapper.json"}


def test_without_a_layout_it_is_said_what_is_taken_for_granted(file: Path, folder: Path):
    told: list[str] = []
    manifest = add_model(file, folder, replace(ABOUT, like="", kind="swapper"), told.append)
    assert "taken as RGB, sRGB, 0 to 1" in told[0]
    assert [tensor.role for tensor in manifest.inputs] == ["picture", "identity"]
    assert (manifest.outputs[0].role, manifest.identity_matrix) == ("picture", "")


def test_alignment_and_matrix_may_be_other_than_the_layouts(file: Path, folder: Path):
    one = add_model(file, folder, replace(ABOUT, name="one", template="ffhq_512", matrix="emap"), print)
    two = add_model(file, folder, replace(ABOUT, name="two", template="none", matrix="none"), print)
    assert one.template is not None and (one.template.name, one.identity_matrix) == ("ffhq_512", "emap")
    assert (two.template, two.identity_matrix) == (None, "")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"like": "inswaper"}, "--like 'inswaper' is unknown; use one of inswapper, arcface"),
        ({"kind": "swaper", "like": ""}, "--kind 'swaper' is unknown; use one of face_detector"),
        ({"kind": "flow"}, "--like inswapper is a swapper, --kind says flow"),
        ({"like": ""}, "--kind or --like missing; the file does not say it"),
        ({"use": "commercial"}, "--use 'commercial' is unknown; use one of any, non-commercial, research"),
        ({"use": ""}, "--use missing"),
        ({"licence": " "}, "--licence missing"),
        ({"origin": ""}, "--origin missing"),
        ({"template": "ffhq"}, "--template 'ffhq' is unknown; use one of arcface_112"),
        ({"name": "../ours"}, "'../ours' can be no --name"),
        ({"name": "embedded"}, "choose another --name"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_and_nothing_is_made(
    file: Path, folder: Path, change: dict[str, str], text: str
):
    with pytest.raises(BadInput, match=text):
        add_model(file, folder, replace(ABOUT, **change), print)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["a.pth", "a.pt", "a.tflite", "a.bin", "a"])
def test_a_file_that_may_hold_code_or_says_too_little_is_refused(tmp_path: Path, folder: Path, name: str):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(BadInput, match=r"\.onnx or \.safetensors is needed"):
        add_model(tmp_path / name, folder, ABOUT, print)


def test_a_file_that_is_none_is_refused(tmp_path: Path, folder: Path):
    (tmp_path / "a.onnx").write_bytes(b"not a network")
    for name, text in (("a.onnx", "no ONNX file"), ("b.onnx", "cannot be read: No such file")):
        with pytest.raises(ModelError, match=text):
            add_model(tmp_path / name, folder, ABOUT, print)


def test_what_the_check_refuses_is_not_put(file: Path, folder: Path):
    with pytest.raises(ModelError, match=r"our swapper\.onnx: refused: .*no initializer 'other'"):
        add_model(file, folder, replace(ABOUT, matrix="other"), print)
    assert _names(folder) == set()


def test_another_models_name_or_file_is_not_written_over(file: Path, folder: Path):
    add_model(file, folder, replace(ABOUT, name="ours"), print)
    with pytest.raises(ModelError, match=r"ours\.json is there and says something else; remove it, or choose another"):
        add_model(file, folder, replace(ABOUT, name="ours", use="any"), print)
    (folder / "mine.onnx").write_bytes(b"somebody's")
    with pytest.raises(ModelError, match=r"mine\.onnx is there and is another file"):
        add_model(file, folder, replace(ABOUT, name="mine"), print)
    assert (folder / "mine.onnx").read_bytes() == b"somebody's" and read_manifest(folder / "ours.json")


def test_the_same_model_again_repairs_it(file: Path, folder: Path):
    add_model(file, folder, ABOUT, print)
    (folder / "our-swapper.onnx").write_bytes(b"damaged")
    add_model(file, folder, ABOUT, print)
    assert list_models(folder)[0].ok


def test_a_file_that_lies_in_the_folder_already_is_described_there(file: Path):
    named = file.rename(file.parent / "ours.onnx")
    add_model(named, file.parent, ABOUT, print)
    assert _names(file.parent) == {"ours.onnx", "ours.json"} and list_models(file.parent)[0].ok


@pytest.mark.parametrize("moves", [0, 1])
def test_a_stop_midway_leaves_nothing(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, moves: int):
    real, done = os.replace, [0]

    def fails(source: Path, target: Path) -> None:
        if done[0] == moves:
            raise OSError(28, "No space left on device")
        done[0] += 1
        real(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(ModelError, match="No space left on device"):
        add_model(file, folder, ABOUT, print)
    assert _names(folder) == set()


def test_a_ready_manifest_brings_its_file(file: Path, folder: Path, tmp_path: Path):
    add_model(file, tmp_path / "theirs", ABOUT, print)
    manifest = add_model(tmp_path / "theirs" / "our-swapper.json", folder, None, print)
    assert _names(folder) == {"our-swapper.onnx", "our-swapper.json"}
    assert open_model("our-swapper", folder).spec == manifest.spec


def test_a_ready_manifest_that_its_file_contradicts_is_refused(file: Path, folder: Path, tmp_path: Path):
    add_model(file, tmp_path / "theirs", ABOUT, print)
    path = tmp_path / "theirs" / "our-swapper.json"
    data = json.loads(path.read_text())
    data["inputs"][0]["shape"] = [1, 3, 128, 128]
    path.write_text(json.dumps(data))
    with pytest.raises(
        ModelError, match=r"input 'target' is \[1, 3, 128, 128\] in the manifest and \[null, 3, 16, 16\]"
    ):
        add_model(path, folder, None, print)
    assert _names(folder) == set()


def test_options_beside_a_manifest_and_none_beside_a_file_are_refused(file: Path, folder: Path, tmp_path: Path):
    with pytest.raises(BadInput, match="a manifest says it all"):
        add_model(tmp_path / "x.json", folder, ABOUT, print)
    with pytest.raises(BadInput, match="does not say whose it is; give kind or --like, licence, use and origin"):
        add_model(file, folder, None, print)


def test_a_folder_that_may_not_be_written_is_said(file: Path, tmp_path: Path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ModelError, match=r"File exists; see that it is there and may be read"):
        add_model(file, tmp_path / "taken", ABOUT, print)
