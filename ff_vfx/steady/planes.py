"""A network's mattes of a frame, held still by those of the frames beside it, carried along the plate's flow.

Read by shot. Any planes in a crop will do: nothing here knows what they mean. A pure function of the frame number, in
live too, which looks back alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from ff_vfx.errors import ModelError
from ff_vfx.steady.flow import follow
from ff_vfx.steady.neighbourhood import Neighbourhood
from ff_vfx.steady.voter import trust_of
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.planes import Planes
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.stopwatch import Stopwatch

Look = Callable[[Crop, Fused], tuple[Planes, ...]]
PlanesOf = Callable[[int, Frame | None, Stopwatch], tuple[Planes, ...]]
_LEAST = 1e-4  # weight below which nobody knows


def planes_steadier(near: Neighbourhood, look: Look | None, window: int, settings: SteadySettings) -> PlanesOf | None:
    """`steadied_planes` for one shot; None where there is nothing to look at.

    Args:
        look: one frame's planes, on its surround as flow is; remembered by the caller. window: frames on each side.
    """
    if look is None:
        return None
    return lambda number, frame, watch: steadied_planes(near, look, (number, frame), (window, settings), watch)


def steadied_planes(
    near: Neighbourhood,
    look: Look,
    asked: tuple[int, Frame | None],
    rules: tuple[int, SteadySettings],
    watch: Stopwatch,
) -> tuple[Planes, ...]:
    """One frame's planes: the mean of its own and its neighbours', each as far as its network, flow and light agree.

    Args:
        asked: the frame's number, and itself where it has been read. rules: frames on each side, and how flow is
            trusted. A neighbour behind a cut, without a face, or on which the network fails, is left out.

    Raises:
        PlateError, TrackLost: there is no such frame, or no face on it. ModelError: the network fails on it.
    """
    (number, frame), (window, settings) = asked, rules
    with watch.stage("fuse"):
        made = near.under(number, frame)
    with watch.stage("mattes"):
        own = look(*made)
    with watch.stage("fuse"):
        beside = near.beside(number, window)
    with watch.stage("flow"):
        flows = {other: near.flow(number, other) for other in beside}
    with watch.stage("mattes"):
        votes = [(own, torch.ones(1, *own[0].values.shape[-2:]))]
        plate = near.voter(number, drawn=False).plate
        for other, flow in flows.items():
            try:
                theirs = look(*near.under(other))
            except ModelError:
                continue
            there = follow(near.voter(other, drawn=False).plate, flow.there, "bilinear")
            trust = trust_of(plate, there, flow.error_px, settings)
            votes.append((tuple(_carried(planes, flow.there) for planes in theirs), trust))
        return tuple(_mean([(planes[i], trust) for planes, trust in votes]) for i in range(len(own)))


def _carried(planes: Planes, there: torch.Tensor) -> Planes:
    stack = follow(torch.cat([planes.values, planes.weight]), there, "bilinear")
    return Planes(stack[:-1], stack[-1:], planes.found)


def _mean(votes: Sequence[tuple[Planes, torch.Tensor]]) -> Planes:
    """The frame's own first. Each weighed by what its network believes and by trust, (1, s, s)."""
    own = votes[0][0]
    if len(votes) == 1:
        return own
    total, most, values = torch.zeros_like(own.weight), own.weight, torch.zeros_like(own.values)
    for planes, trust in votes:
        weight = planes.weight * trust
        total, values, most = total + weight, values + weight * planes.values, torch.maximum(most, weight)
    return Planes(torch.where(total > _LEAST, values / total.clamp_min(_LEAST), own.values), most, own.found)
