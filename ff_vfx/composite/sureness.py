"""How sure steadying was of one frame, in a few numbers. Read by finish; the Report and the header carry them."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from ff_vfx.types.fused import Fused, Held
from ff_vfx.types.settings import SteadySettings

_PARTS = {"face": ("oval",), "eyes": ("eye_l", "eye_r"), "mouth": ("lips_outer",)}


def sureness(
    held: Held, fused: Fused, parts: Mapping[str, torch.Tensor], coverage: torch.Tensor, settings: SteadySettings
) -> dict[str, object]:
    """What a person wants to know of a frame's steadying.

    Args:
        parts: by name, see mattes. coverage: (1, s, s) of the crop; what is not covered is not asked.

    Returns:
        steady: which rule held it. made: 'drawn' on this frame or 'carried' from key frames. confidence: mean by part,
        of two eyes the lower; votes: mean number of frames averaged. Parts that are covered have no number.
    """
    confidence = {}
    for part, names in _PARTS.items():
        means = [_mean(held.confidence, parts[name] * coverage) for name in names]
        if told := [mean for mean in means if mean is not None]:
            confidence[part] = min(told)
    found: dict[str, object] = {"steady": rule_of(settings), "confidence": confidence}
    found["made"] = "drawn" if fused.drawn else "carried"
    votes = _mean(held.votes, parts["oval"] * coverage)
    return found if votes is None else found | {"votes": votes}


def rule_of(settings: SteadySettings) -> str:
    """In words, whether the order of frames matters."""
    if settings.causal:
        return "causal, order-dependent"
    return "order-free" if settings.window or settings.keyframe_interval > 1 or settings.trusted else "off"


def header_of(sureness: Mapping[str, object]) -> dict[str, str | float]:
    """The same as flat header attributes, so that a frame that is on disk already can still be asked."""
    found: dict[str, str | float] = {}
    for name, value in sureness.items():
        if isinstance(value, Mapping):
            found |= {f"ffvfx/{name}.{part}": float(mean) for part, mean in value.items()}
        elif isinstance(value, str | float):
            found[f"ffvfx/{name}"] = value
    return found


def _mean(plane: torch.Tensor, weight: torch.Tensor) -> float | None:
    total = float(weight.sum())
    return round(float((plane * weight).sum()) / total, 4) if total >= 1.0 else None
