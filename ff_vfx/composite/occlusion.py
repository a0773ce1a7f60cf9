"""What stands in front of the face: a hand, a stick, a strand of hair. Read by finish; nothing here is a network.

Order of work: lay the frame flat beside the clean face, see where it is off, decide what that is, carry the decision
back to the crop, and find the edge there. A frame with nothing in front gives exact zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch.nn.functional import interpolate, max_pool2d

from ff_vfx.composite.clean_face import CleanFace, Flat, lay_flat, split
from ff_vfx.composite.keyed import keyed_edge, smooth_step
from ff_vfx.composite.settle import settle
from ff_vfx.composite.unwrap import SIDE, regions, wrap
from ff_vfx.image.blur import gaussian, shrink, weighted_gaussian
from ff_vfx.image.sample import sample
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.recall import Recall

LOOKED_AT = 13  # frames spread over the shot from which the clean face is measured
_MOST = 9.0  # squared deviations of one texel that count
_SEED, _SEED_AT_EDGE = 7.0, 6.0  # gathered: surely not the face, inside and at the outline
_EDGE_COUNTS = 0.25  # how much a texel counts at the outline, where a mesh too wide shows the background
_GROW = 1.3  # gathered: connected to such a place, it belongs to it
_FEW, _MANY = 24, 64  # texels of seed between which something comes in; the face has about 17 000
_WORK_STEP = 192
_OWN_STOPS, _OWN_CHROMA = 0.2, 0.05  # how far something may be off its own local colour
_WIDER = 0.003  # of the crop's side
_ROUNDS = 2
_HOLE = 300  # texels: the largest hole that is filled, where what shows there could be either


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """What is in front of the face, each (1, s, s) in [0, 1]. plate: in the crop. bent: in the plate as it was bent."""

    plate: torch.Tensor
    bent: torch.Tensor


def in_front(clean: CleanFace | None, crop: Crop, fused: Fused, amount: float) -> Front:
    """What is in front of the face on one frame. amount: [0, 1], see CompositeSettings.occlusion."""
    matte = _widened(occlusion_matte(clean if amount > 0.0 else None, crop)) * amount
    if not matte.any() or not fused.reach.any():
        return Front(matte, matte)
    moved = sample(matte, fused.source.permute(1, 2, 0), mode="bilinear")
    return Front(matte, torch.where(fused.reach > 0.0, moved, matte))


def _widened(matte: torch.Tensor) -> torch.Tensor:
    """A little wider: where the edge is in doubt the plate shows, for a face over a hand is seen before a thin rim."""
    if not matte.any():
        return matte
    reach = max(1, round(_WIDER * matte.shape[-1]))
    return torch.maximum(matte, gaussian(max_pool2d(matte[None], 2 * reach + 1, 1, reach)[0], 0.7 * reach))


FrontOf = Callable[[Crop, Fused], Front]


def front_finder(clean: CleanFace | None, amount: float, keep: int) -> FrontOf:
    """`in_front` for one shot, each frame's found once. keep: frames remembered."""
    known = Recall(keep)
    return lambda crop, fused: known.get(crop.number, lambda: in_front(clean, crop, fused, amount))


def occlusion_matte(clean: CleanFace | None, crop: Crop) -> torch.Tensor:
    """How much of the plate's face is hidden at each pixel of the crop, (1, s, s) in [0, 1].

    Exactly 0 everywhere where nothing is in front, or where the clean face is not known. A pure function.

    Domain: scene-linear, finite. Source: ours, docs/decisions/0018.
    """
    size = crop.pixels.shape[-1]
    nothing = torch.zeros(1, size, size)
    if clean is None:
        return nothing
    flat = lay_flat(clean, crop)
    away, texture = _deviations(clean, flat)
    keep = _found((away + 0.5 * texture).clamp_max(_MOST) * flat.seen)
    if not keep.any():
        return nothing
    decided = smooth_step(_decide(clean, flat, away, texture, keep), 0.25, 0.75) * keep
    work = size // max(1, size // _WORK_STEP)
    planes = torch.cat([decided, clean.stops + flat.light, regions().deep])
    planes = wrap(planes, crop.points() * (work / size), work)
    known = (planes[4:] * 2.0 - 1.0).clamp(0.0, 1.0)
    return keyed_edge(crop.pixels, planes[:1], planes[1:4], known, clean.floor)


def _deviations(clean: CleanFace, flat: Flat) -> tuple[torch.Tensor, torch.Tensor]:
    """How far colour and texture are off the face's own, squared deviations, (1, SIDE, SIDE) each."""
    bright, chroma = split(gaussian(flat.away, 0.8))
    colour = bright.square() / clean.bright + chroma.square() / clean.chroma
    grey = flat.away.mean(0, keepdim=True)
    energy = gaussian((grey - gaussian(grey, 3.0)).square(), 1.5)
    return colour, energy / (0.5 * clean.bright)


def _found(off: torch.Tensor) -> torch.Tensor:
    """Where something may be that is not the face, (1, SIDE, SIDE) in [0, 1]: connected, and sure somewhere."""
    parts = regions()
    gathered = gaussian(off * parts.face, 2.0)  # what lies beyond the outline shifts when the head turns
    inside, outline = parts.telling * parts.deep, parts.telling * (1.0 - parts.deep)
    sure = (gathered > _SEED) * inside + (gathered > _SEED_AT_EDGE) * outline * _EDGE_COUNTS
    if not sure.any():
        return torch.zeros_like(off)
    joined = (gaussian(off, 1.2) > _GROW)[0].numpy().astype(np.uint8)
    count, labels = cv2.connectedComponents(joined, connectivity=4)
    texels = np.bincount(labels.ravel(), weights=sure.numpy().ravel().astype(np.float64), minlength=count)
    gain = np.clip((texels - _FEW) / (_MANY - _FEW), 0.0, 1.0).astype(np.float32)
    gain[0] = 0.0
    found = torch.from_numpy(gain[labels])[None]
    # Around what was found there is room for its edge.
    return max_pool2d(found[None], 7, 1, 3)[0]


def _decide(
    clean: CleanFace, flat: Flat, away: torch.Tensor, texture: torch.Tensor, keep: torch.Tensor
) -> torch.Tensor:
    """The face or what is in front of it, texel by texel, (1, SIDE, SIDE) in [0, 1]: likelihoods, then neighbours."""
    inward = -max_pool2d(-texture[None], 9, 1, 4)[0]  # texture is gathered over texels: it must not reach out
    off = (away + inward.clamp_max(2.0)) * flat.seen
    core = smooth_step(off, 2.0, 4.0) * keep
    for _ in range(_ROUNDS):
        own, wide, known = _own_colour(flat.stops, core)
        size = (0.5 * torch.log(clean.bright / wide[:1]) + torch.log(clean.chroma / wide[1:])).clamp(-1.0, 1.5)
        face = 0.5 * (off - own * known * flat.seen - 0.5 * (1.0 - known) - 0.1) + size * known * flat.seen
        front, back = face.clamp(0.0, 8.0) * keep, (-face).clamp(0.0, 8.0) * keep
        # What both explain is left to its neighbours.
        back = back * (smooth_step(own, 1.0, 3.0) * known + 1.0 - known) * flat.seen + (1.0 - keep) + 0.03
        settled = settle(front, back, gaussian(flat.stops, 0.6))
        core = smooth_step(gaussian(settled, 1.0), 0.7, 0.95) * keep
    return _fill(settled, own)


def _own_colour(stops: torch.Tensor, core: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """How far each texel is off the local colour of what is in front, squared deviations.

    Returns:
        Deviations (1, h, w), the variances used (2, h, w: brightness, chroma), and how well it is known (1, h, w).
    """
    small, share = shrink(stops, 2), shrink(core, 2)
    colour = weighted_gaussian(small, share, 7.0, 1e-3)
    colour = colour + weighted_gaussian(small - colour, share, 2.5, 0.05)
    spread = weighted_gaussian(torch.cat(split(small - colour)).square(), share, 3.0, 1e-3)
    known = (gaussian(share, 4.0) * 10.0).clamp(0.0, 1.0)
    grown = interpolate(torch.cat([colour, spread, known])[None], size=(SIDE, SIDE), mode="bilinear")[0]
    colour, spread, known = grown.split((3, 2, 1))
    floor = torch.tensor([_OWN_STOPS * _OWN_STOPS, _OWN_CHROMA * _OWN_CHROMA])[:, None, None]
    wide = spread + floor
    off = (torch.cat(split(gaussian(stops - colour, 0.5))).square() / wide).sum(0, keepdim=True)
    return off, wide, known


def _fill(settled: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Small holes filled in which what is in front might as well be seen."""
    empty = (settled < 0.5)[0].numpy().astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(empty, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    total = np.bincount(labels.ravel(), weights=own.numpy().ravel().astype(np.float64), minlength=count)
    hole = (area <= _HOLE) & (total < 3.0 * area)
    hole[0] = False
    return torch.maximum(settled, torch.from_numpy(hole[labels].astype(np.float32))[None])
