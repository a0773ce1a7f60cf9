"""Does the face hold still: what is on one frame alone, and how it lies along the plate's motion. Read by watch."""

from __future__ import annotations

import torch

from ff_vfx.qc.measures.along import Step, Way, rms, tone

_PATCH = 0.99  # quantile of a face: about the size of an eye
_ASKED = 0.5
_FAR = 4.0  # of the plate's own usual change: what is beyond it counts as no more, or one blink would be all there is


def tone_apart(back: Step, on: Step) -> float:
    """How far a frame's tone stands apart from both neighbours', stops, the worst channel.

    Only what differs from both in the same direction counts, and by the smaller of the two, so that a step that stays
    and what the neighbours did are not this frame's.
    """
    return float(apart(tone(back), tone(on)).abs().max())


def patch_apart(back: Step, on: Step) -> float:
    """The same at the worst place of the face, stops: an eye, a mouth, an edge that is elsewhere on this frame."""
    asked = (back.trust * on.trust)[0] > _ASKED
    there = apart(back.change, on.change).abs().amax(0)[asked]
    return float(torch.quantile(there, _PATCH)) if there.numel() else float("nan")


def warp_ratio(step: Step) -> float:
    """E_warp along the plate's motion over the plate's own: above 1 restless, far below 1 smeared or frozen.

    Source: Lai 2018, as a ratio to the reference, what is far out counted as `_FAR`.
    """
    asked = step.trust[0] > _ASKED
    if not asked.any():
        return float("nan")
    usual = float(step.plates.abs()[:, asked].median()) / 0.6745
    own = rms(step.plates.clamp(-_FAR * usual, _FAR * usual), step.trust)
    return rms(step.ours.clamp(-_FAR * usual, _FAR * usual), step.trust) / own if own > 0.0 else float("nan")


def slip(ours: Way, plates: Way, step: Step) -> torch.Tensor:
    """(2,) px of the view: how the result moves where the plate moves otherwise, the face's median.

    Args:
        ours, plates: motion seen in the result and in the plate, the same way. step: between the same two.

    Source: tOF of Chu 2020, against the plate, as a median.
    """
    missed = torch.maximum(ours[1], plates[1])
    there = (ours[0] - plates[0])[:, (step.trust[0] > _ASKED) & (missed[0] < 1.0)]
    return there.median(1).values if there.shape[1] else torch.full((2,), torch.nan)


def slip_apart(back: torch.Tensor, on: torch.Tensor) -> float:
    """How far a frame's face lies off the way between both neighbours, px: it sits elsewhere on this frame alone."""
    return float(apart(back, on).norm())


def apart(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """The smaller of two differences where they have one sign, else 0; nan where one of them is."""
    least = torch.minimum(one.abs(), other.abs())
    return torch.where(one * other <= 0.0, torch.zeros_like(one), least * one.sign())
