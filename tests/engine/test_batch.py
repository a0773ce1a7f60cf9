"""A frame's bits do not depend on how many were run with it: measured, not believed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from ff_vfx.engine.batch import invariant_batch, run_many
from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import EngineSpec, TensorSpec

OPEN = EngineSpec("toy", "enhancer", (TensorSpec("in", (None, 3)),), (TensorSpec("out", (None, 3)),))
FIXED = EngineSpec("toy", "enhancer", (TensorSpec("in", (1, 3)),), (TensorSpec("out", (1, 3)),))


class Engine:
    """Adds 1; from some batch on its last sample comes out a bit different."""

    def __init__(self, spec: EngineSpec = OPEN, *, off_from: int = 99, fails_from: int = 99) -> None:
        self.spec, self.off_from, self.fails_from, self.sizes = spec, off_from, fails_from, list[int]()

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        size = len(inputs["in"])
        self.sizes.append(size)
        if size >= self.fails_from:
            raise ModelError("no such batch")
        made = inputs["in"] + np.float32(1.0)
        if size >= self.off_from:
            made[-1] = np.nextafter(made[-1], np.float32(9.0))
        return {"out": made}


@pytest.mark.parametrize(("off_from", "most", "wanted"), [(99, 6, 6), (4, 6, 3), (2, 6, 1), (6, 6, 5), (99, 1, 1)])
def test_the_largest_batch_in_which_no_bit_changes_is_found(off_from: int, most: int, wanted: int):
    assert invariant_batch(Engine(off_from=off_from), most) == wanted


def test_every_size_below_is_tried_since_a_ranges_end_is_smaller():
    engine = Engine()
    invariant_batch(engine, 4)
    assert sorted(set(engine.sizes)) == [1, 2, 3, 4]


def test_a_network_without_an_open_batch_or_that_fails_in_one_goes_one_by_one():
    assert invariant_batch(Engine(FIXED), 8) == 1
    assert invariant_batch(Engine(fails_from=2), 8) == 1
    assert invariant_batch(Engine(fails_from=4), 8) == 3


def test_an_example_gives_size_and_range():
    engine = Engine()
    given: list[np.ndarray] = []
    run = engine.run
    engine.run = lambda inputs: given.append(inputs["in"]) or run(inputs)  # type: ignore[method-assign]
    invariant_batch(engine, 3, {"in": np.full((1, 3), 200.0, np.float32)})
    assert all(one.shape[1:] == (3,) and one.max() <= 200.0 and one.min() >= 100.0 for one in given)
    assert len({row.tobytes() for row in given[-1]}) == 3


@pytest.mark.parametrize("most", [1, 2, 3, 8])
def test_many_samples_come_back_apart_and_in_order(most: int):
    engine, given = Engine(), [{"in": np.full((1, 3), i, np.float32)} for i in range(7)]
    made = run_many(engine, given, most)
    assert [one["out"][0, 0] for one in made] == [i + 1 for i in range(7)]
    assert max(engine.sizes) == min(most, 7) and all(one["out"].shape == (1, 3) for one in made)


def test_samples_of_another_size_are_not_stacked():
    spec = EngineSpec("toy", "enhancer", (TensorSpec("in", (None, None)),), (TensorSpec("out", (None, None)),))
    engine = Engine(spec)
    widths = [3, 3, 5, 5, 5, 3]
    made = run_many(engine, [{"in": np.ones((1, n), np.float32)} for n in widths], 4)
    assert [one["out"].shape[1] for one in made] == widths and engine.sizes == [2, 3, 1]


def test_a_network_without_an_open_batch_is_given_one_at_a_time():
    engine = Engine(FIXED)
    run_many(engine, [{"in": np.ones((1, 3), np.float32)}] * 3, 8)
    assert engine.sizes == [1, 1, 1]
    assert run_many(engine, [], 8) == []
