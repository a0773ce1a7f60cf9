"""A fuser whose faces are enhanced, whichever fuser it is; made before steadying, so a network's flicker is steadied.

Read by the door. What the inner fuser can do (several at once, codes) the enhanced one can do too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch

from ff_vfx.errors import ModelError
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.types.fused import BatchFuser, CodedFuser, Crop, Fused, Fuser

Told = Callable[[int, Fused, Fused], None]  # frame number, the new face before and after


@dataclass(frozen=True, slots=True, eq=False)
class EnhancedFuser:
    """Implements types.fused.Fuser. strength: [0, 1], the shot's. told: hears of every frame made; None: nobody."""

    inner: Fuser
    enhancer: Enhancer
    strength: float
    told: Told | None = None

    def fuse(self, crop: Crop) -> Fused:
        """The inner fuser's face, enhanced. Raises: ModelError: either network fails; names the frame."""
        return self._enhanced(crop, self.inner.fuse(crop))

    def place(self, crop: Crop) -> Fused:
        """The inner fuser's: nothing is drawn, so nothing is enhanced."""
        return self.inner.place(crop)

    def _enhanced(self, crop: Crop, fused: Fused) -> Fused:
        try:
            change = self.enhancer.change(fused)
        except ModelError as error:
            raise ModelError(f"frame {crop.number}: {error}") from error
        picture = self.enhancer.add(fused.picture, change, self.strength)
        after = replace(fused, picture=picture)
        if self.told:
            self.told(crop.number, fused, after)
        return after


class _Batch(EnhancedFuser):
    __slots__ = ()

    @property
    def most(self) -> int:
        return cast(BatchFuser, self.inner).most

    def fuse_many(self, crops: Sequence[Crop]) -> list[Fused]:
        """The inner fuser's faces, made together, each enhanced by itself: as `fuse`, bit for bit."""
        made = cast(BatchFuser, self.inner).fuse_many(crops)
        return [self._enhanced(crop, fused) for crop, fused in zip(crops, made, strict=True)]


class _Coded(EnhancedFuser):
    __slots__ = ()

    def code(self, crop: Crop) -> torch.Tensor:
        """The inner fuser's."""
        return cast(CodedFuser, self.inner).code(crop)

    def fuse_with(self, crop: Crop, code: torch.Tensor) -> Fused:
        """The inner fuser's face with that code, enhanced."""
        return self._enhanced(crop, cast(CodedFuser, self.inner).fuse_with(crop, code))


class _BatchCoded(_Batch, _Coded):
    __slots__ = ()


def enhanced(inner: Fuser, enhancer: Enhancer, strength: float, told: Told | None = None) -> Fuser:
    """That fuser with its faces enhanced; itself where the strength is 0. strength: [0, 1]. told: see EnhancedFuser."""
    if strength == 0.0:
        return inner
    batch, coded = isinstance(inner, BatchFuser), isinstance(inner, CodedFuser)
    kind = _BatchCoded if batch and coded else _Batch if batch else _Coded if coded else EnhancedFuser
    return kind(inner, enhancer, strength, told)
