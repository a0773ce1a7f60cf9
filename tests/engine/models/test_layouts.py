"""Each known layout is found in a file of its shapes, whatever its names, and gives a model that opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.engine import identity_matrix, open_model
from ff_vfx.engine.batch import invariant_batch
from ff_vfx.engine.models.check import check_model
from ff_vfx.engine.models.describe import About
from ff_vfx.engine.models.install import add_model
from ff_vfx.engine.models.kinds import KINDS
from ff_vfx.engine.models.layouts import LAYOUTS, plain
from ff_vfx.engine.models.manifest import Manifest
from ff_vfx.errors import ModelError
from ff_vfx.types.template import TEMPLATES
from tests.contract.models import mobile_face_net, retinaface, ultraface, yunet
from tests.engine.onnx_made import made

pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
STRIDES = {8: 12800, 16: 3200, 32: 800}
EMAP = {"emap": np.eye(512, dtype=np.float32)}


def _anchors(name: str, last: int, scale: int = 1) -> dict[str, list[int | str]]:
    return {f"{name}_{stride}": [1, rows // scale, last] for stride, rows in STRIDES.items()}


FILES: dict[str, tuple[dict, dict, dict]] = {
    "inswapper": ({"target": [1, 3, 128, 128], "source": [1, 512]}, {"output": [1, 3, 128, 128]}, EMAP),
    "arcface": ({"input.1": ["n", 3, 112, 112]}, {"683": ["n", 512]}, {}),
    "scrfd": (
        {"input.1": [1, 3, "h", "w"]},
        {**_anchors("s", 1), **_anchors("b", 4), **_anchors("k", 10)},
        {},
    ),
    "yunet": (
        {"input": [1, 3, 640, 640]},
        {**_anchors("cls", 1, 2), **_anchors("obj", 1, 2), **_anchors("bbox", 4, 2), **_anchors("kps", 10, 2)},
        {},
    ),
    "retinaface": ({"in": [1, 3, 64, 64]}, {"loc": [1, 168, 4], "conf": [1, 168, 2], "landms": [1, 168, 10]}, {}),
    "ultraface": ({"in": [1, 3, 240, 320]}, {"scores": [1, 4420, 2], "boxes": [1, 4420, 4]}, {}),
    "2d106": ({"data": ["n", 3, 192, 192]}, {"fc1": ["n", 212]}, {}),
    "3d68": ({"data": ["n", 3, 192, 192]}, {"fc1": ["n", 3309]}, {}),
    "bisenet": (
        {"input": ["n", 3, 512, 512]},
        {"out": ["n", 19, 512, 512], "out16": ["n", 19, 512, 512], "out32": ["n", 19, 512, 512]},
        {},
    ),
    "xseg": ({"in_face:0": ["n", 256, 256, 3]}, {"out_mask:0": ["n", 256, 256, 1]}, {}),
    "gfpgan": ({"input": [1, 3, 512, 512]}, {"output": [1, 3, 512, 512], "latent": [1, 16, 512]}, {}),
    "codeformer": ({"x": [1, 3, 512, 512], "w": []}, {"y": [1, 3, 512, 512], "logits": [1, 256, 1024]}, {}),
    "edsr": ({"x": ["n", 3, "h", "w"]}, {"y": ["n", 3, "h", "w"]}, {}),
    "raft": ({"image1": [1, 3, "h", "w"], "image2": [1, 3, "h", "w"]}, {"flow": [1, 2, "h", "w"]}, {}),
}


def _added(tmp_path: Path, like: str, **more: str) -> Manifest:
    inputs, outputs, weights = FILES[like]
    file = made(tmp_path / f"{like}.onnx", inputs, outputs, weights=weights)
    about = About("MIT", "any", "made by the tests", like=like, **more)
    return add_model(file, tmp_path / "m", about, print)


def test_every_layout_is_tried_here():
    assert set(FILES) == set(LAYOUTS)


@pytest.mark.parametrize("like", FILES)
def test_a_file_of_the_layout_becomes_a_model_that_is_checked_and_opens(tmp_path: Path, like: str):
    manifest = _added(tmp_path, like)
    assert manifest.kind == LAYOUTS[like].kind
    assert check_model(tmp_path / "m" / f"{like}.json").faults == ()
    assert open_model(like, tmp_path / "m").spec == manifest.spec


EXPECTED = {  # template, channels, black, white of the picture; what the file left open and the layout fixes
    "inswapper": ("arcface_128", "rgb", 0.0, 1.0),
    "arcface": ("arcface_112", "rgb", -1.0, 1.0),
    "scrfd": ("", "rgb", -127.5 / 128, 127.5 / 128),
    "yunet": ("", "bgr", 0.0, 255.0),
    "retinaface": ("", "bgr", (-104.0, -117.0, -123.0), (151.0, 138.0, 132.0)),
    "ultraface": ("", "rgb", -127.0 / 128, 1.0),
    "2d106": ("", "rgb", 0.0, 255.0),
    "3d68": ("", "rgb", 0.0, 255.0),
    "bisenet": ("ffhq_512", "rgb", None, None),
    "xseg": ("", "bgr", 0.0, 1.0),
    "gfpgan": ("ffhq_512", "rgb", -1.0, 1.0),
    "codeformer": ("ffhq_512", "rgb", -1.0, 1.0),
    "edsr": ("", "rgb", 0.0, 1.0),
    "raft": ("", "rgb", 0.0, 255.0),
}


@pytest.mark.parametrize("like", EXPECTED)
def test_range_order_and_alignment_are_those_the_network_was_trained_with(tmp_path: Path, like: str):
    manifest = _added(tmp_path, like)
    template, channels, low, high = EXPECTED[like]
    picture = manifest.inputs[0]
    assert (manifest.template.name if manifest.template else "") == template
    assert (picture.channels, picture.encoding, picture.role) == (channels, "srgb", "picture")
    if low is not None:
        assert (picture.low, picture.high) == (low, high)


def test_imagenets_mean_is_black_and_white_of_each_channel(tmp_path: Path):
    low, high = _added(tmp_path, "bisenet").inputs[0].low, LAYOUTS["bisenet"].inputs[0].tensor.high
    assert low == pytest.approx((-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225))
    assert high == pytest.approx((0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225))


def test_roles_go_by_shape_and_what_nobody_needs_is_left_out(tmp_path: Path):
    parser = _added(tmp_path, "bisenet")
    assert [(t.name, t.role) for t in parser.outputs] == [("out", "labels")]
    former = _added(tmp_path, "codeformer")
    assert [(t.name, t.role, t.shape) for t in former.inputs][1] == ("w", "strength", ())
    assert [t.name for t in former.outputs] == ["y"]
    detector = _added(tmp_path, "yunet")
    assert [t.role for t in detector.outputs] == ["scores"] * 6 + ["boxes"] * 3 + ["points"] * 3
    seen = _added(tmp_path, "xseg")
    assert (seen.inputs[0].layout, seen.outputs[0].layout, seen.outputs[0].role) == ("nhwc", "nhwc", "matte")


def test_where_the_picture_is_open_so_are_the_rows_that_an_export_wrote_down(tmp_path: Path):
    assert _added(tmp_path, "scrfd").outputs[0].shape == (None, None, 1)
    assert _added(tmp_path, "yunet").outputs[0].shape == (1, 6400, 1)


def test_where_any_number_of_pictures_goes_in_any_number_comes_out(tmp_path: Path):
    made(tmp_path / "x.onnx", {"x": ["n", 3, 112, 112]}, {"y": [1, 512]})
    added = add_model(tmp_path / "x.onnx", tmp_path / "m", About("MIT", "any", "here", like="arcface"), print)
    assert added.outputs[0].shape == (None, 512)
    engine = open_model("x", tmp_path / "m")
    assert invariant_batch(engine, 4) == 1, "this file lies: it gives one row whatever goes in, and is run one by one"


def test_a_larger_swapper_of_the_layout_is_one_too(tmp_path: Path):
    file = made(tmp_path / "big.onnx", {"a": [1, 3, 512, 512], "b": [1, 512]}, {"c": [1, 3, 512, 512]}, weights=EMAP)
    manifest = add_model(file, tmp_path / "m", About("MIT", "any", "here", like="inswapper"), print)
    assert manifest.inputs[0].shape == (1, 3, 512, 512) and manifest.template == TEMPLATES["arcface_128"]
    matrix = identity_matrix(manifest, tmp_path / "m")
    assert matrix is not None and np.array_equal(matrix, EMAP["emap"])


@pytest.mark.parametrize(
    ("file", "like", "text"),
    [
        ("yunet", "scrfd", r"outputs are cls_8 1x6400x1.*scores \?x\?x1 or \?x1 \(from 3\).*choose another --like"),
        ("arcface", "inswapper", r"inputs are input.1 \?x3x112x112;.*identity \?x512"),
        ("2d106", "3d68", r"outputs are fc1 \?x212;.*points \?x3309"),
        ("gfpgan", "raft", r"inputs are input 1x3x512x512;.*picture \?x3x\?x\? \(2 of them\)"),
    ],
)
def test_a_file_of_another_layout_is_refused_with_both_shapes(tmp_path: Path, file: str, like: str, text: str):
    inputs, outputs, weights = FILES[file]
    made(tmp_path / "x.onnx", inputs, outputs, weights=weights)
    with pytest.raises(ModelError, match=text):
        add_model(tmp_path / "x.onnx", tmp_path / "m", About("MIT", "any", "here", like=like), print)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("yunet_n_dynamic", "yunet"),
        ("yunet_s_640_640", "yunet"),
        ("osf_retinaface_640x640_opt", "retinaface"),
        ("ultraface_RFB-320", "ultraface"),
        ("MobileFaceNet", "arcface"),
    ],
)
def test_real_networks_are_of_their_layouts(shared_data: Path, tmp_path: Path, name: str, like: str):
    manifest = add_model(
        shared_data / "onnx" / f"{name}.onnx", tmp_path, About("MIT", "any", "the test data", like=like), print
    )
    assert manifest.kind == LAYOUTS[like].kind and check_model(tmp_path / f"{name}.json").ok


@pytest.mark.parametrize(
    ("known", "like"),
    [(yunet, "yunet"), (retinaface, "retinaface"), (ultraface, "ultraface"), (mobile_face_net, "arcface")],
)
def test_what_is_added_is_shown_as_the_manifest_written_by_hand_has_it(
    shared_data: Path, tmp_path: Path, known: Callable[[], tuple[Path, Manifest]], like: str
):
    file, by_hand = known()
    added = add_model(file, tmp_path, About("MIT", "any", "the test data", like=like), print)
    picture, same = added.inputs[0], by_hand.inputs[0]
    assert (picture.low, picture.high, picture.channels, picture.shape) == (
        same.low,
        same.high,
        same.channels,
        same.shape,
    )
    assert (added.kind, added.template) == (by_hand.kind, by_hand.template)
    assert [tensor.shape[-1] for tensor in added.outputs] == [tensor.shape[-1] for tensor in by_hand.outputs]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_plain_layout(kind: str):
    layout = plain(kind)
    assert layout.kind == kind and layout.inputs[0].tensor.role == "picture" and layout.outputs[0].least == 1
