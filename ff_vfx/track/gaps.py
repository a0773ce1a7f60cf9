"""Runs, holds and losses: what happens to a person's track where nothing was detected. Read by `track_plate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ff_vfx.types.solve import cut_between


@dataclass(frozen=True, slots=True)
class Run:
    """Rows [first, last] that belong together: smoothed as one, short gaps bridged. open_*: fade on that side."""

    first: int
    last: int
    open_before: bool
    open_after: bool


def find_runs(
    seen: Sequence[int], cuts: Sequence[int], rows: int, hold_frames: int, *, ahead: bool = False
) -> list[Run]:
    """The runs of one person.

    Args:
        seen: rows with a detection, in order. cuts: rows where a take starts. rows: frames of the plate.
        hold_frames: longest gap that is bridged.
        ahead: hold whoever goes missing, since nobody knows yet whether he comes back; for `live`.

    Returns:
        Runs in order. A side fades where the face is missing beyond it, and not at a cut or the plate's end.
    """
    takes = set(cuts)
    groups: list[list[int]] = []
    for row in seen:
        crossed = bool(groups) and cut_between(takes, groups[-1][-1], row)
        if groups and not crossed and row - groups[-1][-1] - 1 <= hold_frames:
            groups[-1].append(row)
        else:
            groups.append([row])
    if ahead:
        for group in groups:
            group.append(min([group[-1] + hold_frames, rows - 1, *(cut - 1 for cut in takes if cut > group[-1])]))
    return [
        Run(g[0], g[-1], g[0] != 0 and g[0] not in takes, g[-1] + 1 < rows and g[-1] + 1 not in takes) for g in groups
    ]


def ramp_weights(run: Run, ramp_frames: int) -> np.ndarray:
    """(last - first + 1,) weights in (0, 1]: 1 inside, rising from and falling to the fading sides."""
    at = np.arange(run.last - run.first + 1, dtype=np.float64)
    weight = np.ones_like(at)
    if run.open_before:
        weight = np.minimum(weight, (at + 1.0) / (ramp_frames + 1.0))
    if run.open_after:
        weight = np.minimum(weight, at[::-1].copy() / (ramp_frames + 1.0) + 1.0 / (ramp_frames + 1.0))
    return weight


def ramp_ahead(run: Run, seen: Sequence[int], hold_frames: int, ramp_frames: int) -> np.ndarray:
    """As `ramp_weights` from the past alone: it falls while somebody is held, and rises once he is seen again."""
    step = 1.0 / (ramp_frames + 1.0)
    there, held = set(seen), 0
    weight, now = [], 0.0 if run.open_before else 1.0
    for row in range(run.first, run.last + 1):
        held = 0 if row in there else held + 1
        now = min(1.0, now + step) if held == 0 else min(now, (hold_frames - held + 1) * step)
        weight.append(now)
    return np.array(weight)


def steady(values: np.ndarray, sigma_frames: float) -> np.ndarray:
    """Smooth a path without lag and without shrinking at its ends: a straight line fitted around every frame.

    Args:
        values: (n, k). sigma_frames: Gaussian weight of the neighbours; 0 changes nothing.

    Source: local linear regression, Cleveland 1979.
    """
    n = len(values)
    if sigma_frames <= 0.0 or n < 3:
        return values.copy()
    away = np.arange(n)[:, None] - np.arange(n)[None]
    weight = np.exp(-0.5 * (away / sigma_frames) ** 2)
    s0, s1, s2 = weight.sum(1), (weight * away).sum(1), (weight * away**2).sum(1)
    kernel = weight * (s2[:, None] - s1[:, None] * away) / (s0 * s2 - s1**2)[:, None]
    return np.asarray(kernel @ values)
