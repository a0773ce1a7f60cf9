"""The artist's say over steadying: how much on which part of the face, and whose word counts. Read by hold and post."""

from __future__ import annotations

import numpy as np
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.raster import polygon_mask
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.settings import SteadySettings

_SOFT = 0.008  # of the crop's side
_EYES, _MOUTH = ("eye_l", "eye_r", "brow_l", "brow_r"), ("lips_outer",)
TRUSTED = 16.0  # what a trusted frame's word is worth beside any other's


def amount_over(points: np.ndarray, size: int, settings: SteadySettings) -> torch.Tensor | float:
    """How much of steadying to apply: one number, or (1, size, size) where parts differ.

    Args:
        points: (478, 3) the new face, crop px. size: the crop's side.
    """
    skin, eyes, mouth = settings.skin_amount, settings.eyes_amount, settings.mouth_amount
    if skin == eyes == mouth:
        return settings.amount * skin
    amount = torch.full((1, size, size), skin)
    for names, part in ((_EYES, eyes), (_MOUTH, mouth)):
        for name in names:
            amount += (part - skin) * gaussian(_grown(points[face_mesh().loops[name], :2], size), _SOFT * size)
    return settings.amount * amount.clamp(0.0, 1.0)


def parts_mean(plane: torch.Tensor, points: np.ndarray) -> dict[str, float]:
    """The mean of a plane over the whole face, each eye and the lips. plane: (1, s, s). points: as `amount_over`."""
    size = plane.shape[-1]
    found = {}
    for name in ("oval", *_EYES[:2], *_MOUTH):
        mask = polygon_mask(points[face_mesh().loops[name], :2], size)
        found[name] = float((plane * mask).sum() / mask.sum().clamp_min(1.0))
    return found


def _grown(outline: np.ndarray, size: int) -> torch.Tensor:
    """A part with its rim: lids, the lips' edge."""
    middle = outline.mean(0)
    return polygon_mask(middle + 1.25 * (outline - middle), size)


def word_of(number: int, asked: int, reach: int, settings: SteadySettings) -> float:
    """What a frame's new face is worth for another's, >= 0: nearer frames more, the artist's word over all.

    Args:
        number: who votes. asked: for which frame. reach: frames, beyond which nobody votes.

    Source: of all weights over a window those of a parabola leave least change from frame to frame (Epanechnikov).
    """
    far = abs(number - asked)
    trusted = number in settings.trusted
    reach = max(reach, settings.trust_reach) if trusted else reach
    near = max(0.0, 1.0 - (far / (reach + 1.0)) ** 2)
    # A trusted frame's pull ends gently: nothing pops where its reach ends.
    return (TRUSTED * near * near if trusted else near) * curve_at(number, settings)


def curve_at(number: int, settings: SteadySettings) -> float:
    """The artist's weight of a frame: linear between the curve's points, level beyond them, 1 without a curve."""
    if not settings.weights:
        return 1.0
    frames = sorted(settings.weights)
    return float(np.interp(number, frames, [settings.weights[frame] for frame in frames]))
