"""One frame's new face, held still by what its neighbours say: align, gather votes, merge, settle.

Read by post and live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ff_vfx.colour import brighten
from ff_vfx.image.blur import shrink
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.steady.align import SHRINK, bounded, jitter_between, shift_field
from ff_vfx.steady.flow import Flow
from ff_vfx.steady.merge import Merged, merge, merge_median, settle
from ff_vfx.steady.parts import amount_over
from ff_vfx.steady.voter import ABOVE_GRAIN, Vote, Voter, carried, neighbours_plate, newness, part_of, trust_of
from ff_vfx.steady.weigh import Weigh
from ff_vfx.types.fused import Fused, Held
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import Grain
from ff_vfx.types.window import Window


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What holds for the whole shot. floor: scene-linear value under which differences of light do not count."""

    settings: SteadySettings
    grain: Grain
    floor: float
    weigh: Weigh


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """Another frame that may vote. flow: from the frame asked for to it. weight: what its word is worth, >= 0."""

    voter: Voter
    flow: Flow
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """What was averaged in a frame's box, before the frame's own plate was given back to it; live carries it on."""

    box: Window
    merged: Merged


def hold_still(
    own: Voter, fused: Fused, weight: float, neighbours: Sequence[Neighbour], rules: Rules
) -> tuple[Held, Average | None]:
    """The new face, held still by its neighbours.

    Args:
        own, fused: the frame's. weight: what its own word is worth, >= 0. neighbours: in any order.

    Returns:
        Where picture equals surround in all frames, exactly the frame's own picture. No average where none was made.

    Domain: scene-linear, unbounded; works in stops.
    """
    box = own.box
    for other in neighbours:
        box = box.union(other.voter.box)
    size = own.face.shape[-1]
    held = Held(fused.picture, torch.zeros_like(fused.picture), torch.ones(1, size, size), torch.zeros(1, size, size))
    if box.empty or not neighbours or rules.settings.amount == 0.0:
        return held, None
    ordered = sorted(neighbours, key=lambda other: (abs(other.voter.number - own.number), other.voter.number))
    new = _newest([own, *(other.voter for other in ordered)], box)
    votes = gather(own, weight, ordered, box, new, rules.settings)
    merged = _merge(votes, new, rules, size)
    settled = settle(votes[0], merged, new, rules.grain, size, ABOVE_GRAIN * rules.floor)
    return _placed(fused, box, settled, merged, votes, rules), Average(box, merged)


def _newest(voters: Sequence[Voter], box: Window) -> torch.Tensor:
    """(1, h, w): new in the frame itself; where it has nothing new of its own, in any."""
    own = newness(voters[0], box)
    return own if own.any() else torch.stack([newness(voter, box) for voter in voters]).amax(0)


def gather(
    own: Voter, weight: float, neighbours: Sequence[Neighbour], box: Window, new: torch.Tensor, settings: SteadySettings
) -> list[Vote]:
    """All votes on the frame's pixels, its own first, brought to where they lie on average."""
    jitters = _jitters(own if weight > 0.0 else None, neighbours, box, new, settings.align_px)
    worth = torch.tensor([weight, *(other.weight for other in neighbours)], dtype=torch.float64)
    middle = (torch.stack([torch.zeros(4, dtype=torch.float64), *jitters]) * worth[:, None]).sum(0) / worth.sum()
    h, w = new.shape[-2:]
    seen = torch.ones(1, h, w) if own.seen is None else part_of(own.seen, box)
    shift, plate = _shift(-middle, new), part_of(own.plate, box)
    still = torch.zeros(2, *own.face.shape[-2:])
    face = part_of(own.face, box) if shift is None else carried(own.face, box, still, shift)
    votes = [Vote(0, face, plate, seen, weight)]
    for other, jitter in zip(neighbours, jitters, strict=True):
        theirs = neighbours_plate(other.voter, box, other.flow)
        trust = trust_of(plate, theirs[:3], part_of(other.flow.error_px, box), settings)
        trust = trust * theirs[3:].clamp(0.0, 1.0) if len(theirs) > 3 else trust
        face = carried(other.voter.face, box, other.flow.there, _shift(jitter - middle, new))
        votes.append(Vote(other.voter.number - own.number, face, theirs[:3], trust, other.weight))
    return votes


def _shift(jitter: torch.Tensor, new: torch.Tensor) -> torch.Tensor | None:
    """The new face alone is moved, never the plate around it."""
    field = shift_field(jitter, *new.shape[-2:])
    return None if field is None else field * new[0, ..., None]


def _jitters(
    own: Voter | None, neighbours: Sequence[Neighbour], box: Window, new: torch.Tensor, most_px: float
) -> list[torch.Tensor]:
    """(4,) each, see align.jitter_between; zeros when it is switched off.

    Args:
        own: the frame's; None where its own face has no word, or there is none: the nearest is the measure then.
    """
    if most_px == 0.0:
        return [torch.zeros(4, dtype=torch.float64)] * len(neighbours)
    shown = [_detail(other, box) for other in neighbours]
    h, w = shown[0].shape[-2:]
    here = shown[0] if own is None else own.detail[:, box.y0 // SHRINK :, box.x0 // SHRINK :][:, :h, :w]
    weight = shrink(new, SHRINK)[:, :h, :w]
    return [bounded(jitter_between(here, there, weight), most_px) for there in shown]


def _detail(other: Neighbour, box: Window) -> torch.Tensor:
    """A neighbour's detail on the box's pixels, (1, h / 2, w / 2)."""
    step = shrink(part_of(other.flow.there, box), SHRINK) / SHRINK
    h, w = step.shape[-2:]
    corner = torch.tensor([box.x0 // SHRINK, box.y0 // SHRINK], dtype=torch.float32)
    return sample(other.voter.detail, pixel_grid(h, w) + corner + step.permute(1, 2, 0), mode="bilinear")


def _merge(votes: Sequence[Vote], new: torch.Tensor, rules: Rules, size: int) -> Merged:
    if rules.settings.merge == "median":
        return merge_median(votes)
    return merge(votes, new, rules.settings.scales, rules.weigh, size)


def _placed(
    fused: Fused,
    box: Window,
    settled: tuple[torch.Tensor, torch.Tensor],
    merged: Merged,
    votes: Sequence[Vote],
    rules: Rules,
) -> Held:
    """The box's result back in the crop, by the artist's amounts. settled: see merge.settle."""
    size = fused.picture.shape[-1]
    amount = amount_over(fused.points, size, rules.settings)
    amount = amount if isinstance(amount, float) else part_of(amount, box)
    surround, floor = part_of(fused.surround, box), ABOVE_GRAIN * rules.floor
    change = settled[0] - votes[0].plate
    full = brighten(surround, change, floor)
    grain = torch.zeros_like(fused.picture)
    part_of(grain, box)[:] = amount * (full - brighten(surround, change - settled[1], floor))
    picture = fused.picture.clone()
    whole = isinstance(amount, float) and amount == 1.0
    own = part_of(fused.picture, box)
    part_of(picture, box)[:] = full if whole else own + amount * (full - own)
    counted = torch.ones(1, size, size)
    part_of(counted, box)[:] = 1.0 + amount * (merged.votes - 1.0).clamp_min(0.0)
    confidence = torch.zeros(1, size, size)
    part_of(confidence, box)[:] = torch.stack([vote.trust for vote in votes[1:]]).mean(0)
    return Held(picture, grain, counted, confidence)
