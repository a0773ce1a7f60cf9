"""A small network that enlarges a picture two or four times. Read by the torch runtime, export and training.

It learns only what a plain enlargement lacks: with its last layer at 0, as it is made, it is a bicubic enlargement.
Source: after EDSR (Lim et al. 2017): no batch norm, pixel shuffle; smaller, and on a bicubic base, which is ours.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.functional import interpolate
from torch.nn.utils import skip_init

from ff_vfx.errors import BadInput

_MIDDLE = 0.5  # display pictures are in [0, 1]; weights learn faster on numbers around 0
_BLOCK_GAIN = 0.1  # of a fresh block's second layer, so that eight of them do not blow up


class ResidualBlock(nn.Module):
    """Two convolutions and what came in. x, result: (b, features, h, w)."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.first, self.second = _conv(features, features), _conv(features, features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(torch.relu(self.first(x)))


class Edsr(nn.Module):
    """Any size in, (b, 3, h, w) display RGB; (b, 3, scale * h, scale * w) out, not clipped."""

    def __init__(self, scale: int, features: int = 32, blocks: int = 8, seed: int = 0) -> None:
        """Args:
            scale: 2 or 4. seed: the same seed, the same weights, whatever else drew random numbers.

        Raises:
            BadInput: another scale.
        """
        super().__init__()
        if scale not in (2, 4):
            raise BadInput(f"edsr: a scale of {scale}; 2 or 4 is needed")
        self.scale = scale
        self.head = _conv(3, features)
        self.blocks = nn.Sequential(*(ResidualBlock(features) for _ in range(blocks)))
        self.body = _conv(features, features)
        steps = [(_conv(features, 4 * features), nn.PixelShuffle(2)) for _ in range(scale // 2)]
        self.up = nn.Sequential(*(layer for step in steps for layer in step))
        self.tail = _conv(features, 3)
        self._start(seed)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        base = interpolate(picture, scale_factor=float(self.scale), mode="bicubic", align_corners=False)
        shallow = self.head(picture - _MIDDLE)
        return base + self.tail(self.up(shallow + self.body(self.blocks(shallow))))

    @torch.no_grad()
    def _start(self, seed: int) -> None:
        """Fresh weights. Source: He et al. 2015; the last layer at 0 is ours."""
        draw = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if weight.dim() == 1 or name.startswith("tail."):
                weight.zero_()
                continue
            gain = _BLOCK_GAIN if name.endswith("second.weight") else 1.0
            weight.normal_(0.0, gain * math.sqrt(2.0 / (9 * weight.shape[1])), generator=draw)


def _conv(taken: int, given: int) -> nn.Module:
    # torch's own start would draw from a generator that everybody shares.
    return skip_init(nn.Conv2d, taken, given, 3, padding=1)
