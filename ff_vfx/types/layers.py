"""All pictures and planes of one rendered frame. Read by plate (writes them) and hosts (show them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window


@dataclass(frozen=True, slots=True, eq=False)
class CryptoIds:
    """Who covers what, for Cryptomatte: name -> coverage (h, w) float32 in [0, 1], in the Layers' window."""

    kind: str
    coverage: Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What one frame gives. Everything but `frame` covers only `window`, the face's region.

    frame: the plate's frame, untouched; outside the window it IS the fused picture.
    window: plate pixels; empty when there was nothing to do.
    fused: (3, h, w) float32, scene-linear, the finished picture in the window; where coverage is 0 the plate's values.
    coverage: (1, h, w) float32 in [0, 1]; where it is 0 the plate's own bits are written.
    planes: EXR channel name ('ffFace.R', 'ffMatte.red', 'ffSt.u', ...) -> (h, w) float32. Outside the window: 0.
    data_planes: names in `planes` that need full float and no colour management (ST maps, motion).
    cryptomattes: per-kind ids and coverages.
    attributes: header attributes to add (str, int, float only). decisions: what was chosen, for the Report; 'passed'
        says why the plate went through unchanged.
    """

    frame: Frame
    window: Window
    fused: torch.Tensor
    coverage: torch.Tensor
    planes: Mapping[str, torch.Tensor] = field(default_factory=dict)
    data_planes: frozenset[str] = frozenset()
    cryptomattes: tuple[CryptoIds, ...] = ()
    attributes: Mapping[str, str | int | float] = field(default_factory=dict)
    decisions: Mapping[str, object] = field(default_factory=dict)
