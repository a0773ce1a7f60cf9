"""Is the face as sharp as the plate is at the same place: detail by band, over all of a face and where it is softest.

Read by the watch and by benchmarks. Grain counts as detail: where the plate has grain and the result none, it has been
smeared.
"""

from __future__ import annotations

import torch

from ff_vfx.colour import to_stops
from ff_vfx.image.blur import gaussian
from ff_vfx.qc.look import FLOOR, Look, window_of

DETAIL, FINEST = (0.7, 1.4), (0.35, 0.7)  # px: pores, lashes and grain; what a blur takes first
_PATCH = 0.02  # of the face's side: places are as large as an eye
_LEAST = 1e-3  # stops: less detail than that in the plate says nothing
_WORST = 0.005  # quantile of the face that counts as its softest place
_FAR = 2.0  # of the plate's usual detail: lashes and rims beyond it are not what is compared


def band_of(picture: torch.Tensor, band: tuple[float, float] = DETAIL) -> torch.Tensor:
    """A band of detail of the brightness, (1, h, w) stops. picture: (3, h, w) scene-linear. band: px, fine, coarse."""
    stops = to_stops(picture, FLOOR).mean(0, keepdim=True)
    return gaussian(stops, band[0]) - gaussian(stops, band[1])


def sharpness(look: Look) -> float:
    """Rms detail of the result over the plate's, in the face: 1 as sharp, 0 a smear; nan where the plate has none."""
    ours, plates = _energies(look, DETAIL)
    total = float((plates * look.face).sum())
    return (float((ours * look.face).sum()) / total) ** 0.5 if total > 0.0 else float("nan")


def softest_patch(look: Look) -> float:
    """The same of the finest detail at the softest place of the face: 1 as sharp as the plate is there, 0 a smear."""
    ratio, there = patches(look)
    if not there.any():
        return float("nan")
    # Not torch.quantile: it refuses faces of more than 16 million pixels.
    asked = ratio[there]
    return float(asked.kthvalue(max(1, round(_WORST * asked.numel()))).values)


def patches(look: Look) -> tuple[torch.Tensor, torch.Tensor]:
    """(h, w) finest detail over the plate's around each pixel, and (h, w) bool, where there is such a thing."""
    face, at = look.face, window_of(look.face, look.window)
    ours, plates = _energies(look, FINEST)
    size = _PATCH * max(at.width, at.height)
    inside = gaussian(face, size)
    near = [gaussian(energy * face, size) / inside.clamp(min=1e-3) for energy in (ours, plates)]
    there = (face[0] > 0.0) & (inside[0] > 0.5) & (near[1][0] > _LEAST**2)
    return (near[0] / near[1].clamp(min=1e-12)).sqrt()[0], there


def _energies(look: Look, band: tuple[float, float]) -> tuple[torch.Tensor, torch.Tensor]:
    """Detail squared of the result and of the plate, (1, h, w) each; what stands out of the plate's usual is cut."""
    ours, plates = band_of(look.made, band), band_of(look.plate, band)
    inside = plates.abs()[look.face > 0.0]
    if not inside.numel():
        return ours.square(), plates.square()
    far = _FAR * float(inside.median()) / 0.6745
    return ours.clamp(-far, far).square(), plates.clamp(-far, far).square()
