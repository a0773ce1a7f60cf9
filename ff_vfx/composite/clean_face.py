"""What the plate's actor looks like with nothing in front of him: measured once a shot. Read by occlusion.

A hand, a stick, a strand is somewhere else on most frames; so, on the flat face, each texel's robust median over
frames is the actor's own. Light is taken out first, frame by frame: smooth, and deaf to what is no face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ff_vfx.colour import to_stops
from ff_vfx.composite.unwrap import SIDE, Regions, regions, unwrap
from ff_vfx.image.blur import enlarge, gaussian, shrink, weighted_gaussian
from ff_vfx.types.fused import Crop

LEAST_FRAMES = 5  # below, a median over frames says nothing
_ROUNDS = 3
_MAD = 1.4826  # median absolute deviation to standard deviation of a normal distribution
_LIGHT_SHRINK = 4
_LIGHT_STOPS = (1.0, 0.6, 0.4, 0.25, 0.2, 0.15, 0.12)  # a difference this large counts a quarter; ever less believed
_LIGHT_LOCAL_STOPS = (0.15, 0.12)
_LIGHT_SIGMA = 0.07  # of the side: the finest light that counts as light
_CHROMA_WEIGHT = 6.0  # light changes brightness more than chroma
_RIDGE = 0.003  # of the weight: how hard light holds to none
_STEP = 192  # a face is looked at in a crop of about this side
_SMOOTH_TEXELS = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class CleanFace:
    """The actor's face, laid flat (see unwrap). floor: scene-linear, see colour.to_stops.

    stops: (3, SIDE, SIDE), in the light of the shot's middle. seen: (1, ...) in [0, 1], 0 where no frame saw it.
    bright, chroma: (1, ...) variance, stops squared, beyond which a texel is not the face's.
    """

    stops: torch.Tensor
    seen: torch.Tensor
    bright: torch.Tensor
    chroma: torch.Tensor
    floor: float


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """One frame on the flat face. stops: (3, SIDE, SIDE). light: the same, what to add to the clean face. seen: (1,

    ...). away: (3, ...) stops that the frame is off the lit clean face.
    """

    stops: torch.Tensor
    light: torch.Tensor
    seen: torch.Tensor
    away: torch.Tensor


def measure_clean_face(crops: Sequence[Crop], floor: float) -> CleanFace | None:
    """The actor's face from a handful of frames spread over the shot; None where there are too few to tell.

    Args:
        crops: nine or more are good; what covers a place must be gone from it on most of them. floor: scene-linear.

    Domain: scene-linear in, stops out. Source: ours, docs/decisions/0018.
    """
    if len(crops) < LEAST_FRAMES:
        return None
    views = [_view(crop, floor) for crop in crops]
    stops, seen = torch.stack([v[0] for v in views]), torch.stack([v[1] for v in views])
    weight, light, parts = seen + 1e-4, torch.zeros_like(stops), regions()
    for _ in range(_ROUNDS):
        clean = _weighted_median(stops - light, weight)
        light = torch.stack([_light(s - clean, parts.face * w) for s, w in zip(stops, weight)])
        bright, chroma = zip(*(split(away) for away in stops - light - clean))
        spread = [_MAD * _weighted_median(torch.stack(part).abs(), weight) for part in (bright, chroma)]
        off = torch.stack([_off(b, c, spread) for b, c in zip(bright, chroma)])
        weight = seen / (1.0 + off * off) + 1e-4
    tolerances = _tolerances(clean, spread, parts)
    return CleanFace(clean, seen.amax(0), *tolerances, floor)


def lay_flat(clean: CleanFace, crop: Crop) -> Flat:
    """One frame beside the clean face in that frame's light."""
    stops, seen = _view(crop, clean.floor)
    seen = seen * clean.seen
    light = _light(stops - clean.stops, seen * regions().steady)
    return Flat(stops, light, seen, stops - light - clean.stops)


def split(stops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Brightness (1, h, w) and the size of chroma (1, h, w) of differences (3, h, w) in stops."""
    bright = stops.mean(0, keepdim=True)
    return bright, (stops - bright).square().sum(0, keepdim=True).sqrt()


def _view(crop: Crop, floor: float) -> tuple[torch.Tensor, torch.Tensor]:
    size = crop.pixels.shape[-1]
    small = shrink(crop.pixels, max(1, size // _STEP))
    flat, seen = unwrap(small, crop.points() * (small.shape[-1] / size))
    return to_stops(flat, floor), seen


def _off(bright: torch.Tensor, chroma: torch.Tensor, spread: list[torch.Tensor]) -> torch.Tensor:
    """How far off the median a frame is, squared deviations, gathered over a few texels."""
    wide = 3.0 * spread[0] + 0.15, 3.0 * spread[1] + 0.06
    return gaussian((bright / wide[0]).square() + (chroma / wide[1]).square(), 1.5)


def _tolerances(clean: torch.Tensor, spread: list[torch.Tensor], parts: Regions) -> tuple[torch.Tensor, torch.Tensor]:
    """Variances of brightness and chroma that are the face's own: where it moves, at its edges, and a floor."""
    grey = gaussian(clean.mean(0, keepdim=True), 0.7)
    slope = torch.zeros_like(grey)
    slope[:, :, 1:-1] += (0.5 * (grey[:, :, 2:] - grey[:, :, :-2])).square()
    slope[:, 1:-1] += (0.5 * (grey[:, 2:] - grey[:, :-2])).square()
    slope = gaussian(slope, 1.2)
    bright, chroma = (gaussian(s, 1.5) for s in spread)
    loose = 0.15 + 0.8 * parts.eyes + 0.5 * parts.mouth + 0.1 * parts.brows
    loose_chroma = 0.05 + 0.12 * parts.eyes + 0.1 * parts.mouth + 0.03 * parts.brows
    first = loose.square() + (3.0 * bright).square() + 2.0 * slope
    return first, loose_chroma.square() + (2.0 * chroma).square() + 0.15 * slope


def _weighted_median(values: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Over the first axis. values: (n, c, h, w). weight: (n, 1, h, w) > 0."""
    ordered, order = values.sort(0)
    total = torch.gather(weight.expand_as(values), 0, order).cumsum(0)
    row = (total < 0.5 * total[-1:]).sum(0, keepdim=True).clamp_max(len(values) - 1)
    return torch.gather(ordered, 0, row)[0]


def _light(away: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The smooth part of a difference (3, SIDE, SIDE) in stops, which most of the weight agrees on.

    A curved surface over the face first, then a blur; what is far off either counts ever less, so that a hand over
    half of the face does not bend its light. Source: ours; graduated non-convexity with Geman-McClure weights.
    """
    small, share = shrink(away, _LIGHT_SHRINK), shrink(weight, _LIGHT_SHRINK)
    terms = _surfaces(small.shape[-1])
    flat, fit = small.reshape(3, -1).double(), torch.zeros(3, terms.shape[1], dtype=torch.float64)
    hold = torch.tensor([0.1, 1.0, 1.0, 1.0, 1.0, 1.0], dtype=torch.float64)
    hold = torch.diag(hold * (_RIDGE * share.double().sum() + 1e-6))
    for scale in _LIGHT_STOPS:
        trust = terms * _trust(flat - fit, scale) * share.reshape(1, -1)
        fit = torch.linalg.solve(trust @ terms.T + hold, trust @ flat.T).T @ terms
    light = fit.float().reshape(small.shape)
    for scale in _LIGHT_LOCAL_STOPS:
        trust = _trust(small - light, scale) * share
        light = light + weighted_gaussian(small - light, trust, _LIGHT_SIGMA * SIDE / _LIGHT_SHRINK, 0.3)
    return enlarge(light, SIDE, SIDE)


def _trust(off: torch.Tensor, scale: float) -> torch.Tensor:
    bright, chroma = off.mean(0, keepdim=True), off - off.mean(0, keepdim=True)
    distance = bright.square() + _CHROMA_WEIGHT * chroma.square().sum(0, keepdim=True)
    return (scale * scale / (scale * scale + distance)).square()


def _surfaces(side: int) -> torch.Tensor:
    """(6, side * side): the surfaces of second degree over the face, held beyond it."""
    line = torch.linspace(-1.5, 1.5, side, dtype=torch.float64)
    y, x = torch.meshgrid(line, line, indexing="ij")
    inward = (1.0 / (x * x + y * y).sqrt().clamp_min(1e-6)).clamp_max(1.0)
    x, y = x * inward, y * inward
    return torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y]).reshape(6, -1)
