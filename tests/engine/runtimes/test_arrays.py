"""What goes in and comes out is held against the spec, at no cost worth naming."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.engine.runtimes.arrays import batchable, blank_inputs, checked_inputs, checked_outputs, static
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec


def _spec(kind: str = "enhancer", multiple: int = 1, shape: tuple[int | None, ...] = (None, 3, 4, 4)) -> EngineSpec:
    return EngineSpec("toy", kind, (TensorSpec("in", shape),), (TensorSpec("out", shape),), multiple=multiple)


def test_an_input_that_is_as_it_should_be_is_not_copied():
    given = np.ones((2, 3, 4, 4), np.float32)
    assert checked_inputs(_spec(), {"in": given})["in"] is given
    assert checked_inputs(_spec(), {"in": given.astype(np.uint8)})["in"].dtype == np.float32
    turned = given.transpose(0, 1, 3, 2)
    assert checked_inputs(_spec(), {"in": turned})["in"].flags.c_contiguous


def test_an_output_is_given_on_as_it_is():
    made = np.ones((2, 3, 4, 4), np.float32)
    assert checked_outputs(_spec(), {"out": made, "more": made})["out"] is made
    assert list(checked_outputs(_spec(), {"out": made, "more": made})) == ["out"]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.float32, np.float16, np.float64])
def test_an_output_that_holds_no_number_is_named(number: float, kind: type):
    made = np.ones((2, 3, 4, 4), kind)
    made[1, 2, 3, 3] = number
    with pytest.raises(ModelError, match=r"toy: output 'out' holds nan or infinity.*fp32"):
        checked_outputs(_spec(), {"out": made})
    assert checked_outputs(_spec(), {"out": made}, finite=False)["out"] is made


def test_infinities_that_cancel_out_are_seen_and_large_numbers_are_numbers():
    made = np.zeros((1, 3, 4, 4), np.float32)
    made.flat[:2] = np.inf, -np.inf
    with pytest.raises(ModelError, match="nan or infinity"):
        checked_outputs(_spec(), {"out": made})
    large = np.full((1, 3, 4, 4), 3e38, np.float32)
    assert checked_outputs(_spec(), {"out": large})["out"] is large
    labels = np.ones((1, 3, 4, 4), np.int64)
    assert checked_outputs(_spec(), {"out": labels})["out"] is labels


@pytest.mark.parametrize(
    ("kind", "multiple", "shape", "wanted"),
    [
        ("enhancer", 1, (None, 3, 512, 512), (1, 3, 512, 512)),
        ("upscaler", 1, (None, 3, None, None), (1, 3, 64, 64)),
        ("face_detector", 48, (1, 3, None, None), (1, 3, 96, 96)),
        ("flow", 8, (1, 3, None, None), (1, 3, 128, 128)),
        ("recogniser", 1, (None, 512), (1, 512)),
    ],
)
def test_a_first_run_takes_the_smallest_sensible_size(kind, multiple, shape, wanted):
    spec = _spec(kind, multiple, shape)
    assert blank_inputs(spec)["in"].shape == wanted
    assert blank_inputs(spec, 3)["in"].shape[0] == (3 if shape[0] is None else 1)


def test_channels_last_open_sides_are_its_own():
    spec = EngineSpec("toy", "swapper", (TensorSpec("in", (None, None, None, 3), "nhwc"),), ())
    assert blank_inputs(spec)["in"].shape == (1, 64, 64, 3)


def test_only_where_every_first_axis_is_open_may_samples_go_together():
    assert batchable(_spec())
    assert not batchable(_spec(shape=(1, 3, 4, 4)))
    fixed = EngineSpec("toy", "swapper", (TensorSpec("in", (None, 3, 4, 4)), TensorSpec("w", (1,))), ())
    assert not batchable(fixed)
    assert static(_spec(shape=(1, 3, 4, 4))) and not static(_spec())
