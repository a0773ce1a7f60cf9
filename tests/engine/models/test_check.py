"""A model is held against its file in every respect, and each fault names the tensor and both values."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ff_vfx.engine.models.check import CheckedModel, check_model
from ff_vfx.engine.models.describe import About
from ff_vfx.engine.models.install import add_model
from ff_vfx.engine.models.manifest import Manifest, sha256_of
from ff_vfx.types.engine import TensorSpec
from tests.engine.onnx_made import made

pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
ABOUT = About("MIT", "non-commercial", "made by the tests", like="inswapper")


@pytest.fixture
def swapper(tmp_path: Path) -> Manifest:
    """A swapper called 'toy' in the test's folder, right in every respect."""
    inputs: dict[str, Any] = {"target": [1, 3, 16, 16], "source": [1, 512]}
    (tmp_path / "from").mkdir()
    weights = {"emap": np.eye(512, dtype=np.float32)}
    file = made(tmp_path / "from" / "toy.onnx", inputs, {"output": [1, 3, 16, 16]}, weights=weights)
    return add_model(file, tmp_path, ABOUT, print)


def _checked(folder: Path, manifest: Manifest) -> CheckedModel:
    (folder / "toy.json").write_text(manifest.as_json())
    return check_model(folder / "toy.json")


def _again(folder: Path, manifest: Manifest) -> Manifest:
    """The manifest with the hash and size of the file as it is now."""
    file = folder / manifest.file
    return replace(manifest, sha256=sha256_of(file), size_bytes=file.stat().st_size)


def test_a_model_that_is_right_says_its_operator_set_and_whose_it_is(tmp_path: Path, swapper: Manifest):
    found = _checked(tmp_path, swapper)
    assert (found.name, found.kind, found.licence, found.allowed_use) == ("toy", "swapper", "MIT", "non-commercial")
    assert (found.ok, found.faults, found.facts) == (True, (), "opset ai.onnx 17; made by tests")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"shape": (1, 3, 32, 32)}, "input 'target' is [1, 3, 32, 32] in the manifest and [1, 3, 16, 16] in the file"),
        ({"shape": (None, 3, 16, 16)}, "input 'target' is [null, 3, 16, 16] in the manifest and [1, 3, 16, 16] in"),
        ({"name": "frame"}, "input 'frame' is in the manifest; the file has target, source"),
    ],
)
def test_an_input_that_the_file_denies_is_told_with_both_values(
    tmp_path: Path, swapper: Manifest, change: dict[str, Any], text: str
):
    wrong = replace(swapper, inputs=(replace(swapper.inputs[0], **change), swapper.inputs[1]))
    assert text in _checked(tmp_path, wrong).faults[0]


def test_every_contradiction_is_told_at_once(tmp_path: Path, swapper: Manifest):
    wrong = replace(
        swapper,
        inputs=(replace(swapper.inputs[0], shape=(1, 3, 8, 8)),),
        outputs=(replace(swapper.outputs[0], shape=(1, 3, 8, 8)), TensorSpec("mask", (1, 1, 8, 8), role="matte")),
    )
    assert _checked(tmp_path, wrong).faults == (
        "input 'target' is [1, 3, 8, 8] in the manifest and [1, 3, 16, 16] in the file (null: any size)",
        "input 'source' is in the file and not in the manifest",
        "output 'output' is [1, 3, 8, 8] in the manifest and [1, 3, 16, 16] in the file (null: any size)",
        "output 'mask' is in the manifest; the file has output",
    )


def test_an_output_may_be_left_open_or_unsaid(tmp_path: Path, swapper: Manifest):
    open_one = replace(swapper.outputs[0], shape=(None, None, None, None))
    assert _checked(tmp_path, replace(swapper, outputs=(open_one,))).ok


def test_what_an_open_file_is_fixed_to_is_allowed(tmp_path: Path):
    made(tmp_path / "open.onnx", {"x": ["n", 3, "h", "w"]}, {"y": ["n", 3, "h", "w"]})
    added = add_model(tmp_path / "open.onnx", tmp_path, replace(ABOUT, like="edsr"), print)
    fixed = tuple(replace(tensor, shape=(1, 3, 64, 64)) for tensor in (*added.inputs, *added.outputs))
    (tmp_path / "open.json").write_text(replace(added, inputs=fixed[:1], outputs=fixed[1:]).as_json())
    assert check_model(tmp_path / "open.json").faults == ()


def test_another_file_is_known_by_its_hash_and_size(tmp_path: Path, swapper: Manifest):
    assert (
        "size_bytes is 5 in the manifest, the file has" in _checked(tmp_path, replace(swapper, size_bytes=5)).faults[0]
    )
    (tmp_path / "toy.onnx").write_bytes((tmp_path / "toy.onnx").read_bytes() + b"\0")
    assert "hash differs" in _checked(tmp_path, swapper).faults[0]
    (tmp_path / "toy.onnx").unlink()
    assert "cannot be read: No such file" in _checked(tmp_path, swapper).faults[0]


def test_a_manifest_that_is_none_is_a_fault_and_no_exception(tmp_path: Path):
    (tmp_path / "toy.json").write_text("{")
    found = check_model(tmp_path / "toy.json")
    assert not found.ok and found.name == "toy" and "toy.json: cannot be read" in found.faults[0]


def test_a_corrupt_file_with_the_right_hash_is_refused(tmp_path: Path, swapper: Manifest):
    data = (tmp_path / "toy.onnx").read_bytes()
    (tmp_path / "toy.onnx").write_bytes(data[: len(data) // 2])
    assert "no ONNX file, or a damaged one" in _checked(tmp_path, _again(tmp_path, swapper)).faults[0]


def _rewritten(folder: Path, manifest: Manifest, change: Any) -> CheckedModel:
    model = onnx.load(folder / manifest.file)
    change(model)
    (folder / manifest.file).write_bytes(model.SerializeToString())
    return _checked(folder, _again(folder, manifest))


def test_an_operator_set_newer_than_the_runtime_is_refused_with_both_versions(tmp_path: Path, swapper: Manifest):
    found = _rewritten(tmp_path, swapper, lambda model: setattr(model.opset_import[0], "version", 99))
    assert found.faults[0].startswith("operator set 'ai.onnx' is version 99, onnxruntime")


def test_an_operator_set_and_an_operator_that_nobody_knows_are_refused(tmp_path: Path, swapper: Manifest):
    def foreign(model: onnx.ModelProto) -> None:
        model.opset_import.append(helper.make_opsetid("ai.studio", 1))
        model.graph.node.append(helper.make_node("Swap", ["target"], ["x"], domain="ai.studio"))
        model.graph.node.append(helper.make_node("Magic", ["target"], ["y"]))

    found = _rewritten(tmp_path, swapper, foreign)
    assert "operator 'Magic' of set 'ai.onnx' is unknown to onnxruntime" in found.faults[0]
    assert "operator set 'ai.studio' is unknown to onnxruntime" in found.faults[1]


def test_an_operator_set_that_is_named_and_not_used_is_no_fault(tmp_path: Path, swapper: Manifest):
    unused = helper.make_opsetid("com.microsoft.automl", 1)
    assert _rewritten(tmp_path, swapper, lambda model: model.opset_import.append(unused)).ok


def test_an_operator_of_no_stated_version_is_refused(tmp_path: Path, swapper: Manifest):
    def bare(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node("Gelu", ["target"], ["y"], domain="com.microsoft"))

    assert "'com.microsoft' is used and the file does not say" in _rewritten(tmp_path, swapper, bare).faults[0]


def test_numbers_in_another_file_are_refused_because_no_hash_covers_them(tmp_path: Path, swapper: Manifest):
    def outside(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[-1]
        onnx.external_data_helper.set_external_data(tensor, location="toy.onnx.data")
        tensor.ClearField("raw_data")

    found = _rewritten(tmp_path, swapper, outside)
    assert "1 tensors ('emap' first) lie in another file, which the hash does not cover" in found.faults[0]


def test_an_input_that_takes_no_numbers_is_refused(tmp_path: Path, swapper: Manifest):
    def texts(model: onnx.ModelProto) -> None:
        model.graph.input[1].type.tensor_type.elem_type = TensorProto.STRING

    assert "input 'source' is of type" in _rewritten(tmp_path, swapper, texts).faults[0]


def test_a_matrix_that_is_not_there_is_a_fault(tmp_path: Path, swapper: Manifest):
    assert "no initializer 'w9'" in _checked(tmp_path, replace(swapper, identity_matrix="w9")).faults[0]


def test_a_file_that_declares_one_size_and_gives_another_is_found_by_running_it(tmp_path: Path, swapper: Manifest):
    def lies(model: onnx.ModelProto) -> None:
        for i in (2, 3):
            model.graph.output[0].type.tensor_type.shape.dim[i].dim_param = f"d{i}"

    wrong = replace(swapper, outputs=(replace(swapper.outputs[0], shape=(1, 3, 32, 32)),))
    assert "shape (1, 3, 16, 16), the manifest says (1, 3, 32, 32)" in _rewritten(tmp_path, wrong, lies).faults[0]


def test_a_check_is_plain_data(tmp_path: Path, swapper: Manifest):
    assert json.loads(json.dumps(asdict(_checked(tmp_path, swapper))))["ok"] is True


def test_what_the_runtime_cannot_say_in_words_is_a_fault_and_nothing_is_printed(
    tmp_path: Path, swapper: Manifest, capfd: pytest.CaptureFixture
):
    data = (tmp_path / "toy.onnx").read_bytes()
    where = data.rindex(b"output_shape")
    (tmp_path / "toy.onnx").write_bytes(data[:where] + b"\xfb" + data[where + 1 :])
    found = _checked(tmp_path, _again(tmp_path, swapper))
    assert not found.ok and "onnxruntime cannot load it" in found.faults[0]
    assert capfd.readouterr().out == ""
