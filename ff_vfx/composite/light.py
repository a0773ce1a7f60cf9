"""Put the new face into the plate's light, and keep one colour over the shot. Read by shot.

Light is the plate's low frequencies over the new face's, in stops, measured on smooth skin and robust against what is
only one of the two faces' own (a beard, a shadow's edge). Source: TIME sheet, section 4: 0.08 stops inner error
against 0.17-0.9 for Poisson and multiband.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ff_vfx.image.blur import enlarge, shrink, weighted_gaussian

_QUARTER = 4
_ROUNDS = 3
_TUKEY_STOPS = 0.8
_CHROMA = ((0.70710678, -0.70710678, 0.0), (0.40824829, 0.40824829, -0.81649658))  # the plane of equal brightness
_LEAST_GAIN, _MOST_GAIN = 0.8, 1.25  # how far the colour match may squeeze or stretch differences of colour


@dataclass(frozen=True, slots=True, eq=False)
class ColourMatch:
    """The shot's one colour map in stops: matrix (3, 3), mean_from (3,), mean_to (3,)."""

    matrix: torch.Tensor
    mean_from: torch.Tensor
    mean_to: torch.Tensor


def light_stops(plate: torch.Tensor, face: torch.Tensor, skin: torch.Tensor, sigma_px: float) -> torch.Tensor:
    """How much brighter the plate's light is than the new face's, low frequencies only.

    Args:
        plate, face: (3, s, s) in stops, in the same geometry. skin: (1, s, s) where to measure. sigma_px: the blur.

    Returns:
        (3, s, s) stops; exactly 0 where both are equal.

    Source: ours after TIME section 4: Gaussian of the log-ratio, reweighted by Tukey's biweight.
    """
    size = plate.shape[-1]
    ratio, weight = shrink(plate - face, _QUARTER), shrink(skin, _QUARTER)
    sigma = max(sigma_px / _QUARTER, 0.5)
    light = _reaching(ratio, weight, sigma)
    for _ in range(_ROUNDS):
        off = (ratio - light).mean(0, keepdim=True) / _TUKEY_STOPS
        light = _reaching(ratio, weight * (1.0 - off.square().clamp(0.0, 1.0)).square(), sigma)
    return enlarge(light, size, size)


def _reaching(ratio: torch.Tensor, weight: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blurred where there is weight; beyond it, what a wider and wider blur still finds, then the mean."""
    total = weight.sum().clamp_min(1e-6)
    light = (ratio * weight).sum((1, 2), keepdim=True) / total
    for scale in (4.0, 2.0, 1.0):
        light = light + weighted_gaussian(ratio - light, weight, sigma * scale, 0.02)
    return light


def colour_moments(pixels: torch.Tensor, weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (3,) and covariance (3, 3), float64, of pixels (3, h, w) under weight (1, h, w)."""
    flat, share = pixels.reshape(3, -1).double(), weight.reshape(-1).double()
    share = share / share.sum().clamp_min(1e-9)
    mean = flat @ share
    centred = flat - mean[:, None]
    return mean, (centred * share) @ centred.T


def colour_match(
    plate: tuple[torch.Tensor, torch.Tensor], face: tuple[torch.Tensor, torch.Tensor], amount: float
) -> ColourMatch:
    """The linear map that gives the face's colours the plate's mean, and its chroma the plate's spread, least changed.

    Contrast is left alone: it is the relight's, and stretching it here would stretch pores and brows too.

    Args:
        plate, face: moments of the shot in stops, see `colour_moments`. amount: [0, 1].

    Source: Monge-Kantorovitch linear map, Pitie & Kokaram 2007; stretch bounded by us.
    """
    (mean_to, cov_to), (mean_from, cov_from) = plate, face
    chroma = torch.tensor(_CHROMA, dtype=torch.float64)
    cov_to, cov_from = (chroma @ c @ chroma.T + 1e-6 * torch.eye(2, dtype=torch.float64) for c in (cov_to, cov_from))
    root = _power(cov_from, 0.5)
    inverse = torch.linalg.inv(root)
    values, vectors = torch.linalg.eigh(inverse @ _power(root @ cov_to @ root, 0.5) @ inverse)
    spread = (vectors * (values.clamp(_LEAST_GAIN, _MOST_GAIN) - 1.0)) @ vectors.T
    matrix = torch.eye(3, dtype=torch.float64) + amount * (chroma.T @ spread @ chroma)
    return ColourMatch(matrix.float(), mean_from.float(), (mean_from + amount * (mean_to - mean_from)).float())


def _power(matrix: torch.Tensor, exponent: float) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0.0) ** exponent) @ vectors.T


def colour_change(stops: torch.Tensor, skin: torch.Tensor, match: ColourMatch) -> torch.Tensor:
    """What the shot's colour map adds, (3, h, w) stops. The mean moves everywhere, the chroma's spread on skin alone.

    Args:
        stops: (3, h, w). skin: (1, h, w); brows and lips are no skin, a map made for skin would tint them.
    """
    centred = stops - match.mean_from[:, None, None]
    spread = torch.einsum("ij,jhw->ihw", match.matrix - torch.eye(3), centred)
    return spread * skin + (match.mean_to - match.mean_from)[:, None, None]
