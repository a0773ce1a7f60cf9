"""A new face from a network that takes a picture and gives a picture: the one-shot swap family. Read by the door.

All that makes one network of the family differ from another is in its manifest: size, template, range, layout, order of
channels, identity, matte. Light goes through the HDR bridge and what is laid on the plate is the network's CHANGE: what
it returns as it was shown is the crop's own bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine.batch import run_many
from ff_vfx.engine.pictures import answered, to_network
from ff_vfx.errors import ModelError
from ff_vfx.fuse.ahead import Company
from ff_vfx.fuse.swap.aligned import Aligned, align, replaced
from ff_vfx.fuse.swap.layout import SwapLayout, swap_layout
from ff_vfx.fuse.swap.phases import join_levelled, split
from ff_vfx.fuse.swap.plan import SwapPlan
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.engine import Engine
from ff_vfx.types.fused import Crop, Fused

_AS_IT_IS = SwapPlan()
_ROUNDING = 1e-6  # display units: a smaller change is the range's rounding on the way in and out


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One crop's part with the face. place: its rows and columns. pixels: (3, h, w) light; seen: encoded.

    shown: (3, side, side) what the network is shown of it, all phases together.
    """

    place: tuple[slice, slice]
    pixels: torch.Tensor
    seen: torch.Tensor
    view: Aligned
    shown: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Some crops as the network is asked. pictures: (b, 3, side, side) all phases. given: the same for its input."""

    parts: Sequence[_Part]
    pictures: torch.Tensor
    given: np.ndarray
    samples: Sequence[dict[str, np.ndarray]]


@dataclass(frozen=True, slots=True, eq=False)
class SwapFuser:
    """Implements types.fused.BatchFuser. The plate is not bent: the network draws inside the plate's own outline.

    latent: (1, d) float32, what the identity input takes; see swap_plan.identity_input. Without a template the whole
    crop is shown; then, and without identity, this is any picture-to-picture network. company: all fusers of a job
    with this engine; None: there is no other.
    """

    engine: Engine
    bridge: Bridge
    plan: SwapPlan = _AS_IT_IS
    latent: np.ndarray | None = None
    company: Company | None = None

    @property
    def most(self) -> int:
        return self.plan.most

    def fuse(self, crop: Crop) -> Fused:
        """The network's face on this crop.

        Raises:
            ModelError: the network fails, or gives no finite picture of its input's size; names frame and model.

        Domain: scene-linear, unbounded; where the network leaves a pixel alone, the crop's own bits.
        """
        return self.fuse_many([crop])[0]

    def fuse_many(self, crops: Sequence[Crop]) -> list[Fused]:
        """As `fuse`, for each; the network sees their pictures together."""
        return fuse_together([(self, crops)])[0]

    def place(self, crop: Crop) -> Fused:
        """The plate as it is."""
        size = crop.pixels.shape[-1]
        grid = pixel_grid(size, size).permute(2, 0, 1)
        return Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, size, size), crop.points())

    def _view(self, crop: Crop, layout: SwapLayout) -> Aligned:
        """The face as it is shown: on a grid `boost` times as fine as the network's."""
        spec, times = self.engine.spec, self.plan.boost
        side = layout.side or self.plan.side
        if side is None:
            side = -(-crop.pixels.shape[-1] // (spec.multiple * times)) * spec.multiple
        return align(crop, spec.template, side * times, times)

    def _part(self, crop: Crop, layout: SwapLayout) -> _Part:
        """The face in its part of the crop: what lies beyond the aligned square costs nothing."""
        whole = self._view(crop, layout)
        place = whole.part(crop.pixels.shape[-1])
        pixels, view = crop.pixels[:, place[0], place[1]], whole.within(place)
        seen = self.bridge.encode(pixels)
        return _Part(place, pixels, seen, view, view.show(seen))

    def _fused(self, crop: Crop, part: _Part, change: torch.Tensor) -> Fused:
        placed = self.place(crop)
        change = change * part.view.window()
        if not change.any():
            return placed
        picture = crop.pixels.clone()
        made = replaced(part.seen, part.shown, change, part.view)
        picture[:, part.place[0], part.place[1]] = self.bridge.apply(part.pixels, part.seen, made)
        return replace(placed, picture=picture)

    def asked(self, crops: Sequence[Crop], layout: SwapLayout) -> _Asked:
        """What the network is shown of some crops."""
        parts = [self._part(crop, layout) for crop in crops]
        pictures = torch.cat([split(part.shown, self.plan.boost) for part in parts])
        given = to_network(pictures, layout.picture)
        return _Asked(parts, pictures, given, [self._sample(layout, given[i : i + 1]) for i in range(len(given))])

    def answered(
        self, crops: Sequence[Crop], asked: _Asked, answers: Sequence[dict[str, np.ndarray]], layout: SwapLayout
    ) -> list[Fused]:
        """The new faces, of what the network said to each picture of `asked`. ModelError: it cannot be used."""
        times = self.plan.boost
        changes = _changed(asked.pictures, asked.given, answers, layout).split(times * times)
        return [
            self._fused(crop, part, join_levelled(change, times))
            for crop, part, change in zip(crops, asked.parts, changes, strict=True)
        ]

    def _sample(self, layout: SwapLayout, picture: np.ndarray) -> dict[str, np.ndarray]:
        sample = {layout.picture.name: picture}
        if layout.identity is not None and self.latent is not None:
            sample[layout.identity.name] = self.latent
        return sample


def fuse_together(works: Sequence[tuple[SwapFuser, Sequence[Crop]]]) -> list[list[Fused]]:
    """New faces of several people in one run of the network, each fuser's by itself.

    Args:
        works: fusers of one engine, at least one, each with its crops.

    Raises:
        ModelError: as SwapFuser.fuse.
    """
    engine = works[0][0].engine
    layout = swap_layout(engine.spec)
    asked = [fuser.asked(crops, layout) for fuser, crops in works]
    samples = [sample for one in asked for sample in one.samples]
    made: list[list[Fused]] = []
    try:
        answers = run_many(engine, samples, max(fuser.plan.pictures for fuser, _ in works))
        for (fuser, crops), one in zip(works, asked, strict=True):
            made.append(fuser.answered(crops, one, answers[: len(one.samples)], layout))
            answers = answers[len(one.samples) :]
    except ModelError as error:
        raise ModelError(
            _fault([crop.number for _, crops in works for crop in crops], engine.spec.name, error)
        ) from error
    return made


def _fault(numbers: Sequence[int], name: str, error: ModelError) -> str:
    text, first, last = str(error), min(numbers), max(numbers)
    frames = f"frame {first}" if first == last else f"frames {first}-{last}"
    return f"{frames}: {text}" if name in text else f"{frames}: model {name}: {text}"


def _changed(
    pictures: torch.Tensor, given: np.ndarray, answers: Sequence[dict[str, np.ndarray]], layout: SwapLayout
) -> torch.Tensor:
    """(b, 3, n, n) what was made less what was shown, where the matte shows it.

    Raises:
        ModelError: an answer is no finite picture of the size shown.
    """
    made = np.concatenate([answer[layout.made.name] for answer in answers])
    picture = answered(pictures, given, made, (layout.picture, layout.made))
    if picture.shape != pictures.shape:
        raise ModelError(f"output '{layout.made.name}' is {list(picture.shape)} for {list(pictures.shape)} shown")
    change = picture - pictures
    change = torch.where(change.abs() > _ROUNDING, change, torch.zeros(()))
    if layout.matte is None:
        return change
    matte = np.concatenate([answer[layout.matte.name] for answer in answers])
    return change * _matte(matte, layout, pictures)


def _matte(matte: np.ndarray, layout: SwapLayout, pictures: torch.Tensor) -> torch.Tensor:
    """(b, 1, n, n) in [0, 1]."""
    spec = layout.matte
    assert spec is not None
    planes = matte.reshape(len(pictures), 1, *pictures.shape[-2:]) if matte.size == pictures[:, :1].numel() else None
    if planes is None or not np.isfinite(planes).all():
        raise ModelError(f"output '{spec.name}' {list(matte.shape)} is no finite matte of the picture's size")
    low, high = float(np.mean(spec.low)), float(np.mean(spec.high))
    return ((torch.from_numpy(np.ascontiguousarray(planes, np.float32)) - low) / (high - low)).clamp(0.0, 1.0)
