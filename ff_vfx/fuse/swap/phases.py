"""A picture larger than a network, as many pictures of the network's size, each half a pixel or less aside. Read by

swap_fuser. Every phase is the whole face, seen on the network's own grid from another sub-pixel place; put together
again they are one picture on the finer grid, as a scanner that shifts its sensor makes one.
"""

from __future__ import annotations

import torch

from ff_vfx.image.blur import gaussian

# Network px. Coarser than this the phases are made to agree: a network that is not the same at every sub-pixel place
# (strides, pooling) brightens one phase and darkens the next, which is seen as a grid. Measured: docs/swappers.md.
_AGREE_PX = 1.0


def split(picture: torch.Tensor, times: int) -> torch.Tensor:
    """(c, n * times, n * times) to its (times^2, c, n, n) phases; 1 gives the picture itself as a batch of one."""
    c, h, w = picture.shape
    phases = picture.reshape(c, h // times, times, w // times, times).permute(2, 4, 0, 1, 3)
    return phases.reshape(times * times, c, h // times, w // times).contiguous()


def join(phases: torch.Tensor, times: int) -> torch.Tensor:
    """The way back from `split`, bit for bit."""
    _, c, h, w = phases.shape
    placed = phases.reshape(times, times, c, h, w).permute(2, 3, 0, 4, 1)
    return placed.reshape(c, h * times, w * times).contiguous()


def join_levelled(phases: torch.Tensor, times: int) -> torch.Tensor:
    """`join`, without the grid that phases which disagree would leave.

    What one phase has in its coarse part beyond what all of them have there is taken from it: a notch at each multiple
    of the network's grid, so detail between its own finest and the notch stays. Nothing is taken where all are 0.

    Args:
        phases: (times^2, c, n, n).

    Source: ours, docs/decisions/0028.
    """
    whole = join(phases, times)
    if times == 1:
        return whole
    agreed = split(gaussian(whole, _AGREE_PX * times), times)
    return join(phases - (gaussian(phases, _AGREE_PX) - agreed), times)
