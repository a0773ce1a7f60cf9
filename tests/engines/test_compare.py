"""Two runtimes on real crops, against the manifest's tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from engines.compare import Difference, compare, compare_devices, require
from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec


class Engine:
    """Its input plus something, times something."""

    spec = EngineSpec("toy", "enhancer", (TensorSpec("in", (1, 2)),), (TensorSpec("out", (1, 2)),), tolerance=0.01)

    def __init__(self, more: float = 0.0, times: float = 1.0) -> None:
        self.more, self.times = more, times

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        return {"out": (inputs["in"] + np.float32(self.more)) * np.float32(self.times)}


SAMPLES = [{"in": np.zeros((1, 2), np.float32)}, {"in": np.ones((1, 2), np.float32)}]


def test_the_worst_of_all_samples_counts():
    (row,) = compare(Engine(), Engine(times=1.25), SAMPLES)
    assert (row.output, row.worst, row.size, row.ok) == ("out", 0.25, 1.0, False)
    assert compare(Engine(), Engine(more=0.0078125), SAMPLES)[0].ok


def test_large_numbers_are_held_to_a_part_of_themselves_and_small_ones_are_not():
    assert Difference("out", 1.9, 200.0, 0.01).ok and not Difference("out", 2.1, 200.0, 0.01).ok
    assert not Difference("out", 0.02, 0.5, 0.01).ok


def test_what_differs_is_refused_by_name_and_number():
    rows = [Difference("well", 0.0, 1.0, 0.01), Difference("out", 0.25, 1.0, 0.01)]
    with pytest.raises(ModelError, match=r"model toy: in fp16 its output 'out' moves by 0\.25 of 1 .* allows 0\.01"):
        require(rows, "model toy: in fp16")
    require(rows[:1], "model toy: in fp16")


def test_nothing_to_compare_on_is_said():
    with pytest.raises(ModelError, match="no crops to compare on"):
        compare(Engine(), Engine(), [])


def test_one_model_on_two_runtimes(swapper: Path):
    (row,) = compare_devices(swapper, "cpu", "cpu/opencv")
    assert row.ok and 0.0 < row.worst < 1e-5


def test_a_runtime_that_is_not_there_is_refused_for_a_fallback_would_agree_with_itself(swapper: Path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ModelError, match="compare: .*asked for"):
        compare_devices(swapper, "cpu", "cuda:0/tensorrt")
