"""Light as an 8-bit picture for contact sheets and review movies; never for the shot itself."""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.colour.bridge import Bridge


def to_display(linear: torch.Tensor, space: str, exposure_stops: float = 0.0) -> np.ndarray:
    """A picture to look at: plain sRGB, no film look, so that two versions compare.

    Args:
        linear: (3, h, w) scene-linear. space: its colour space. exposure_stops: gain before it.

    Returns:
        (h, w, 3) uint8, R G B.

    Raises:
        UnknownColourSpace: the config does not know the space.

    Domain: clipped to [0, 1] after the curve; nan is black.
    """
    picture = Bridge(space, exposure_stops).encode(linear.detach())
    return np.ascontiguousarray((picture * 255.0 + 0.5).to(torch.uint8).permute(1, 2, 0).cpu().numpy())
