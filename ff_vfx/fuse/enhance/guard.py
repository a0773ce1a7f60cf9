"""Keeps an enhancer from changing who it is: one strength for the whole shot, as much as identity bears.

Read by the door. One strength, because a strength that changed from frame to frame would be seen as a pulse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.colour import Bridge
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.types.fused import Fused
from ff_vfx.types.template import five_points

Embed = Callable[[torch.Tensor, np.ndarray], np.ndarray]
"""A recogniser: (3, s, s) display picture and five points (5, 2) in its px -> (d,) of length 1."""

_HALVINGS = 6  # of the range of strengths
_LEAST_PART = 0.05  # of the strength asked for; below it nothing is seen, and the network is left out


@dataclass(frozen=True, slots=True, eq=False)
class Guarded:
    """What a shot bears. strength: to use, 0: the network is rejected. asked: what was asked for.

    at_asked, at_used: the lowest cosine between a sample before and after, at either strength; nan: nobody measured.
    """

    strength: float
    asked: float
    at_asked: float = float("nan")
    at_used: float = float("nan")

    @property
    def told(self) -> str:
        """In words, for the report."""
        if np.isnan(self.at_asked):
            return "no recogniser: identity is not guarded"
        if self.strength == self.asked:
            return f"identity kept: cosine {self.at_asked:.3f} at strength {self.asked:.2f}"
        if self.strength == 0.0:
            return f"rejected: cosine {self.at_asked:.3f} at strength {self.asked:.2f}, and no weaker one is enough"
        return (
            f"scaled back from {self.asked:.2f}, cosine {self.at_asked:.3f}, to {self.strength:.2f}, "
            f"cosine {self.at_used:.3f}"
        )


def guard(enhancer: Enhancer, samples: Sequence[Fused], embed: Embed, asked: float, floor: float) -> Guarded:
    """The largest strength, up to the one asked for, at which every sample is still who it was.

    Args:
        samples: new faces spread over the shot. asked: [0, 1]. floor: least cosine, [-1, 1].

    Raises:
        ModelError: a network fails on a sample.

    Repeats: a pure function of the samples, so the same whatever range is rendered.
    """
    changes = [enhancer.change(fused) for fused in samples]
    before = [embedding(enhancer.bridge, fused, fused.picture, embed) for fused in samples]

    def kept(strength: float) -> float:
        cosines = (
            float(embedding(enhancer.bridge, fused, enhancer.add(fused.picture, change, strength), embed) @ old)
            for fused, change, old in zip(samples, changes, before, strict=True)
        )
        return min(cosines, default=1.0)

    at_asked = kept(asked)
    if at_asked >= floor:
        return Guarded(asked, asked, at_asked, at_asked)
    good, at_good, bad = 0.0, 1.0, asked
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2.0
        found = kept(middle)
        if found >= floor:
            good, at_good = middle, found
        else:
            bad = middle
    if good < _LEAST_PART * asked:
        return Guarded(0.0, asked, at_asked, 1.0)
    return Guarded(good, asked, at_asked, at_good)


def embedding(bridge: Bridge, fused: Fused, picture: torch.Tensor, embed: Embed) -> np.ndarray:
    """What a recogniser sees in a picture (3, s, s), scene-linear, of that new face."""
    return embed(bridge.encode(picture), five_points(fused.points))
