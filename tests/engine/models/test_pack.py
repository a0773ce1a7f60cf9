"""A pack's folder is read by shape, with the network cut; what it lacks is said in our words."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ff_vfx.engine.models.pack import read_pack
from ff_vfx.errors import ModelError
from tests.contract.models import yunet
from tests.contract.offline import cut_off
from tests.contract.pack import write_pack


@pytest.fixture(scope="module")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack") / "buffalo_l", real=False)


@pytest.fixture(autouse=True)
def cut_network(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(monkeypatch)


def test_every_file_is_known_by_its_shape(pack_folder: Path):
    pack = read_pack(pack_folder)
    assert (pack.detector.name, pack.detector.kind, pack.detector.multiple) == ("det_10g", "face_detector", 32)
    assert (pack.recogniser.name, pack.recogniser.kind) == ("w600k_r50", "recogniser")
    assert [m.name for m in pack.landmarks] == ["2d106det", "1k3d68"]
    assert pack.recogniser.template is not None and pack.recogniser.template.name == "arcface_112"


def test_ranges_are_those_its_authors_trained_with(pack_folder: Path):
    pack = read_pack(pack_folder)
    levels = [(m.inputs[0].low, m.inputs[0].high) for m in (pack.detector, pack.recogniser, *pack.landmarks)]
    assert levels == [(-127.5 / 128, 127.5 / 128), (-1.0, 1.0), (0.0, 255.0), (0.0, 255.0)]
    assert {m.inputs[0].channels for m in (pack.detector, pack.recogniser)} == {"rgb"}


def test_it_is_for_no_commerce_unless_a_manifest_says_otherwise(pack_folder: Path, tmp_path: Path):
    pack = read_pack(pack_folder)
    for manifest in (pack.detector, pack.recogniser, *pack.landmarks):
        assert (manifest.licence, manifest.allowed_use) == ("non-commercial research", "non-commercial")
    folder = shutil.copytree(pack_folder, tmp_path / "bought")
    bought = replace(pack.recogniser, licence="LicenseRef-bought", allowed_use="any")
    (folder / "w600k_r50.json").write_text(bought.as_json())
    again = read_pack(folder)
    assert (again.recogniser.licence, again.recogniser.allowed_use) == ("LicenseRef-bought", "any")
    assert again.detector.allowed_use == "non-commercial"


def test_what_is_named_otherwise_is_found_all_the_same(pack_folder: Path, tmp_path: Path):
    folder = shutil.copytree(pack_folder, tmp_path / "antelopev2")
    (folder / "det_10g.onnx").rename(folder / "scrfd_10g_bnkps.onnx")
    (folder / "w600k_r50.onnx").rename(folder / "glintr100.onnx")
    pack = read_pack(folder)
    assert (pack.detector.name, pack.recogniser.name) == ("scrfd_10g_bnkps", "glintr100")


def test_a_swapper_in_the_folder_is_left_alone(pack_folder: Path, tmp_path: Path):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    target = helper.make_tensor_value_info("target", TensorProto.FLOAT, [1, 3, 128, 128])
    source = helper.make_tensor_value_info("source", TensorProto.FLOAT, [1, 512])
    out = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3, 128, 128])
    nodes = [helper.make_node("Identity", ["target"], ["output"]), helper.make_node("Identity", ["source"], ["unused"])]
    model = helper.make_model(helper.make_graph(nodes, "g", [target, source], [out]), ir_version=6)
    onnx.save(model, folder / "inswapper_128.onnx")
    assert read_pack(folder).recogniser.name == "w600k_r50"


def test_a_yunet_is_shown_what_a_yunet_wants(pack_folder: Path, tmp_path: Path):
    file, known = yunet()
    if not file.is_file():
        pytest.skip(f"needs {file}")
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    shutil.copyfile(file, folder / "det_10g.onnx")
    detector = read_pack(folder).detector
    (shown,), (wanted,) = detector.inputs, known.inputs
    assert (shown.low, shown.high, shown.channels, shown.shape) == (0.0, 255.0, "bgr", wanted.shape)


def test_many_outputs_make_no_detector(pack_folder: Path, tmp_path: Path):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 256, 256])
    names = [f"y{k}" for k in range(6)]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 256, 256]) for name in names]
    nodes = [helper.make_node("Identity", ["x"], [name]) for name in names]
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [picture], outputs), ir_version=6), folder / "a.onnx")
    assert read_pack(folder).detector.name == "det_10g"


def test_a_file_that_brings_its_own_range_is_shown_bytes(pack_folder: Path, tmp_path: Path):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    model = onnx.load(folder / "w600k_r50.onnx")
    for node, name in zip(model.graph.node, ("_minusscalar0", "_mulscalar0", "x")):
        node.name = name
    onnx.save(model, folder / "w600k_r50.onnx")
    assert (read_pack(folder).recogniser.inputs[0].low, read_pack(folder).recogniser.inputs[0].high) == (0.0, 255.0)


def test_what_it_holds_opens_and_answers(pack_folder: Path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    pack = read_pack(pack_folder)
    for manifest, shape in ((pack.recogniser, (1, 512)), (pack.landmarks[0], (1, 212)), (pack.landmarks[1], (1, 3309))):
        engine = pack.open(manifest)
        side = manifest.inputs[0].shape[-1] or 0
        (found,) = engine.run({manifest.inputs[0].name: np.zeros((1, 3, side, side), np.float32)}).values()
        assert found.shape == shape
    assert pack.open(pack.detector).spec.kind == "face_detector"


def test_a_file_that_changes_after_it_was_read_is_not_opened(pack_folder: Path, tmp_path: Path):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    pack = read_pack(folder)
    with (folder / "w600k_r50.onnx").open("ab") as file:
        file.write(b"\x00")
    with pytest.raises(ModelError, match="hash differs"):
        pack.open(pack.recogniser)


def test_no_folder_is_our_message(tmp_path: Path):
    with pytest.raises(
        ModelError, match=r"buffalo_l: no such folder; give the folder of an unpacked pack\. Nothing is"
    ):
        read_pack(tmp_path / "buffalo_l")


def test_an_empty_folder_and_one_too_high_are_our_messages(pack_folder: Path, tmp_path: Path):
    with pytest.raises(ModelError, match=r"no \.onnx file in it; give the folder of an unpacked pack"):
        read_pack(tmp_path)
    with pytest.raises(ModelError, match=r"the files lie in .*buffalo_l: give that"):
        read_pack(pack_folder.parent)


@pytest.mark.parametrize(
    ("missing", "words"),
    [("det_10g", r"is a face detector \(det_10g.onnx\)"), ("w600k_r50", r"is a recogniser \(w600k_r50.onnx\)")],
)
def test_a_part_that_is_missing_is_named(pack_folder: Path, tmp_path: Path, missing: str, words: str):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    (folder / f"{missing}.onnx").unlink()
    with pytest.raises(ModelError, match=words):
        read_pack(folder)


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x08" * 40])
def test_a_file_that_is_no_network_is_named(pack_folder: Path, tmp_path: Path, content: bytes):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    (folder / "genderage.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"genderage\.onnx: no ONNX file"):
        read_pack(folder)


def test_a_bad_manifest_beside_a_file_is_not_passed_over(pack_folder: Path, tmp_path: Path):
    folder = shutil.copytree(pack_folder, tmp_path / "pack")
    data = json.loads(read_pack(folder).recogniser.as_json())
    (folder / "w600k_r50.json").write_text(json.dumps({**data, "kind": "nonsense"}))
    with pytest.raises(ModelError, match="'kind' is 'nonsense'"):
        read_pack(folder)
