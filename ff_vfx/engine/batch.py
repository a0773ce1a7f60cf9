"""Many samples through one network, several at a time where that changes no bit. Read by track, fuse and composite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ff_vfx.engine.runtimes.arrays import Arrays, batchable
from ff_vfx.engine.runtimes.trial import trial_inputs
from ff_vfx.errors import ModelError
from ff_vfx.types.engine import Engine


def invariant_batch(engine: Engine, most: int, example: Mapping[str, np.ndarray] | None = None) -> int:
    """The largest batch, up to `most`, in which every sample keeps the bits it has alone; it is measured.

    Kernels are chosen by shape, and some add up in another order for another batch; a frame must not depend on how
    many were rendered with it. Every size from 2 up is tried, at every place, since a range's end is a smaller batch.

    Args:
        most: as many as may be run at once; 1 for no batching. example: one sample (1, ...) of the size that will be
            run; needed where the network's size is open. None: of the spec's size.

    Raises:
        ModelError: the network does not run at all. One that fails in a batch alone is run one by one.
    """
    if most < 2 or not batchable(engine.spec):
        return 1
    samples = trial_inputs(engine.spec, most) if example is None else _like(example, most)
    alone = [engine.run(_cut(samples, i, i + 1)) for i in range(most)]
    for size in range(2, most + 1):
        if not _same(engine, _cut(samples, 0, size), alone[:size]):
            return size - 1
    return most


def run_many(engine: Engine, inputs: Sequence[Mapping[str, np.ndarray]], most: int = 1) -> list[Arrays]:
    """One result a sample, in order.

    Args:
        inputs: samples (1, ...) by name; those of another shape than their neighbours go in a batch of their own.
        most: largest batch; see invariant_batch.
    """
    done: list[Arrays] = []
    most = most if batchable(engine.spec) else 1
    while len(done) < len(inputs):
        first = inputs[len(done)]
        group = [first]
        for other in inputs[len(done) + 1 : len(done) + most]:
            if any(other[name].shape != array.shape for name, array in first.items()):
                break
            group.append(other)
        done += _run(engine, group)
    return done


def _run(engine: Engine, group: Sequence[Mapping[str, np.ndarray]]) -> list[Arrays]:
    if len(group) == 1:
        return [engine.run(group[0])]
    found = engine.run({name: np.concatenate([sample[name] for sample in group]) for name in group[0]})
    return [_cut(found, i, i + 1) for i in range(len(group))]


def _same(engine: Engine, samples: Arrays, alone: Sequence[Arrays]) -> bool:
    try:
        found = engine.run(samples)
    except ModelError:
        return False
    return all(
        np.array_equal(_bits(array[i : i + 1]), _bits(one[name]))
        for i, one in enumerate(alone)
        for name, array in found.items()
    )


def _bits(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).view(np.uint8)


def _cut(arrays: Mapping[str, np.ndarray], first: int, end: int) -> Arrays:
    return {name: array[first:end] for name, array in arrays.items()}


def _like(example: Mapping[str, np.ndarray], most: int) -> Arrays:
    """The example so many times, each number weakened by another part: sums of equal numbers would hide their order."""
    rng = np.random.default_rng(0)
    return {
        name: (np.repeat(array, most, 0) * rng.uniform(0.5, 1.0, (most, *array.shape[1:]))).astype(np.float32)
        for name, array in example.items()
    }
