"""Made-up inputs are in the range that the network expects, and the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.engine.runtimes.trial import trial_inputs
from ff_vfx.types.engine import EngineSpec, TensorSpec

LOW, HIGH = (-1.0, -2.0, -3.0), (1.0, 2.0, 3.0)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_a_picture_fills_each_channels_range_and_no_more(layout: str):
    shape = (None, 3, 32, 48) if layout == "nchw" else (None, 32, 48, 3)
    spec = EngineSpec("toy", "enhancer", (TensorSpec("in", shape, layout, LOW, HIGH, "srgb", "rgb"),), ())
    made = trial_inputs(spec, 2)["in"]
    planes = made if layout == "nchw" else made.transpose(0, 3, 1, 2)
    assert planes.shape == (2, 3, 32, 48) and made.flags.c_contiguous and made.dtype == np.float32
    for channel, (low, high) in enumerate(zip(LOW, HIGH)):
        values = planes[:, channel]
        assert low <= values.min() < low + 0.25 * (high - low) and high - 0.25 * (high - low) < values.max() <= high
    assert not np.array_equal(planes[0], planes[1])


def test_an_identity_has_length_one_and_a_strength_is_half():
    spec = EngineSpec(
        "toy", "swapper",
        (TensorSpec("id", (None, 512), "flat", role="identity"), TensorSpec("w", (1,), "flat", role="strength")), (),
    )  # fmt: skip
    made = trial_inputs(spec, 3)
    assert np.allclose(np.linalg.norm(made["id"], axis=1), 1.0) and made["w"].tolist() == [0.5]


def test_the_same_seed_makes_the_same_and_each_input_is_another():
    tensors = (TensorSpec("a", (1, 3, 8, 8)), TensorSpec("b", (1, 3, 8, 8)))
    spec = EngineSpec("toy", "flow", tensors, ())
    one, two, other = trial_inputs(spec), trial_inputs(spec), trial_inputs(spec, seed=1)
    assert np.array_equal(one["a"], two["a"]) and not np.array_equal(one["a"], one["b"])
    assert not np.array_equal(one["a"], other["a"])
