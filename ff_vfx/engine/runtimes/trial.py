"""Made-up inputs in the range a network expects, the same each time, to try it with. Read by batch and precision."""

from __future__ import annotations

import zlib

import numpy as np

from ff_vfx.engine.runtimes.arrays import Arrays, blank_inputs
from ff_vfx.types.engine import EngineSpec, TensorSpec


def trial_inputs(spec: EngineSpec, batch: int = 1, seed: int = 0) -> Arrays:
    """Pictures of soft shapes with some grain; vectors of length 1; strengths of 0.5.

    Args:
        batch: how many where the first axis is open; each is another one.
    """
    blanks = blank_inputs(spec, batch)
    return {t.name: _tensor(t, blanks[t.name].shape, seed + zlib.crc32(t.name.encode())) for t in spec.inputs}


def _tensor(tensor: TensorSpec, shape: tuple[int, ...], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if tensor.role == "strength":
        return np.full(shape, 0.5, np.float32)
    if len(shape) != 4 or tensor.layout == "flat":
        vectors = rng.standard_normal(shape).astype(np.float32)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-6))
    nhwc = tensor.layout == "nhwc"
    batch, channels, height, width = (shape[0], shape[3], shape[1], shape[2]) if nhwc else shape
    shown = np.stack([_picture(rng, channels, height, width) for _ in range(batch)])
    low, high = (np.asarray(level, np.float32).reshape(1, -1, 1, 1) for level in (tensor.low, tensor.high))
    ranged = shown * (high - low) + low
    return np.ascontiguousarray(ranged.transpose(0, 2, 3, 1) if nhwc else ranged, np.float32)


def _picture(rng: np.random.Generator, channels: int, height: int, width: int) -> np.ndarray:
    """(c, h, w) in [0, 1]."""
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    turns, phases = rng.uniform(1.0, 6.0, (channels, 2, 1, 1)), rng.uniform(0.0, 6.3, (channels, 1, 1))
    soft = 0.5 + 0.4 * np.sin(turns[:, 0] * x * 6.3 + turns[:, 1] * y * 6.3 + phases)
    return np.clip(soft + 0.05 * rng.standard_normal(soft.shape), 0.0, 1.0).astype(np.float32)
