"""Many frames' votes become one new face, band of detail by band of detail. Read by post and live.

What is averaged is the new face and the plate under it, with the same weights; the difference of this frame's plate to
its average is given back, so what truly changes in the plate (a passing light, its grain) passes through untouched.
That is a mean of the log-ratio to the plate, but for fine plate detail that does not fit the new face: it is held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ff_vfx.colour import from_stops
from ff_vfx.image.blur import enlarge, gaussian, shrink
from ff_vfx.steady.voter import Vote
from ff_vfx.steady.weigh import Scale, Weigh
from ff_vfx.types.solve import Grain

_STEP = 4  # each scale is that many times smaller than the one before
_SEEN_AT = 2  # the finest scale is weighed at half its size
_LEAST_WEIGHT = 1e-4
_GRAIN_SIZE = 1.0 / 128.0  # of the crop's side: what is finer may be grain
_GRAIN_SPAN = 3.0  # standard deviations of grain; a finer difference beyond them is no grain
_LEAST_GAIN, _MOST_GAIN = 0.5, 2.0
_PER_STOP = 1.4427  # d log2(x) / d ln(x)


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """face, plate: (3, h, w) stops, averages of the votes. votes: (1, h, w) >= 1, how many frames' worth."""

    face: torch.Tensor
    plate: torch.Tensor
    votes: torch.Tensor


def merge(votes: Sequence[Vote], new: torch.Tensor, scales: int, weigh: Weigh, side: int) -> Merged:
    """The weighted mean of all votes, at each scale with its own weights.

    Args:
        votes: the frame's own first, then nearest first. new: (1, h, w), see voter.newness. side: of the crop, px.

    Domain: stops, unbounded. Source: ours, after Laplacian pyramids (Burt and Adelson 1983).
    """
    both = torch.stack([torch.cat([vote.face, vote.plate]) for vote in votes])
    trust = torch.stack([vote.trust for vote in votes])
    worth = torch.tensor([vote.weight for vote in votes])[:, None, None, None]
    bands, trusts, news = ([_shrunk(p, _STEP**k) for k in range(scales)] for p in (both, trust, new[None]))
    merged = weights = torch.zeros(())
    for level in reversed(range(scales)):
        band, sure = bands[level], trusts[level]
        scale = Scale(tuple(votes), band[:, :3], band[:, 3:], sure, news[level][0], side / _STEP**level)
        # Coarse detail survives a little misplacement that fine detail does not.
        sure = sure if level == 0 else sure.sqrt()
        weights = worth * (sure * _weights(scale, weigh, halved=level == 0)).clamp_min(_LEAST_WEIGHT)
        coarsest = level == scales - 1
        if not coarsest:
            band = band - _enlarged(bands[level + 1], band.shape)
        mean = (band * weights).sum(0) / weights.sum(0)
        merged = mean if coarsest else mean + _enlarged(merged[None], mean.shape)[0]
    return Merged(merged[:3], merged[3:], weights.sum(0).square() / weights.square().sum(0))


def _shrunk(pictures: torch.Tensor, factor: int) -> torch.Tensor:
    """(k, c, h, w) that many times smaller."""
    return pictures if factor == 1 else shrink(pictures.flatten(0, 1), factor).unflatten(0, pictures.shape[:2])


def _enlarged(pictures: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    size = (int(shape[-2]), int(shape[-1]))
    return torch.nn.functional.interpolate(pictures, size=size, mode="bilinear", align_corners=False)


def _weights(scale: Scale, weigh: Weigh, *, halved: bool) -> torch.Tensor:
    """(k, 1, h, w). The finest scale is weighed at half its size, where there is less grain."""
    if not halved:
        return weigh(scale)
    face, plate, trust = (_shrunk(p, _SEEN_AT) for p in (scale.face, scale.plate, scale.trust))
    small = Scale(scale.votes, face, plate, trust, shrink(scale.new, _SEEN_AT), scale.side / _SEEN_AT)
    return _enlarged(weigh(small), scale.face.shape)


def merge_median(votes: Sequence[Vote]) -> Merged:
    """The weighted median of the log-ratio to the plate, pixel by pixel: nothing of a frame that jumps is left.

    Args:
        votes: the frame's own first.
    """
    ratio = torch.stack([vote.face - vote.plate for vote in votes])
    weights = torch.stack([vote.weight * vote.trust for vote in votes]).clamp_min(_LEAST_WEIGHT).expand(ratio.shape)
    order = ratio.argsort(0)
    reached = weights.gather(0, order).cumsum(0)
    place = (reached < 0.5 * reached[-1:]).sum(0, keepdim=True)
    middle = ratio.gather(0, order.gather(0, place))[0]
    total = weights[:, :1].sum(0)
    plate = votes[0].plate
    return Merged(plate + middle, plate, total.square() / weights[:, :1].square().sum(0))


def settle(
    own: Vote, merged: Merged, new: torch.Tensor, grain: Grain, side: int, floor: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The merged face with what this frame's plate has of its own: light, and grain as the new face would have it.

    Args:
        new: (1, h, w), see voter.newness. floor: as the votes were made with.

    Returns:
        (3, h, w) stops; where face equals plate in all votes, the plate. And (3, h, w) stops, what of it is grain.
    """
    change = own.plate - merged.plate
    fine = change - _slow(change, side)
    here = grain_stops(_slow(own.plate, side), grain, floor)
    gain = grain_stops(_slow(merged.face, side), grain, floor) / here
    beyond = (fine / (_GRAIN_SPAN * here)).square()
    kept = fine * torch.exp(-beyond.square()) * gain.clamp(_LEAST_GAIN, _MOST_GAIN)
    return own.plate + (merged.face - merged.plate) + new * (kept - fine), new * kept


def _slow(pixels: torch.Tensor, side: int) -> torch.Tensor:
    """What is coarser than grain, (3, h, w)."""
    h, w = pixels.shape[-2:]
    return enlarge(gaussian(shrink(pixels, _STEP), side * _GRAIN_SIZE / _STEP), h, w)


def grain_stops(stops: torch.Tensor, grain: Grain, floor: float) -> torch.Tensor:
    """The grain's standard deviation at these values, (3, h, w) stops, never 0."""
    slope, least = (torch.tensor(values)[:, None, None] for values in (grain.slope, grain.floor))
    value = from_stops(stops, floor).clamp_min(0.0)
    return ((slope * value + least).clamp_min(0.0).sqrt() / (value + floor) * _PER_STOP).clamp_min(1e-4)
