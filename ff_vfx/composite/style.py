"""The finishing look of the new face: natural, crisp or cinematic, sharpness, saturation. Read by finish.

It comes after light, colour and focus were matched to the plate, for those would undo it, and before the face is laid
over: the plate and the plate's grain keep their own. Sizes are px of a crop of the default detail.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ff_vfx.colour import brighten, to_stops
from ff_vfx.composite.mattes import Mattes
from ff_vfx.image.blur import enlarge, gaussian, shrink, weighted_gaussian
from ff_vfx.types.settings import EnhanceSettings

_FINE_PX, _TEXTURE_PX = 1.2, 5.0  # detail below the first; pores and lines between the two
_MOST_STOPS = 0.3  # detail of more contrast is an edge or a highlight: it is moved no further than this, so has no rim
_SHINE_PART, _SHINE_STOPS = 0.03, 0.3  # of the crop's side, around which skin shines by so much or more
_QUARTER = 4
_ABOVE_GRAIN = 8.0  # times the floor: what is as dark as that has no detail worth a change


@dataclass(frozen=True, slots=True)
class Style:
    """fine, texture: how much of these details is added, [-1, 1]. shine: how far skin that shines is held back, [0, 1].

    saturation: stops that differences between channels grow by.
    """

    fine: float = 0.0
    texture: float = 0.0
    shine: float = 0.0
    saturation: float = 0.0


_LOOKS = {
    "natural": Style(),
    "crisp": Style(fine=0.6, texture=0.25),
    "cinematic": Style(fine=-0.2, texture=-0.35, shine=0.4),
}


def style_of(settings: EnhanceSettings) -> Style:
    """The look with the artist's changes on it."""
    look = _LOOKS[settings.look]
    fine = min(max(look.fine + settings.sharpness, -1.0), 1.5)
    return Style(fine, look.texture, look.shine, look.saturation + settings.saturation)


def apply_style(picture: torch.Tensor, mattes: Mattes, style: Style, floor: float, fineness: float) -> torch.Tensor:
    """The new face with its finishing look.

    Args:
        picture: (3, s, s) scene-linear, lit and in focus. floor: see colour.to_stops. fineness: see grain.plate_focus.

    Returns:
        (3, s, s); the same tensor for a natural look without changes.

    Domain: scene-linear, unbounded: gains in stops, so black stays black and no highlight is cut.
    """
    if style == Style():
        return picture
    floor = _ABOVE_GRAIN * floor
    stops = to_stops(picture, floor)
    grey = stops.mean(0, keepdim=True)
    change = torch.zeros_like(grey)
    if style.fine or style.texture:
        fine = gaussian(grey, _FINE_PX * fineness)
        change = change + style.fine * _bounded(grey - fine)
        change = change + style.texture * _bounded(fine - gaussian(grey, _TEXTURE_PX * fineness))
    if style.shine:
        change = change - style.shine * _shining(grey, mattes.skin) * mattes.skin
    if style.saturation:
        change = change + (stops - grey) * (2.0**style.saturation - 1.0)
    return brighten(picture, change, floor)


def _bounded(detail: torch.Tensor) -> torch.Tensor:
    """Small contrast as it is, large contrast never above _MOST_STOPS."""
    return detail / (1.0 + detail.abs() / _MOST_STOPS)


def _shining(grey: torch.Tensor, skin: torch.Tensor) -> torch.Tensor:
    """How far skin is brighter than the skin around it, stops above the limit; rises softly. Eyes are no skin."""
    size = grey.shape[-1]
    small, where = shrink(grey * skin, _QUARTER), shrink(skin, _QUARTER)
    around = weighted_gaussian(small / where.clamp_min(1e-4), where, _SHINE_PART * size / _QUARTER)
    over = (grey - enlarge(around, size, size) - _SHINE_STOPS).clamp_min(0.0)
    return over * over / (over + _SHINE_STOPS)
