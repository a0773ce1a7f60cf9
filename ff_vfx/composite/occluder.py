"""Where the face is not hidden, from an occlusion network of the user's own (XSeg layout). Read by sight."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from ff_vfx.composite.aligned import Aligned, MatteNetwork
from ff_vfx.errors import BadInput
from ff_vfx.types.engine import Engine, EngineSpec, TensorSpec
from ff_vfx.types.fused import Crop


class Occluder(MatteNetwork):
    """An occlusion network. One row: 1 where the face is seen, 0 where something hides it and beside the face."""

    __slots__ = ()
    face: ClassVar = (0,)

    def read(self, made: np.ndarray, crop: Crop) -> torch.Tensor:
        """(1, h, w) in [0, 1]."""
        planes = self.channels_first(made)
        planes = planes[:, None] if planes.ndim == 3 else planes
        if planes.ndim != 4 or planes.shape[:2] != (1, 1):
            raise self.aligned.fail(crop, f"output '{self.output.name}' has shape {made.shape}; one plane is needed")
        if not np.isfinite(planes).all():
            raise self.aligned.fail(crop, f"output '{self.output.name}' {made.shape} holds nan or infinity")
        low, high = (float(np.mean(level)) for level in (self.output.low, self.output.high))
        return ((torch.from_numpy(np.ascontiguousarray(planes[0], np.float32)) - low) / (high - low)).clamp(0.0, 1.0)


def open_occluder(engine: Engine, space: str, exposure_stops: float) -> Occluder:
    """An occluder of a loaded network.

    Args:
        engine: kind 'occluder'; an output of role 'matte', or the first with one channel; its low is hidden and its
            high seen. space: the crops' colour space. exposure_stops: the shot's.

    Raises:
        BadInput: another kind or layout.
    """
    spec = engine.spec
    if spec.kind != "occluder":
        raise BadInput(f"composite.occluder {spec.name}: a model of kind '{spec.kind}'; name one of kind 'occluder'")
    return Occluder(Aligned(engine, space, exposure_stops), _matte_of(spec))


def _matte_of(spec: EngineSpec) -> TensorSpec:
    for tensor in sorted(spec.outputs, key=lambda t: t.role != "matte"):
        shape = tensor.shape
        channels = shape[3 if tensor.layout == "nhwc" else 1] if len(shape) == 4 else 1
        fits = len(shape) in (3, 4) and shape[0] in (1, None) and channels == 1
        if tensor.role in ("", "matte") and fits and tensor.low != tensor.high:
            return tensor
    given = ", ".join(f"{t.name} {t.shape} {t.layout}" for t in spec.outputs)
    raise BadInput(
        f"composite.occluder {spec.name}: gives {given}; (1, h, w, 1), (1, 1, h, w) or (1, h, w) is needed; "
        "correct its manifest"
    )
