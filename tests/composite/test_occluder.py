"""ff_vfx.composite.occluder: an occlusion network in XSeg's layout, nhwc with blue first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ff_vfx.composite.occluder import open_occluder
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.types.engine import TensorSpec
from tests.composite.by_colour import ByColour, grey, marked, occluder_spec, visible
from tests.composite.test_parsing import BOX, S, crop_with
from tests.synthetic import SPACE


@pytest.mark.parametrize("shape", ["nhwc", "nchw", "plane"])
def test_what_hides_the_face_comes_back_where_it_was_seen(shape):
    outs = {
        "nhwc": (TensorSpec("out_mask", (1, 64, 64, 1), "nhwc"), visible),
        "nchw": (TensorSpec("out_mask", (None, 1, None, None)), lambda x: visible(x).transpose(0, 3, 1, 2)),
        "plane": (TensorSpec("out_mask", (1, 64, 64), "flat", role="matte"), lambda x: visible(x)[..., 0]),
    }
    out, answer = outs[shape]
    spec = replace(occluder_spec(), outputs=(out,))
    planes = open_occluder(ByColour(spec, answer), SPACE, 0.0).look(crop_with(marked(grey(S), "blue", BOX)))
    x0, y0, x1, y1 = BOX
    seen = planes.values[0]
    assert seen[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].max() < 0.1 and seen[y1 + 6, x0] > 0.9


def test_low_is_hidden_and_high_is_seen():
    spec = replace(occluder_spec(), outputs=(TensorSpec("out_mask", (1, 64, 64, 1), "nhwc", 255.0, 0.0),))
    crop = crop_with(marked(grey(S), "blue", BOX))
    upside = open_occluder(ByColour(spec, lambda x: 255.0 * (1.0 - visible(x))), SPACE, 0.0).look(crop)
    plain = open_occluder(ByColour(occluder_spec(), visible), SPACE, 0.0).look(crop)
    assert np.allclose(upside.values, plain.values, atol=1e-5)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x: visible(x) * np.nan, r"\(1, 64, 64, 1\) holds nan or infinity"),
        (lambda x: np.repeat(visible(x), 2, -1), r"has shape \(1, 64, 64, 2\); one plane is needed"),
    ],
)
def test_an_answer_that_cannot_be_used_names_frame_model_and_shape(answer, message):
    with pytest.raises(ModelError, match=rf"frame 7: model hidden: output 'out_mask' {message}"):
        open_occluder(ByColour(occluder_spec(), answer), SPACE, 0.0).look(crop_with(grey(S)))


def test_another_kind_or_layout_is_refused_at_once():
    with pytest.raises(BadInput, match="name one of kind 'occluder'"):
        open_occluder(ByColour(replace(occluder_spec(), kind="face_parser")), SPACE, 0.0)
    with pytest.raises(BadInput, match=r"gives out \(1, 19, 64, 64\)"):
        open_occluder(ByColour(replace(occluder_spec(), outputs=(TensorSpec("out", (1, 19, 64, 64)),))), SPACE, 0.0)
