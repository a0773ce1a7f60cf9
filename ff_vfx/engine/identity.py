"""A swapper that changes nothing. Read by tests of the null law, and by whoever wants to see the other stages alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ff_vfx.engine.runtimes.arrays import checked_inputs
from ff_vfx.types.engine import EngineSpec, TensorSpec

_CROP = TensorSpec("crop", (1, 3, None, None), "nchw", 0.0, 1.0, "srgb", "rgb")
_FACE = TensorSpec("face", (1, 3, None, None), "nchw", 0.0, 1.0, "srgb", "rgb")


class IdentityEngine:
    """Takes 'crop' (1, 3, h, w), gives it back as 'face', bit for bit, in memory of its own."""

    def __init__(self) -> None:
        self.spec = EngineSpec("identity", "swapper", (_CROP,), (_FACE,), tolerance=0.0)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run once. ModelError where the crop is missing or of another shape."""
        return {"face": checked_inputs(self.spec, inputs)["crop"].copy()}
