"""Many samples through one network, several at a time where that changes no bit. Read by track, fuse and composite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ff_vfx.engine.arrays import Arrays, batchable
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
    shapes = {tensor.name: (most, *_sample_shape(engine, tensor.name, example)) for tensor in engine.spec.inputs}
    samples = {name: _noise(shape, None if example is None else example[name]) for name, shape in shapes.items()}
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


def _sample_shape(engine: Engine, name: str, example: Mapping[str, np.ndarray] | None) -> tuple[int, ...]:
    if example is not None:
        return example[name].shape[1:]
    tensor = next(tensor for tensor in engine.spec.inputs if tensor.name == name)
    return tuple(n or 64 for n in tensor.shape[1:])


def _noise(shape: tuple[int, ...], example: np.ndarray | None) -> np.ndarray:
    """The example, another part of its range each time; noise in [0, 1] where there is none."""
    noise = np.random.default_rng(0).random(shape, np.float32)
    return noise if example is None else (example * (0.5 + noise)).astype(np.float32)
