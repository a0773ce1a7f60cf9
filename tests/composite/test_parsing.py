"""ff_vfx.composite.parsing: a parser's classes come back soft, where they were seen; nonsense is never believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ff_vfx.composite.parsing import FACE, PARTS, Parser, open_parser
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.fused import Crop
from ff_vfx.types.template import TEMPLATES
from tests.composite.by_colour import CLASSES, HIGH, LOW, SIDE, ByColour, Failing, grey, marked, parser_spec
from tests.synthetic import SPACE, posed_face

S = 160
BOX = (70, 60, 100, 90)
HAIR = PARTS.index("hair")


def crop_with(pixels: torch.Tensor, number: int = 7) -> Crop:
    """A crop whose px are the plate's, the face in its middle."""
    face = posed_face(centre=(80.0, 74.0), scale=44.0)
    return Crop(pixels, torch.eye(3, dtype=torch.float64), face, number)


def parser(spec: EngineSpec | None = None, answer=None, of: type[ByColour] = ByColour) -> Parser:
    return open_parser(of(spec or parser_spec(), answer), SPACE, 0.0)


@pytest.mark.parametrize("template", [None, TEMPLATES["ffhq_512"]])
def test_a_class_comes_back_where_it_was_seen(template):
    planes = parser(parser_spec(template)).look(crop_with(marked(grey(S), "green", BOX)))
    assert planes.values.shape == (len(PARTS), S, S) and planes.weight.shape == (1, S, S)
    x0, y0, x1, y1 = BOX
    hair = planes.values[HAIR]
    assert hair[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].min() > 0.9
    far = torch.ones(S, S, dtype=torch.bool)
    far[y0 - 6 : y1 + 6, x0 - 6 : x1 + 6] = False
    assert hair[far].max() < 0.05
    face = planes.values[list(FACE)].sum(0)
    assert face[far & (planes.weight[0] > 0)].min() > 0.9 and face[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].max() < 0.1


def test_an_edge_lies_where_the_picture_has_it_to_a_third_of_a_network_pixel():
    picture = marked(grey(S), "green", (72, 0, S, S))
    hair = parser().look(crop_with(picture)).values[HAIR]
    edge = S - float(hair[S // 2].sum())
    assert edge == pytest.approx(72.0, abs=0.35 * S / SIDE)


def test_shares_are_soft_where_classes_meet_and_never_beyond_one():
    values = parser().look(crop_with(marked(grey(S), "green", BOX))).values
    assert values.min() >= 0.0 and values.max() <= 1.0 and values.sum(0).max() < 1.05
    assert ((values[HAIR] > 0.1) & (values[HAIR] < 0.9)).sum() > 20


@pytest.mark.parametrize("layout", ["nhwc", "labels", "shares"])
def test_other_layouts_say_the_same(layout):
    crop = crop_with(marked(grey(S), "green", BOX))
    spec, expected = parser_spec(), parser().look(crop).values[HAIR]
    if layout == "nhwc":
        out = TensorSpec("out", (1, SIDE, SIDE, CLASSES), "nhwc")
        made = parser(replace(spec, outputs=(out,)), lambda logits: logits.transpose(0, 2, 3, 1))
    elif layout == "labels":
        out = TensorSpec("out", (1, SIDE, SIDE), "flat", role="labels")
        made = parser(replace(spec, outputs=(out,)), lambda logits: logits.argmax(1).astype(np.int64))
    else:
        made = parser(spec, lambda logits: torch.from_numpy(logits).softmax(1).numpy())
    assert (made.look(crop).values[HAIR] - expected).abs().mean() < (0.01 if layout == "labels" else 1e-5)


def test_what_goes_in_has_the_manifests_range_a_channel():
    engine = ByColour(parser_spec())
    white = torch.ones(3, S, S) * 4.0
    open_parser(engine, SPACE, 0.0).look(crop_with(white))
    assert np.allclose(engine.shown[0][0, :, 10, 10], HIGH, atol=1e-4)
    open_parser(engine, SPACE, 0.0).look(crop_with(-white))
    assert np.allclose(engine.shown[1][0, :, 10, 10], LOW, atol=1e-4)


def test_light_beyond_the_networks_range_nan_and_infinity_do_no_harm():
    pixels = grey(S)
    pixels[:, 80, 80] = torch.tensor([float("inf"), 60000.0, float("nan")])
    planes = parser().look(crop_with(pixels))
    assert torch.isfinite(planes.values).all() and planes.found > 0.9


def test_outside_the_square_nothing_is_known():
    planes = parser(parser_spec(TEMPLATES["arcface_112"])).look(crop_with(grey(S)))
    assert planes.weight[0, 74, 80] == 1.0 and planes.weight[0, 2, 2] == 0.0
    rim = (planes.weight > 0.05) & (planes.weight < 0.95)
    assert rim.any(), "it fades out"


def test_of_several_outputs_the_one_whose_role_is_labels_is_read():
    others = tuple(TensorSpec(name, (1, CLASSES, None, None)) for name in ("out16", "out32"))
    spec = replace(parser_spec(), outputs=(*others, TensorSpec("out", (1, CLASSES, None, None), role="labels")))
    crop = crop_with(marked(grey(S), "green", BOX))
    assert torch.equal(parser(spec).look(crop).values, parser().look(crop).values)


def test_a_network_that_finds_no_face_is_not_believed():
    nothing = np.zeros((1, CLASSES, SIDE, SIDE), np.float32)
    nothing[:, 0] = 40.0
    planes = parser(answer=lambda logits: nothing).look(crop_with(grey(S)))
    assert planes.found < 0.01 and not planes.weight.any()


def test_belief_in_a_network_grows_without_a_jump():
    weights = []
    for width in range(SIDE + 1):
        answer = np.zeros((1, CLASSES, SIDE, SIDE), np.float32)
        answer[:, 0, :, width:], answer[:, 1, :, :width] = 40.0, 40.0
        weights.append(float(parser(answer=lambda logits, a=answer: a).look(crop_with(grey(S))).weight.max()))
    assert weights[0] == 0.0 and weights[-1] == 1.0 and max(np.diff(weights)) < 0.5 and min(np.diff(weights)) >= 0.0


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda logits: np.full_like(logits, np.nan), r"holds nan or infinity"),
        (lambda logits: logits[:, :7], r"has shape \(1, 7, 64, 64\); 19 classes"),
        (lambda logits: logits[:, 3] + 60.0, r"\(64, 64\) holds others; whole labels from 0 to 18"),
    ],
)
def test_an_answer_that_cannot_be_used_names_frame_model_and_shape(answer, message):
    with pytest.raises(ModelError, match=rf"frame 7: model colours: output 'out' .*{message}"):
        parser(answer=answer).look(crop_with(grey(S)))


def test_a_network_that_throws_names_the_frame():
    with pytest.raises(ModelError, match="frame 7: model colours: out of memory"):
        parser(of=Failing).look(crop_with(marked(grey(S), "red", BOX)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "swapper"}, "name one of kind 'face_parser'"),
        ({"outputs": (TensorSpec("out", (1, 11, None, None)),)}, r"gives out \(1, 11, None, None\)"),
        ({"outputs": (TensorSpec("out", (1, 19, None, None), role="matte"),)}, "correct its manifest"),
        ({"inputs": (TensorSpec("input", (1, 3, 64, 96)),)}, "one square picture of three channels"),
        ({"inputs": (TensorSpec("a", (1, 3, 64, 64)), TensorSpec("b", (1, 3, 64, 64)))}, "one square picture"),
    ],
)
def test_another_kind_or_layout_is_refused_at_once(change, message):
    with pytest.raises(BadInput, match=message):
        open_parser(ByColour(replace(parser_spec(), **change)), SPACE, 0.0)


def test_an_open_size_is_a_multiple_the_network_can_take():
    spec = replace(parser_spec(shape=(None, 3, None, None)), multiple=48)
    engine = ByColour(spec)
    open_parser(engine, SPACE, 0.0).look(crop_with(grey(S)))
    assert engine.shown[0].shape == (1, 3, 480, 480)


def test_the_crop_is_not_written_into():
    crop = crop_with(marked(grey(S), "green", BOX))
    before = crop.pixels._version
    parser().look(crop)
    assert crop.pixels._version == before
