"""What a network says of one crop, pixel by pixel, and how far to believe it. Read by composite (makes and uses them)

and steady (holds them still).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """Mattes of one frame.

    values: (c, s, s) float32 in [0, 1]. weight: (1, s, s) in [0, 1], 0 where nothing is known.
    found: [0, 1], how much of the face the network recognised as one on this very frame.
    """

    values: torch.Tensor
    weight: torch.Tensor
    found: float
