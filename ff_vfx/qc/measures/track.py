"""Does the track go where the plate goes: jumps of landmarks that no motion of the plate explains. Read by watch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.image.sample import sample
from ff_vfx.qc.look import View
from ff_vfx.qc.measures.along import Way

_ASKED = 0.5  # of trust, under a landmark
_LEAST = 0.25  # of the landmarks that must be seen


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Landmarks of a solve on one frame. points: (n, 2) plate px, the same n everywhere. unit: outer-eye distance."""

    points: np.ndarray
    unit: float


def track_jump(here: Marks, before: Marks, views: tuple[View, View], back: Way, trust: torch.Tensor) -> float:
    """How far the landmarks went from where the plate's motion took them, their median, in outer-eye distances.

    Args:
        views: of this frame and of the one before. back: the plate's motion from the first to the second, px of them.
        trust: (1, s, s), where that motion is the face's; nan where too few landmarks lie there.
    """
    view, view_before = views
    places = torch.from_numpy((here.points - np.array(view.corner)) / view.factor).float()
    asked = sample(trust, places[None], mode="bilinear", outside="zeros")[0, 0].numpy() > _ASKED
    if asked.mean() < _LEAST:
        return float("nan")
    moved = sample(back[0], places[None], mode="bilinear")[:, 0].T.numpy() * view.factor
    expected = here.points + moved + np.array(view_before.corner) - np.array(view.corner)
    return float(np.median(np.linalg.norm(before.points - expected, axis=1)[asked]) / max(here.unit, 1e-6))
