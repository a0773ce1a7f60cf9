"""What light and colour do over the whole shot, measured once on a few frames, and applied to each. Read by shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ff_vfx.colour import brighten, to_stops
from ff_vfx.composite.grain import Focus, plate_focus, refocus
from ff_vfx.composite.light import (
    ColourMatch,
    colour_change,
    colour_match,
    colour_moments,
    light_stops,
)
from ff_vfx.composite.mattes import Mattes
from ff_vfx.image.blur import gaussian
from ff_vfx.types.fused import Fused
from ff_vfx.types.settings import CompositeSettings

# How much of a difference in brightness between stills and plate is exposure and not skin: stills are trusted to 0.6
# stops, people's skin differs by 0.8 stops (one deviation each), so 0.6^2 / (0.6^2 + 0.8^2). Colour is skin's alone.
_EXPOSURE_SHARE = 0.36


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The shot's constants. colour: None changes nothing. tone: (3,) stops that the plate actor's skin is above the

    performer's, after `colour`. focus: see grain.Focus. floor: scene-linear, see colour.to_stops.
    """

    colour: ColourMatch | None
    tone: torch.Tensor
    focus: Focus
    floor: float


def measure_look(
    samples: Sequence[tuple[Fused, Mattes]], settings: CompositeSettings, floor: float, fineness: float = 1.0
) -> Look:
    """Measure colour, tone and focus on a few frames spread over the shot. fineness: see grain.plate_focus.

    A fuser that changed nothing (an identity network) gives a look that changes nothing, exactly.
    """
    if all(torch.equal(fused.picture, fused.surround) for fused, _ in samples):
        return Look(None, torch.zeros(3), Focus(), floor)
    pairs = [(to_stops(f.surround, floor), to_stops(f.picture, floor), m) for f, m in samples]
    match = _shot_colour(pairs, settings.colour_match * (1.0 - settings.skin_tone))
    tones = []
    for plate, face, mattes in pairs:
        light = light_stops(
            plate, face + colour_change(face, mattes.skin, match), mattes.skin, _sigma_px(face, settings)
        )
        weight = mattes.skin / mattes.skin.sum().clamp_min(1e-6)
        tones.append((light * weight).sum((1, 2)))
    seen = [(p, f, (m.parts["oval"] - m.skin).clamp_min(0.0) * m.face, m.skin) for p, f, m in pairs]
    focus = plate_focus(seen, fineness)
    return Look(match, torch.stack(tones).mean(0), focus, floor)


def _shot_colour(pairs: Sequence[tuple[torch.Tensor, torch.Tensor, Mattes]], amount: float) -> ColourMatch:
    plates = [colour_moments(plate, mattes.skin) for plate, _, mattes in pairs]
    faces = [colour_moments(face, mattes.skin) for _, face, mattes in pairs]
    return colour_match(_mean_moments(plates), _mean_moments(faces), amount)


def _mean_moments(moments: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.stack([mean for mean, _ in moments]).mean(0), torch.stack([cov for _, cov in moments]).mean(0)


def _sigma_px(picture: torch.Tensor, settings: CompositeSettings) -> float:
    return settings.relight_sigma * picture.shape[-1]


def apply_look(
    picture: torch.Tensor, surround: torch.Tensor, mattes: Mattes, look: Look, settings: CompositeSettings
) -> torch.Tensor:
    """The new face in the plate's light, tone and focus.

    Args:
        picture, surround: (3, s, s) scene-linear: the new face and the plate bent to it.

    Returns:
        (3, s, s); exactly the picture where light agrees and the look changes nothing.

    Domain: scene-linear, unbounded; gains are in stops above -floor.
    """
    raw = to_stops(picture, look.floor)
    face = refocus(raw, look.focus, settings.focus)
    matched = face if look.colour is None else face + colour_change(face, mattes.skin, look.colour)
    light = light_stops(to_stops(surround, look.floor), matched, mattes.skin, _sigma_px(picture, settings))
    tone = look.tone[:, None, None]
    # Skin tone is the skin's: what the eyes reflect is the light alone, so they are given back the tone's part.
    eyes = gaussian(mattes.eyes, 0.002 * picture.shape[-1])
    change = (face - raw) + (matched - face) * (1.0 - eyes)
    exposure = settings.skin_tone * (_EXPOSURE_SHARE * look.tone.mean() + settings.skin_stops)
    skin = tone * (1.0 - settings.skin_tone) * (1.0 - eyes)
    change = change + (light - tone) * settings.relight + skin + exposure
    return brighten(picture, change, look.floor)
