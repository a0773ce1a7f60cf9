"""A manifest is believed only after every field was looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ff_vfx.engine import EMBEDDED, read_manifest
from ff_vfx.errors import ModelError


def test_a_good_manifest_tells_what_goes_in_and_out(toy: Path):
    manifest = read_manifest(toy)
    assert (manifest.name, manifest.kind, manifest.allowed_use) == ("toy", "swapper", "non-commercial")
    assert manifest.spec.inputs[0].shape == (1, 3, 8, 8)
    assert manifest.spec.outputs[0].name == "out"
    assert manifest.spec.tolerance == 0.001


def test_an_open_size_is_null(toy: Path, fields: dict[str, Any]):
    fields["inputs"][0]["shape"] = [1, 3, None, None]
    toy.write_text(json.dumps(fields))
    assert read_manifest(toy).inputs[0].shape == (1, 3, None, None)


@pytest.mark.parametrize("manifest", EMBEDDED, ids=lambda m: m.name)
def test_an_embedded_manifest_comes_back_from_its_file_as_it_was(tmp_path: Path, manifest):
    path = tmp_path / f"{manifest.name}.json"
    path.write_text(manifest.as_json())
    assert read_manifest(path) == manifest


@pytest.mark.parametrize(
    "name", ["licence", "sha256", "allowed_use", "origin", "inputs", "tolerance", "format", "notes", "runtime"]
)
def test_a_missing_field_is_refused_by_name(toy: Path, fields: dict[str, Any], name: str):
    del fields[name]
    toy.write_text(json.dumps(fields))
    with pytest.raises(ModelError, match=f"'{name}' is missing"):
        read_manifest(toy)


def test_an_unknown_field_is_refused_by_name(toy: Path, fields: dict[str, Any]):
    toy.write_text(json.dumps({**fields, "post_install": "rm -rf"}))
    with pytest.raises(ModelError, match=r"toy\.json.*'post_install' is unknown.*correct it"):
        read_manifest(toy)


def test_an_unknown_field_of_a_tensor_is_refused(toy: Path, fields: dict[str, Any]):
    fields["outputs"][0]["mean"] = 0.5
    toy.write_text(json.dumps(fields))
    with pytest.raises(ModelError, match=r"outputs\[0\] does not have exactly"):
        read_manifest(toy)


@pytest.mark.parametrize(
    "file", ["../toy.onnx", "/etc/toy.onnx", "sub/toy.onnx", "..\\toy.onnx", "..", "C:toy.onnx", ""]
)
def test_a_file_out_of_the_folder_is_refused(toy: Path, fields: dict[str, Any], file: str):
    toy.write_text(json.dumps({**fields, "file": file}))
    with pytest.raises(ModelError, match="leads out|a text is needed"):
        read_manifest(toy)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, fields: dict[str, Any]):
    (tmp_path / "elsewhere.onnx").write_bytes(b"toys")
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "toy.onnx").symlink_to(tmp_path / "elsewhere.onnx")
    (folder / "toy.json").write_text(json.dumps(fields))
    with pytest.raises(ModelError, match="leads out"):
        read_manifest(folder / "toy.json")


@pytest.mark.parametrize(
    "file", ["toy.pth", "toy.pt", "toy.pkl", "toy.ckpt", "toy.bin", "toy.npz", "toy", "toy.onnx.pth"]
)
def test_file_types_that_may_hold_code_are_refused(toy: Path, fields: dict[str, Any], file: str):
    toy.write_text(json.dumps({**fields, "file": file}))
    with pytest.raises(ModelError, match="may hold code"):
        read_manifest(toy)


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_hash_that_is_none_is_refused(toy: Path, fields: dict[str, Any], digest: str):
    toy.write_text(json.dumps({**fields, "sha256": digest}))
    with pytest.raises(ModelError, match="sha256"):
        read_manifest(toy)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"runtime": "opencv-tflite"}, "runtime"),
        ({"allowed_use": "whatever"}, "allowed_use"),
        ({"licence": ""}, "licence"),
        ({"name": "other"}, "own file name"),
        ({"format": 3}, "format"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"tolerance": True}, "tolerance"),
        ({"inputs": []}, "inputs"),
        ({"inputs": {"name": "in"}}, "inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(toy: Path, fields: dict[str, Any], change: dict[str, Any], text: str):
    toy.write_text(json.dumps({**fields, **change}))
    with pytest.raises(ModelError, match=text):
        read_manifest(toy)


@pytest.mark.parametrize(
    "change", [{"shape": [1, 0]}, {"shape": "1x3"}, {"shape": [True]}, {"low": "0"}, {"layout": "hwc"}, {"name": ""}]
)
def test_a_tensor_that_makes_no_sense_is_refused(toy: Path, fields: dict[str, Any], change: dict[str, Any]):
    fields["inputs"][0].update(change)
    toy.write_text(json.dumps(fields))
    with pytest.raises(ModelError, match=r"inputs\[0\]"):
        read_manifest(toy)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": "a", "name": "b"}', "[" * 100_000, " " * (1 << 20) + "{}"])
def test_a_file_that_is_no_manifest_is_refused(toy: Path, text: str):
    toy.write_text(text)
    with pytest.raises(ModelError, match=r"toy\.json"):
        read_manifest(toy)
