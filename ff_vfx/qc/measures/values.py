"""Light below black that the plate has not. Read by the door; NaN and mattes are measured by ff_vfx.qc.delivered."""

from __future__ import annotations

import torch


def new_negatives(made: torch.Tensor, plate: torch.Tensor) -> tuple[int, float]:
    """Pixels of the result below 0 where the plate is not, and below the plate's own darkest; and how far, at most.

    Args:
        made, plate: (3, h, w), any float type; what is no number is nobody's here.
    """
    darkest = plate.float().nan_to_num(0.0, posinf=0.0, neginf=0.0).clamp(max=0.0).amin((1, 2), keepdim=True)
    new = (made < darkest) & ~(plate < 0.0) & ~made.isinf()
    return int(new.any(0).sum()), float(-made[new].min()) if new.any() else 0.0
