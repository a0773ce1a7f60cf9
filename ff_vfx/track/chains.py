"""Boxes of single frames put in rows: the same place, frame after frame. Read by covering.

A row with one strong box in it counts whole: its weak ones, before and after, are the same head turned away or dimmed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ff_vfx.track.gaps import steady
from ff_vfx.track.sweep import Sighting
from ff_vfx.types.frame_ranges import ranges
from ff_vfx.types.heads import Head
from ff_vfx.types.solve import cut_between

Chain = dict[int, Sighting]
_REACH, _REACH_GROWS = 0.6, 0.15  # sides that a box may have moved in a frame, and more for each frame it was missing
_GROWN = 0.5  # most change of size, in logs
_SIGMA_FRAMES = 1.5


def chains_of(sightings: Sequence[tuple[int, Sequence[Sighting]]], cuts: Sequence[int], missing: int) -> list[Chain]:
    """Rows of boxes that belong together.

    Args:
        sightings: frame number and what was seen there, in order of frames. cuts: frames that begin a take.
        missing: frames that a row may miss.

    Returns:
        frame number -> box, each with at least one strong box; in the order in which they begin.
    """
    chains: list[Chain] = []
    for number, seen in sightings:
        open_ones = [c for c in chains if number - max(c) <= missing + 1 and not cut_between(cuts, max(c), number)]
        pairs = sorted(
            ((_cost(chain, one, number), k, j) for k, chain in enumerate(open_ones) for j, one in enumerate(seen)),
        )
        taken: set[int] = set()
        grown: set[int] = set()
        for cost, k, j in pairs:
            if cost <= 1.0 and j not in taken and k not in grown:
                open_ones[k][number] = seen[j]
                taken.add(j)
                grown.add(k)
        chains += [{number: one} for j, one in enumerate(seen) if j not in taken]
    return [chain for chain in chains if any(one.strong for one in chain.values())]


def steadied(chain: Chain, make: Callable[[Sighting, float], Head]) -> dict[int, Head]:
    """What `make` gives of each box, its place steadied over the frames beside it.

    Args:
        make: (box, times it must be larger so that it still holds the box as it was seen) -> its head.
    """
    found: dict[int, Head] = {}
    for first, last in ranges(sorted(chain)):
        rows = range(first, last + 1)
        boxes = [chain[number] for number in rows]
        raw = np.array([[one.x, one.y, np.log(one.side), one.angle] for one in boxes])
        raw[:, 3] = np.unwrap(raw[:, 3])
        smooth = steady(raw, _SIGMA_FRAMES)
        for number, one, was, now in zip(rows, boxes, raw, smooth, strict=True):
            side = float(np.exp(now[2]))
            beyond = float(np.hypot(*(was[:2] - now[:2]))) / side + max(0.0, one.side / side - 1.0)
            box = Sighting(float(now[0]), float(now[1]), side, float(now[3]), one.score, one.mesh, one.strong)
            found[number] = make(box, 1.0 + beyond)
    return found


def _cost(chain: Chain, one: Sighting, number: int) -> float:
    """Up to 1: it may be the next of the row."""
    last = max(chain)
    before = chain[last]
    reach = (_REACH + _REACH_GROWS * (number - last - 1)) * max(before.side, one.side)
    grown = abs(float(np.log(one.side / before.side)))
    return float(np.hypot(one.x - before.x, one.y - before.y)) / reach if grown <= _GROWN else 2.0
