"""A little shot of new faces that flicker, as steadiers see it. Read by test_post and test_live."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ff_vfx.errors import FrameBroken, TrackLost
from ff_vfx.fuse.crop import take_crop
from ff_vfx.steady.flow import DenseFlow
from ff_vfx.steady.neighbourhood import Neighbourhood, Source
from ff_vfx.steady.steadier import Steadier, steadier_of
from ff_vfx.steady.weigh import Weigh
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.settings import SteadySettings
from tests.steady.made import FLOOR, GRAIN, new_face, noisy, textured
from tests.synthetic import AS_IT_IS, frame_of, posed_face

SIZE, LAST = 64, 14
FACE = textured(71, SIZE + 2)[:, :SIZE, :SIZE]
Plates = Callable[[int], torch.Tensor]


def still_plate(number: int) -> torch.Tensor:
    return textured(70, 240)


class Stream:
    """Frames 1 to LAST. drawn: those whose new face was made, in that order. wild: frames whose face jumps."""

    def __init__(
        self, plates: Plates = still_plate, wild: tuple[int, ...] = (), last: int = LAST, broken: int = 0
    ) -> None:
        self.drawn: list[int] = []
        self._plates, self._wild, self._last, self._broken = plates, wild, last, broken

    def _crop(self, number: int) -> Crop:
        if number == self._broken:
            raise FrameBroken(f"frame {number}: truncated")
        if not 1 <= number <= self._last:
            raise TrackLost("outside")
        return take_crop(frame_of(self._plates(number), number, torch.float32), posed_face(), SIZE, AS_IT_IS)

    def raw(self, number: int) -> torch.Tensor:
        return noisy(FACE, number, 0.05) * (2.0 if number in self._wild else 1.0)

    def _make(self, number: int, frame: object) -> tuple[Crop, Fused]:
        crop = self._crop(number)
        self.drawn.append(number)
        return crop, new_face(self.raw(number), crop.pixels)

    def _place(self, number: int, frame: object) -> tuple[Crop, Fused]:
        crop = self._crop(number)
        return crop, new_face(crop.pixels, crop.pixels)

    def steadier(self, cuts: tuple[int, ...] = (), weigh: Weigh | None = None, **changes: object) -> Steadier:
        settings = SteadySettings.model_validate({"flow": "medium", "align_px": 0.0, **changes})
        source = Source(
            self._make, self._place, lambda crop, fused: torch.ones(1, SIZE, SIZE), range(1, self._last + 1), cuts
        )
        near = Neighbourhood(source, settings, DenseFlow(settings.flow, 0.0), FLOOR)
        return steadier_of(near, settings, GRAIN, FLOOR, weigh)


def off(made: torch.Tensor, wanted: torch.Tensor = FACE) -> float:
    """Mean relative difference away from the edge."""
    return float((made / wanted - 1.0)[:, 6:-6, 6:-6].abs().mean())
