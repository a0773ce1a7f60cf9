"""Cryptomatte 1.2: who or what covers each pixel, as ranked pairs of id and coverage. Read by exr_write.

Source: Cryptomatte specification 1.2.0 (Psyop, 2018): murmur3 of the name, exponents 0 and 255
avoided, ranks by coverage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import mmh3
import numpy as np

from ff_vfx.types.layers import CryptoIds

RANKS = 6


def id_of(name: str) -> int:
    """A name's 32-bit id, which read as a float is neither zero, subnormal, infinite nor NaN."""
    code = int(mmh3.hash(name, 0, signed=False))
    exponent = code >> 23 & 255
    return code ^ (1 << 23) if exponent in (0, 255) else code


def encode(ids: CryptoIds) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """One Cryptomatte's channels over the Layers' window, and its header attributes.

    As many ranks as there are names, at most six, in whole layers of two. Where coverages add up to more than 1 they
    are scaled down to 1.

    Returns:
        ('ffPeople00.R' -> (h, w) float32: R id, G coverage of rank 0, B, A of rank 1), ('cryptomatte/...' -> text).
    """
    ranks = rank_count(len(ids.coverage))
    channels: dict[str, np.ndarray] = {}
    ranked_ids, ranked = _ranked(ids.coverage, ranks)
    for rank in range(ranks):
        layer = f"{ids.kind}{rank // 2:02d}"
        channels[f"{layer}.{'RB'[rank % 2]}"] = ranked_ids[rank]
        channels[f"{layer}.{'GA'[rank % 2]}"] = ranked[rank]
    key = f"cryptomatte/{id_of(ids.kind):08x}"[: len("cryptomatte/") + 7]
    manifest = {name: f"{id_of(name):08x}" for name in ids.coverage}
    return channels, {
        f"{key}/name": ids.kind,
        f"{key}/hash": "MurmurHash3_32",
        f"{key}/conversion": "uint32_to_float32",
        f"{key}/manifest": json.dumps(manifest, separators=(",", ":")),
    }


def rank_count(names: int) -> int:
    """Ranks written for so many names: even, 2 to 6."""
    return min(RANKS, max(2, names + names % 2))


def _ranked(coverage: Mapping[str, object], ranks: int) -> tuple[np.ndarray, np.ndarray]:
    """(ranks, h, w) float32 ids and coverages, the largest coverage first; equal ones in the names' order."""
    planes = np.stack([np.asarray(plane, np.float32) for plane in coverage.values()])
    planes = np.clip(np.nan_to_num(planes, nan=0.0), 0.0, 1.0)
    planes /= np.maximum(planes.sum(0), 1.0)
    codes = np.array([id_of(name) for name in coverage], np.uint32).view(np.float32)
    order = np.argsort(-planes, axis=0, kind="stable")[:ranks]
    sorted_planes = np.take_along_axis(planes, order, 0)
    sorted_ids = np.where(sorted_planes > 0, codes[order], np.float32(0))
    missing = ranks - len(order)
    if missing > 0:
        empty = np.zeros((missing, *planes.shape[1:]), np.float32)
        sorted_ids, sorted_planes = np.concatenate([sorted_ids, empty]), np.concatenate([sorted_planes, empty])
    return sorted_ids.astype(np.float32, copy=False), sorted_planes
