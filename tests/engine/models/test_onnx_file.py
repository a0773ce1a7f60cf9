"""What an ONNX file says of itself is read, and whoever lies in one is told so; nothing else ever happens."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ff_vfx.engine import Manifest, identity_matrix, open_engine
from ff_vfx.engine.models.onnx_file import read_onnx, refuse_external
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import TensorSpec

MATRIX = np.arange(512 * 512, dtype=np.float32).reshape(512, 512) / 512**2


def _swapper(path: Path, *, old: bool = False, **more: object) -> Path:
    """target + 0 * sum(source), and the identity matrix as the last initializer."""
    picture = helper.make_tensor_value_info("target", TensorProto.FLOAT, ["n", 3, 128, 128])
    source = helper.make_tensor_value_info("source", TensorProto.FLOAT, [1, 512])
    listed = [helper.make_tensor_value_info("emap", TensorProto.FLOAT, [512, 512])] if old else []
    nodes = [helper.make_node("Identity", ["target"], ["output"]), helper.make_node("Identity", ["source"], ["unused"])]
    weights = [
        numpy_helper.from_array(np.zeros(3, np.float32), "bias"),
        numpy_helper.from_array(MATRIX.astype(str(more.get("type", "float32"))), "emap"),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", 3, 128, None])
    graph = helper.make_graph(nodes, "g", [picture, source, *listed], [output], weights)
    model = helper.make_model(graph, producer_name="tests", opset_imports=[helper.make_opsetid("ai.onnx", 17)])
    onnx.save(model, path)
    return path


def _manifest(path: Path, **changes: object) -> Manifest:
    inputs = (TensorSpec("target", (1, 3, 128, 128)), TensorSpec("source", (1, 512), "flat", role="identity"))
    manifest = Manifest(
        name="toy", kind="swapper", file=path.name, licence="MIT", allowed_use="any", origin="here",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(), runtime="onnx", inputs=inputs,
        outputs=(TensorSpec("output", (1, 3, 128, 128)),), tolerance=1e-4, notes="", identity_matrix="last",
    )  # fmt: skip
    return replace(manifest, **changes)  # type: ignore[arg-type]


def test_names_shapes_open_axes_types_and_operator_sets_are_as_the_file_has_them(tmp_path: Path):
    found = read_onnx(_swapper(tmp_path / "a.onnx"))
    assert [(t.name, t.shape, t.type) for t in found.inputs] == [
        ("target", (None, 3, 128, 128), "float32"),
        ("source", (1, 512), "float32"),
    ]
    assert [(t.name, t.shape) for t in found.outputs] == [("output", (None, 3, 128, None))]
    assert (found.opsets, found.operators, found.producer) == ({"": 17}, frozenset({("", "Identity")}), "tests")
    assert (found.initializers, found.external) == (("bias", "emap"), ())


def test_an_initializer_that_an_old_file_lists_as_an_input_is_none(tmp_path: Path):
    assert [t.name for t in read_onnx(_swapper(tmp_path / "a.onnx", old=True)).inputs] == ["target", "source"]


def test_operators_inside_branches_are_seen_and_the_files_own_functions_are_not_operators(tmp_path: Path):
    def branch(kind: str) -> onnx.GraphProto:
        made = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
        return helper.make_graph([helper.make_node(kind, ["x"], ["y"])], kind, [], [made])

    condition = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
    x, y, z = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xyz")
    choose = helper.make_node("If", ["c"], ["y"], then_branch=branch("Abs"), else_branch=branch("Neg"))
    call = helper.make_node("Mine", ["y"], ["z"], domain="ours")
    function = helper.make_function(
        "ours", "Mine", ["a"], ["b"], [helper.make_node("Exp", ["a"], ["b"])], [helper.make_opsetid("", 17)]
    )
    graph = helper.make_graph([choose, call], "g", [condition, x], [z])
    onnx.save(helper.make_model(graph, functions=[function]), tmp_path / "a.onnx")
    found = read_onnx(tmp_path / "a.onnx")
    assert found.operators == {("", "If"), ("", "Abs"), ("", "Neg"), ("", "Exp")}
    assert found.inputs[0].type == "bool" and found.inputs[0].shape == ()
    assert y.name == "y"


def test_numbers_that_lie_in_another_file_are_told_and_that_file_is_not_opened(tmp_path: Path):
    path = _swapper(tmp_path / "a.onnx")
    model = onnx.load(path)
    onnx.external_data_helper.set_external_data(model.graph.initializer[1], location="../../etc/passwd")
    model.graph.initializer[1].ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    assert read_onnx(path).external == ("emap",)
    with pytest.raises(ModelError, match="'emap' lies in another file"):
        identity_matrix(_manifest(path), tmp_path)
    with pytest.raises(ModelError, match="lie in another file, which the hash does not cover"):
        open_engine(_manifest(path), path)


def test_a_file_that_only_speaks_of_a_place_is_opened(tmp_path: Path):
    model = onnx.load(_swapper(tmp_path / "a.onnx"))
    entry = model.metadata_props.add()
    entry.key, entry.value = "location", "Leavesden"
    onnx.save(model, tmp_path / "a.onnx")
    refuse_external(tmp_path / "a.onnx")
    assert b"\x0a\x08location\x12" in (tmp_path / "a.onnx").read_bytes(), "the mark is there"


def test_the_identity_matrix_is_the_last_initializer_or_the_one_named(tmp_path: Path):
    path = _swapper(tmp_path / "a.onnx")
    for name, place in (("last", tmp_path), ("emap", path)):
        found = identity_matrix(_manifest(path, identity_matrix=name), place)
        assert found is not None and found.dtype == np.float32 and np.array_equal(found, MATRIX)
    assert identity_matrix(_manifest(path, identity_matrix=""), tmp_path) is None


def test_a_matrix_of_half_floats_comes_as_float32(tmp_path: Path):
    found = identity_matrix(_manifest(_swapper(tmp_path / "a.onnx", type="float16")), tmp_path)
    assert found is not None and found.dtype == np.float32 and np.allclose(found, MATRIX, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "text"), [("bias", r"'bias' is \(3,\).*\(n, 512\) is needed"), ("other", "no initializer 'other' among")]
)
def test_what_cannot_be_the_matrix_is_refused(tmp_path: Path, name: str, text: str):
    path = _swapper(tmp_path / "a.onnx")
    with pytest.raises(ModelError, match=text):
        identity_matrix(_manifest(path, identity_matrix=name), tmp_path)


def test_the_matrix_of_another_file_than_the_manifest_speaks_of_is_refused(tmp_path: Path):
    path = _swapper(tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="hash differs"):
        identity_matrix(_manifest(path, sha256="0" * 64), tmp_path)


def test_a_matrix_whose_size_lies_is_refused(tmp_path: Path):
    path = _swapper(tmp_path / "a.onnx")
    model = onnx.load(path)
    model.graph.initializer[1].dims[0] = 1 << 40
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="'emap' cannot be read"):
        identity_matrix(_manifest(path), tmp_path)


def test_a_damaged_file_is_refused_wherever_it_is_cut(tmp_path: Path):
    data = _swapper(tmp_path / "a.onnx").read_bytes()
    for size in (0, 1, 7, 100, len(data) // 2, len(data) - 1):
        (tmp_path / "b.onnx").write_bytes(data[:size])
        with pytest.raises(ModelError, match=r"b\.onnx: no ONNX file"):
            read_onnx(tmp_path / "b.onnx")


@pytest.mark.parametrize("data", [b"\x00" * 100, b"PK\x03\x04", bytes(range(256)) * 9, b"\x3a\x05" * 5000])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, data: bytes):
    (tmp_path / "b.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=r"b\.onnx: no ONNX file"):
        read_onnx(tmp_path / "b.onnx")


def test_graphs_inside_graphs_without_end_are_refused(tmp_path: Path):
    def part(number: int, data: bytes) -> bytes:
        size, length = len(data), b""
        while size > 0x7F:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + data

    graph = b""
    for _ in range(3000):  # graph > node > attribute > graph
        graph = part(1, part(5, part(6, graph)))
    (tmp_path / "b.onnx").write_bytes(part(7, graph))
    with pytest.raises(ModelError, match=r"b\.onnx: no ONNX file"):
        read_onnx(tmp_path / "b.onnx")


def test_a_file_too_large_to_be_one_is_not_read(tmp_path: Path):
    with (tmp_path / "b.onnx").open("wb") as file:
        file.truncate(1 << 32)  # of holes: it takes no room
    with pytest.raises(ModelError, match="larger than 2 GiB"):
        read_onnx(tmp_path / "b.onnx")


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(ModelError, match="cannot be read: No such file"):
        read_onnx(tmp_path / "b.onnx")


def test_the_real_networks_are_read(shared_data: Path):
    found = read_onnx(shared_data / "onnx" / "yunet_n_dynamic.onnx")
    assert found.inputs[0].shape == (None, 3, None, None) and len(found.outputs) == 12
    assert found.opsets == {"": 11} and len(found.initializers) == 146


def test_a_name_that_is_no_text_is_told_all_the_same(tmp_path: Path):
    path = _swapper(tmp_path / "a.onnx")
    path.write_bytes(path.read_bytes().replace(b"target", b"targ\xe9t"))
    assert read_onnx(path).inputs[0].name == "targ\\xe9t"


def test_without_the_onnx_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = _swapper(tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModelError, match=r"pip install 'ff-vfx\[onnx\]'"):
        read_onnx(path)
