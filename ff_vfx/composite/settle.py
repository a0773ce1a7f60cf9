"""Let neighbours settle what a texel alone cannot tell, but not across a picture's edges. Read by occlusion."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from ff_vfx.image.blur import shrink

_TIE = 3.0  # how strongly neighbours of one colour agree
_EDGE_STOPS = 0.15
_ROUNDS = (40, 25, 12)  # coarse to fine


def settle(front: torch.Tensor, back: torch.Tensor, stops: torch.Tensor) -> torch.Tensor:
    """The labelling p in [0, 1] that least denies `front` (says 1), `back` (says 0) and its neighbours.

    Args:
        front, back: (1, s, s) >= 0, their sum > 0; s a multiple of 4. stops: (3, s, s) whose edges neighbours obey.

    Source: screened random walker (Grady 2006), relaxed coarse to fine.
    """
    levels = [(front, back, stops)]
    for _ in _ROUNDS[1:]:
        f, b, picture = levels[-1]
        levels.append((4.0 * shrink(f, 2), 4.0 * shrink(b, 2), shrink(picture, 2)))
    coarse = levels[-1]
    p = coarse[0] / (coarse[0] + coarse[1])
    for (f, b, picture), rounds in zip(reversed(levels), _ROUNDS):
        if p.shape != f.shape:
            p = interpolate(p[None], size=f.shape[-2:], mode="bilinear", align_corners=False)[0]
        p = _relax(p, f, b, picture, rounds)
    return p


def _relax(p: torch.Tensor, f: torch.Tensor, b: torch.Tensor, picture: torch.Tensor, rounds: int) -> torch.Tensor:
    across, down = _ties(picture[:, :, 1:] - picture[:, :, :-1]), _ties(picture[:, 1:] - picture[:, :-1])
    total = f + b
    total[:, :, 1:] += across
    total[:, :, :-1] += across
    total[:, 1:] += down
    total[:, :-1] += down
    part = 1.0 / total
    for _ in range(rounds):
        q = f.clone()
        q[:, :, 1:] += across * p[:, :, :-1]
        q[:, :, :-1] += across * p[:, :, 1:]
        q[:, 1:] += down * p[:, :-1]
        q[:, :-1] += down * p[:, 1:]
        p = q * part
    return p


def _ties(step: torch.Tensor) -> torch.Tensor:
    return _TIE * torch.exp(step.square().sum(0, keepdim=True) * (-0.5 / (_EDGE_STOPS * _EDGE_STOPS)))
