"""Fusers and flow that remember what they made, so that many modes of one shot pay once. Read by results.

Both are pure functions of their arguments, so remembering changes no number.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import torch

from ff_vfx.steady.flow import DenseFlow, Flow
from ff_vfx.types.fused import Crop, Fused, Fuser


class RememberedFuser:
    """A fuser for one solve of one shot; implements Fuser. A crop is known by its frame."""

    def __init__(self, fuser: Fuser) -> None:
        self._fuser = fuser
        self._fused: dict[int, Fused] = {}
        self._placed: dict[int, Fused] = {}

    def fuse(self, crop: Crop) -> Fused:
        """See Fuser."""
        if crop.number not in self._fused:
            self._fused[crop.number] = self._fuser.fuse(crop)
        return self._fused[crop.number]

    def place(self, crop: Crop) -> Fused:
        """See Fuser."""
        if crop.number not in self._placed:
            self._placed[crop.number] = self._fuser.place(crop)
        return self._placed[crop.number]


class RememberedFlow:
    """Dense inverse search for one solve of one shot; implements FlowMethod. A pair is known by its pixels."""

    def __init__(self, quality: str, exposure_stops: float) -> None:
        self._flow = DenseFlow(quality, exposure_stops)
        self._found: dict[bytes, tuple[Flow, Flow]] = {}

    @property
    def chains(self) -> bool:
        """See FlowMethod."""
        return self._flow.chains

    def picture(self, pixels: torch.Tensor) -> np.ndarray:
        """See FlowMethod."""
        return self._flow.picture(pixels)

    def between(self, first: np.ndarray, second: np.ndarray) -> tuple[Flow, Flow]:
        """See FlowMethod."""
        key = _key(first, second)
        if key not in self._found:
            self._found[key] = self._flow.between(first, second)
        return self._found[key]

    def onward(self, first: np.ndarray, second: np.ndarray, guess: tuple[np.ndarray, np.ndarray]) -> tuple[Flow, Flow]:
        """See FlowMethod."""
        key = _key(first, second, *guess)
        if key not in self._found:
            self._found[key] = self._flow.onward(first, second, guess)
        return self._found[key]


def _key(*arrays: np.ndarray) -> bytes:
    told = blake2b(digest_size=16)
    for array in arrays:
        told.update(np.ascontiguousarray(array).data)
    return told.digest()
