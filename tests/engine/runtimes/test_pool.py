"""Several devices share one network's work, and nothing shows it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from ff_vfx.engine.runtimes.arrays import Arrays
from ff_vfx.engine.runtimes.pool import PooledEngine
from ff_vfx.errors import ModelError
from ff_vfx.types.device import Device
from ff_vfx.types.engine import EngineSpec, TensorSpec

OPEN = EngineSpec("toy", "enhancer", (TensorSpec("in", (None, 2)),), (TensorSpec("out", (None, 2)),))
FIXED = EngineSpec("toy", "enhancer", (TensorSpec("in", (1, 2)),), (TensorSpec("out", (1, 2)),))


class Card:
    """Squares; remembers what sizes it was given, and may fail."""

    def __init__(self, index: int, spec: EngineSpec = OPEN, error: ModelError | None = None) -> None:
        self.spec, self.device, self.error = spec, Device("cuda", index), error
        self.sizes: list[int] = []
        self.meet: threading.Barrier | None = None

    def run(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        self.sizes.append(len(inputs["in"]))
        if self.error:
            raise self.error
        if self.meet:
            self.meet.wait(10.0)
        return {"out": inputs["in"] ** 2}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_batch_comes_back_whole_and_in_order_whatever_the_split(size: int, count: int):
    cards = [Card(i) for i in range(count)]
    given = np.arange(size * 2, dtype=np.float32).reshape(size, 2)
    assert np.array_equal(PooledEngine(cards).run({"in": given})["out"], given**2)
    sizes = [sum(card.sizes) for card in cards]
    assert sum(sizes) == size and max(sizes) - min(sizes) <= 1


def test_the_parts_run_at_the_same_time():
    cards, meet = [Card(0), Card(1)], threading.Barrier(2)
    for card in cards:
        card.meet = meet  # each waits for the other
    PooledEngine(cards).run({"in": np.ones((4, 2), np.float32)})
    assert [card.sizes for card in cards] == [[2], [2]]


@pytest.mark.parametrize("spec", [OPEN, FIXED])
def test_single_runs_go_round(spec: EngineSpec):
    cards = [Card(i, spec) for i in range(3)]
    pool = PooledEngine(cards)
    for _ in range(7):
        pool.run({"in": np.ones((1, 2), np.float32)})
    assert [len(card.sizes) for card in cards] == [3, 2, 2]


def test_one_cards_failure_is_the_callers():
    pool = PooledEngine([Card(0), Card(1, error=ModelError("card 1 is out"))])
    with pytest.raises(ModelError, match="card 1 is out"):
        pool.run({"in": np.ones((4, 2), np.float32)})


def test_a_pool_of_nothing_is_refused():
    with pytest.raises(ModelError, match="at least one device"):
        PooledEngine([])


def test_two_sessions_of_one_file_give_the_bits_of_one(tmp_path: Path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")
    from ff_vfx.engine.runtimes.onnx import OnnxEngine
    from tests.engine.onnx_graph import graph, node

    file = tmp_path / "toy.onnx"
    file.write_bytes(graph([node("Sigmoid", ["in"], "out")], {}, {"in": ("n", 2)}, {"out": ("n", 2)}))
    engines = [OnnxEngine(file, OPEN) for _ in range(2)]
    given = {"in": np.random.default_rng(0).standard_normal((9, 2)).astype(np.float32)}
    assert np.array_equal(PooledEngine(engines).run(given)["out"], engines[0].run(given)["out"])
