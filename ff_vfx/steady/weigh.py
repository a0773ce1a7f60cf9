"""How much each frame's vote counts where: the replaceable part of merging. Read by merge.

A weight function sees one scale of all votes and answers a weight for each frame and pixel. Ours are agreement with
what most say, likeness to the frame itself, both, and attention. A user's own (learned features, say) is any function
of this shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.steady.parts import TRUSTED
from ff_vfx.steady.voter import Vote

_BELIEVED = 3.0  # typical disagreements within which a vote counts
_ALWAYS_STOPS = 0.03  # disagreement that is never held against a vote
_NEAREST = 5  # frames whose median is the first guess of what is right
_EVENT_LOW, _EVENT_HIGH = 0.15, 0.4  # change of the plate, stops: from no event to surely one
_EVENT_REACH = 0.02  # of the side: an event of the plate's may lie a little beside the new face's
ATTENDED = 5  # frames that attention looks at
_PATCH_PX = 1.0
_OWN_SHARE = 0.67
_FAR_STOPS = 1.0  # how much more a vote may differ from a trusted frame at the end of its reach
_OVERRULES = 1.0  # a vote worth more is a trusted frame's


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """All votes at one scale, nearest frames first, the frame itself at the head.

    face, plate: (k, 3, h, w) stops. trust: (k, 1, h, w), see voter.Vote. new: (1, h, w), see voter.newness.
    side: of the whole crop, in px of this scale.
    """

    votes: tuple[Vote, ...]
    face: torch.Tensor
    plate: torch.Tensor
    trust: torch.Tensor
    new: torch.Tensor
    side: float


Weigh = Callable[[Scale], torch.Tensor]


def agreement(scale: Scale) -> torch.Tensor:
    """Votes near to what the nearest frames agree on: a frame that jumps is outvoted, be it the one asked for.

    Where the plate itself changed (a blink, lips) the frame asked for is believed instead: that is no flicker.

    Args:
        scale: of (k, 3, h, w).

    Returns:
        (k, 1, h, w) in [0, 1].

    Source: ours; bilateral weights around a median, their width from the votes' own spread.
    """
    heard = [i for i, vote in enumerate(scale.votes) if vote.weight > 0.0]
    off = (scale.face - _believed(scale, heard)).abs().mean(1, keepdim=True)
    # Of two votes one is the middle itself.
    return _nearness(off, off[heard if len(heard) > 2 else heard[1:]], scale)


def _believed(scale: Scale, heard: list[int]) -> torch.Tensor:
    """(3, h, w): a first guess of what is right. heard: votes that have a word at all."""
    nearest = scale.face[heard[:_NEAREST]]
    middle = nearest[0] if len(nearest) < 3 else nearest.median(0).values
    if heard[0] == 0:
        middle = middle + _event(scale) * (scale.face[0] - middle)
    return _corrected(middle, scale)


def likeness(scale: Scale) -> torch.Tensor:
    """Votes like the frame's own face, patch by patch: what moved otherwise than the flow says does not count.

    Returns:
        (k, 1, h, w) in [0, 1]; 1 for the frame itself. As `agreement` where the frame itself has no word.

    Source: patch similarity as in non-local means (Buades 2005), width from the patches' own spread.
    """
    if scale.votes[0].weight == 0.0 or len(scale.votes) == 1:
        return agreement(scale)
    off = (scale.face - _corrected(scale.face[0], scale)).square().mean(1)
    patches = gaussian(off, _PATCH_PX).sqrt()[:, None]
    return _nearness(patches, patches[1:], scale)


def attention(scale: Scale) -> torch.Tensor:
    """Likeness among the nearest frames alone: attention without training, query and keys are patches.

    Returns:
        (k, 1, h, w) in [0, 1].
    """
    weights, trusted = likeness(scale), _trusted(scale)
    weights[[i for i in range(ATTENDED, len(weights)) if i != trusted]] = 0.0
    return weights


def likeness_and_agreement(scale: Scale) -> torch.Tensor:
    """The default: likeness keeps what is the frame's own, agreement outvotes it where it jumped.

    Returns:
        (k, 1, h, w) in [0, 1].

    Source: shares measured on s010 and the made shots, docs/decisions/0020-merging.md.
    """
    return _OWN_SHARE * likeness(scale) + (1.0 - _OWN_SHARE) * agreement(scale)


def _event(scale: Scale) -> torch.Tensor:
    """(1, h, w) in [0, 1]: how surely the plate changed here between this frame and the nearest others."""
    if len(scale.votes) < 2:
        return torch.zeros_like(scale.new)
    change = (scale.plate[1:3] - scale.plate[:1]).mean(1, keepdim=True).abs().amax(0)
    reach = max(1, round(_EVENT_REACH * scale.side))
    near = torch.nn.functional.max_pool2d(change[None], 2 * reach + 1, 1, reach)[0]
    return ((near - _EVENT_LOW) / (_EVENT_HIGH - _EVENT_LOW)).clamp(0.0, 1.0)


def _trusted(scale: Scale) -> int | None:
    """The vote of the nearest frame that the artist trusts, if one is in reach."""
    return next((i for i, vote in enumerate(scale.votes) if vote.weight > _OVERRULES), None)


def _corrected(measure: torch.Tensor, scale: Scale) -> torch.Tensor:
    """What votes are compared with, (3, h, w): a trusted frame, where the flow finds it, in the place of any other."""
    trusted = _trusted(scale)
    return measure if trusted is None else torch.lerp(measure, scale.face[trusted], scale.trust[trusted])


def _nearness(off: torch.Tensor, usual: torch.Tensor, scale: Scale) -> torch.Tensor:
    """(k, 1, h, w) in [0, 1]: how a vote that far off counts. off, usual: (k, 1, h, w) stops, usual those that tell how

    far votes usually lie. Near a trusted frame only what agrees with it counts.
    """
    width = _BELIEVED * _typical(usual, scale.new) + _ALWAYS_STOPS
    trusted = _trusted(scale)
    if trusted is not None:
        far = 1.0 - min(1.0, scale.votes[trusted].weight / TRUSTED)
        width = torch.minimum(width, torch.tensor(_ALWAYS_STOPS + far * _FAR_STOPS))
    return torch.exp(-(off / width).square())


def _typical(off: torch.Tensor, new: torch.Tensor) -> torch.Tensor:
    """The middle disagreement over the new face, stops; 0 where there is none."""
    inside = off[(new > 0.5).expand(off.shape)]
    return inside.median() if inside.numel() else torch.zeros(())
