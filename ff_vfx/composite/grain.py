"""Give the new face the plate's grain and the plate's focus, so that the eye finds no clean or sharper patch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.types.solve import Grain

_FINE_PX, _COARSE_PX = 0.7, 2.8  # two bands; their ratio falls with blur and hardly depends on contrast
_BLURS_PX = (0.0, 0.4, 0.7, 1.0, 1.3, 1.6, 2.0, 2.5, 3.0)
_SHARPENINGS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)
_WAY_BACK = 0.2  # what steadying and the way back to the plate's pixels soften; measured on s010
_MASK_PX = 1.2


def grain_noise(key: str, number: int, height: int, width: int, sigma_px: float) -> torch.Tensor:
    """Unit noise with the plate's grain size, (3, height, width).

    Repeats: seeded by key (the plate) and frame number; the same alone or in a range.
    """
    seed = int.from_bytes(hashlib.sha256(f"{key}:{number}".encode()).digest()[:7], "big")
    generator = torch.Generator().manual_seed(seed)
    noise = gaussian(torch.randn(3, height, width, generator=generator), sigma_px)
    return noise / noise.std().clamp_min(1e-6)


def grain_strength(pixels: torch.Tensor, grain: Grain, missing: torch.Tensor) -> torch.Tensor:
    """Standard deviation of the grain to add, (3, h, w) scene-linear.

    Args:
        pixels: (3, h, w) scene-linear. missing: (1, h, w) part of the grain's variance not there yet, [0, 1].
    """
    slope = torch.tensor(grain.slope)[:, None, None]
    floor = torch.tensor(grain.floor)[:, None, None]
    return ((slope * pixels.clamp_min(0.0) + floor).clamp_min(0.0) * missing).sqrt()


def grain_gain(before: torch.Tensor, after: torch.Tensor, grain: Grain) -> torch.Tensor:
    """By how much grain that came with one light must grow for another, (3, h, w), 1 where there is none.

    Args:
        before, after: (3, h, w) scene-linear.
    """
    all_of_it = torch.ones(1, 1, 1)
    old, new = grain_strength(before, grain, all_of_it), grain_strength(after, grain, all_of_it)
    return torch.where((old > 0.0) & (before != after), new / old.clamp_min(1e-9), torch.ones_like(old))


@dataclass(frozen=True, slots=True)
class Focus:
    """What brings the new face to the plate's focus: a Gaussian blur of blur_px crop px, or, where the face is the

    softer one, that much unsharp masking in stops, of what is finer than mask_px; at most one of the two is not 0.
    """

    blur_px: float = 0.0
    sharpen: float = 0.0
    mask_px: float = _MASK_PX


def plate_focus(
    samples: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]], fineness: float = 1.0
) -> Focus:
    """How far the new face must be blurred or sharpened to look as the plate does.

    Args:
        samples: (plate, face, features, skin): plate and face (3, s, s) in stops; features (1, s, s) marks lids, brows
            and lips, which both faces have; skin tells what grain alone adds to the fine band.
        fineness: crop px for each px of a crop of the default detail; all sizes here are for that one.

    Source: ours: fine-band over coarse-band energy on features, less the same on skin.
    """
    wanted = _mean_focus([(plate, features, skin) for plate, _, features, skin in samples], fineness)
    if _mean_focus([(face, features, skin) for _, face, features, skin in samples], fineness) >= wanted:
        blurs = [Focus(blur_px=step * fineness) for step in _BLURS_PX]
        below = (f for f in blurs if _focus_with(samples, f, fineness) <= wanted)
        return next(below, blurs[-1])
    masks = [Focus(sharpen=step, mask_px=_MASK_PX * fineness) for step in _SHARPENINGS]
    found = next((f for f in masks if _focus_with(samples, f, fineness) >= wanted), masks[-1])
    return replace(found, sharpen=found.sharpen + _WAY_BACK)


def refocus(stops: torch.Tensor, focus: Focus, amount: float) -> torch.Tensor:
    """The face (3, s, s), in stops, at the plate's focus. amount: [0, 1]. The same tensor where nothing is to do."""
    if focus.blur_px * amount > 0.0:
        return gaussian(stops, focus.blur_px * amount)
    if focus.sharpen * amount > 0.0:
        return stops + focus.sharpen * amount * (stops - gaussian(stops, focus.mask_px))
    return stops


def _focus_with(samples: Sequence[tuple[torch.Tensor, ...]], focus: Focus, fineness: float) -> float:
    seen = [(refocus(face, focus, 1.0), features, skin) for _, face, features, skin in samples]
    return _mean_focus(seen, fineness)


def _mean_focus(samples: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]], fineness: float) -> float:
    fine, coarse = 0.0, 1e-9
    for picture, features, skin in samples:
        grey = picture.mean(0, keepdim=True)
        for_features = []
        for size in (_FINE_PX * fineness, _COARSE_PX * fineness):
            band = (gaussian(grey, size) - gaussian(grey, 2.0 * size)).square()
            on, off = (float((band * m).sum() / m.sum().clamp_min(1e-6)) for m in (features, skin))
            for_features.append(max(on - off, 1e-9))
        fine, coarse = fine + for_features[0], coarse + for_features[1]
    return fine / coarse
