"""A display picture as a network wants it, and a network's answer as a display picture. Read by all who show one.

Range, order of channels and layout are handled here and undone here, as the spec says; encoding is the caller's, who
knows the light (ff_vfx.colour.Bridge). Trap: importing ff_vfx.engine.pictures loads no runtime.
"""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.errors import ModelError
from ff_vfx.types.engine import TensorSpec


def to_network(pictures: torch.Tensor, spec: TensorSpec) -> np.ndarray:
    """What goes into one input.

    Args:
        pictures: (b, 3, h, w) display RGB in [0, 1].

    Returns:
        float32, contiguous: (b, 3, h, w) or (b, h, w, 3), in the spec's range and order.
    """
    low, high = _levels(spec)
    ordered = pictures.flip(1) if spec.channels == "bgr" else pictures
    ranged = (ordered * (high - low) + low).numpy()
    return np.ascontiguousarray(ranged.transpose(0, 2, 3, 1) if spec.layout == "nhwc" else ranged, np.float32)


def from_network(array: np.ndarray, spec: TensorSpec) -> torch.Tensor:
    """What came out as a picture: (b, 3, h, w) float32 display RGB, not clipped.

    Raises:
        ModelError: it is no picture of three finite channels.
    """
    made = array.transpose(0, 3, 1, 2) if spec.layout == "nhwc" and array.ndim == 4 else array
    if made.ndim != 4 or made.shape[1] != 3:
        raise ModelError(f"output '{spec.name}' has shape {array.shape}; a picture of three channels is needed")
    if not np.isfinite(made).all():
        raise ModelError(f"output '{spec.name}' holds nan or infinity; the network does not suit what it was shown")
    low, high = _levels(spec)
    picture = (torch.from_numpy(np.ascontiguousarray(made, np.float32)) - low) / (high - low)
    return picture.flip(1) if spec.channels == "bgr" else picture


def answered(
    shown: torch.Tensor, given: np.ndarray, made: np.ndarray, specs: tuple[TensorSpec, TensorSpec]
) -> torch.Tensor:
    """As `from_network`, but a value that comes back as it went is given back as it was shown, bit for bit.

    Args:
        shown: (b, 3, h, w) the picture before `to_network`, given: after it. made: the output. specs: of both.
    """
    taken, gave = specs
    picture = from_network(made, gave)
    if made.shape != given.shape or (taken.low, taken.high, taken.channels) != (gave.low, gave.high, gave.channels):
        return picture
    same = made == given
    if taken.layout == "nhwc":
        same = same.transpose(0, 3, 1, 2)
    kept = torch.from_numpy(np.ascontiguousarray(same))
    return torch.where(kept.flip(1) if taken.channels == "bgr" else kept, shown, picture)


def _levels(spec: TensorSpec) -> tuple[torch.Tensor, torch.Tensor]:
    """(1, 1|3, 1, 1) each."""
    low, high = (torch.tensor(level, dtype=torch.float32).reshape(1, -1, 1, 1) for level in (spec.low, spec.high))
    return low, high
