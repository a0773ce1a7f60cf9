"""Fusers of known quality: the truth itself, and one that flickers on purpose. Read by the temporal benchmark.

With them steadying is measured apart from fusing: all that is wrong with the flickering one was put there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.truth.grain_field import unit_field
from benchmarks.truth.shot import TruthShot
from ff_vfx.image.fit import similarity
from ff_vfx.image.sample import affine_grid, pixel_grid, sample_affine
from ff_vfx.types.fused import Crop, Fused

_LEAST = 0.0  # a picture of light; what a cubic kernel rings below black is cut


def placed(crop: Crop) -> Fused:
    """Where the new face lies: in the plate's own place, nothing bent."""
    size = crop.pixels.shape[-1]
    grid = pixel_grid(size, size).permute(2, 0, 1)
    return Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, size, size), crop.points())


class TruthFuser:
    """The perfect fuser: the shot's truth, cut out as the plate is. Grain is the plate's own."""

    def __init__(self, shot: TruthShot) -> None:
        self.shot = shot

    def place(self, crop: Crop) -> Fused:
        """As `placed`."""
        return placed(crop)

    def fuse(self, crop: Crop) -> Fused:
        """The truth in the crop."""
        size = crop.pixels.shape[-1]
        return replace(placed(crop), picture=sample_affine(self.shot.truth[crop.number], crop.to_plate, size, size))


@dataclass(frozen=True, slots=True)
class Flicker:
    """How a fuser flickers; 0 switches a part off. aligned: it follows the landmarks it is given, errors and all.

    jitter_px: sigma of its own shift, plate px. texture, drift, jump: stops. texture_px: plate px. drift_memory: AR(1).
    """

    aligned: bool = True
    jitter_px: float = 0.25
    texture: float = 0.12
    texture_px: float = 1.5
    drift: float = 0.05
    drift_memory: float = 0.5
    jump: float = 0.25
    seed: int = 0


OFF = Flicker(aligned=False, jitter_px=0.0, texture=0.0, drift=0.0, jump=0.0)


class FlickeringFuser:
    """The truth, made to flicker as bad swappers do; a pure function of the frame and the landmarks given.

    Domain: scene-linear; every change of light is a gain in stops, so no value changes sign.
    """

    def __init__(self, shot: TruthShot, flicker: Flicker | None = None) -> None:
        self.shot, self.flicker = shot, flicker or Flicker()
        self._drift = _drifts(list(shot.plate.numbers), self.flicker)
        self._jumps = _jump_frames(list(shot.plate.numbers))

    def place(self, crop: Crop) -> Fused:
        """As `placed`: the bad picture has the right outline."""
        return placed(crop)

    def fuse(self, crop: Crop) -> Fused:
        """The truth in the crop, shifted, rough, tinted and now and then blotched."""
        size = crop.pixels.shape[-1]
        given = torch.linalg.inv(torch.from_numpy(self._misplaced(crop))) @ crop.to_plate
        truth = sample_affine(self.shot.truth[crop.number], given, size, size)
        picture = truth
        stops = self._stops(crop.number, given, size)
        if stops is not None:
            picture = truth.clamp_min(_LEAST) * torch.exp2(stops)
        return replace(placed(crop), picture=picture)

    def _misplaced(self, crop: Crop) -> np.ndarray:
        """(3, 3) true plate px to where this fuser believes them to be."""
        matrix, flicker = np.eye(3), self.flicker
        if flicker.aligned:
            true = self.shot.landmarks[crop.number][:, :2]
            matrix[:2, :2], matrix[:2, 2] = similarity(true, crop.face.landmarks[:, :2])
        if flicker.jitter_px:
            matrix[:2, 2] += np.random.default_rng((flicker.seed, crop.number, 1)).normal(0.0, flicker.jitter_px, 2)
        return matrix

    def _stops(self, number: int, given: torch.Tensor, size: int) -> torch.Tensor | None:
        """(3, size, size) stops of error, or None where every part is off. given: crop px to true plate px."""
        flicker, parts = self.flicker, []
        height, width = self.shot.truth[number].shape[-2:]
        seed = flicker.seed * 1_000_003 + number
        if flicker.texture:
            rough = unit_field(seed, height, width, flicker.texture_px, 1) * flicker.texture
            parts.append(sample_affine(rough, given, size, size).expand(3, size, size))
        if flicker.drift:
            parts.append(self._drift[number][:, None, None].expand(3, size, size))
        if flicker.jump and number in self._jumps:
            blobs = self._blobs(number, self._jumps[number], given, size)
            parts.append(blobs.expand(3, size, size))
        return torch.stack(parts).sum(0) if parts else None

    def _blobs(self, number: int, event: int, given: torch.Tensor, size: int) -> torch.Tensor:
        """(1, size, size) soft blotches that sit on the face, stops; the frames of one event share them."""
        points = self.shot.landmarks[number]
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        chance = np.random.default_rng((self.flicker.seed, event, 2))
        grid, total = affine_grid(given, size, size), torch.zeros(1, size, size)
        for _ in range(6):
            centre = torch.tensor(low + (high - low) * chance.uniform(0.15, 0.85, 2), dtype=torch.float32)
            sigma = float(high[1] - low[1]) * chance.uniform(0.08, 0.18)
            sign = float(chance.choice([-1.0, 1.0]))
            total += sign * torch.exp((grid - centre).square().sum(-1)[None] / (-2.0 * sigma**2))
        return total.clamp(-1.0, 1.0) * self.flicker.jump


def _drifts(numbers: list[int], flicker: Flicker) -> dict[int, torch.Tensor]:
    """(3,) stops by frame: a first-order random walk that forgets, its sigma `drift` at every frame."""
    chance = np.random.default_rng((flicker.seed, 3))
    state, made = chance.normal(0.0, flicker.drift, 3), {}
    for number in numbers:
        made[number] = torch.tensor(state, dtype=torch.float32)
        fresh = chance.normal(0.0, flicker.drift, 3)
        state = flicker.drift_memory * state + np.sqrt(1.0 - flicker.drift_memory**2) * fresh
    return made


def _jump_frames(numbers: list[int]) -> dict[int, int]:
    """Frame -> which jump: two single frames and one pair, away from the shot's ends."""
    n = len(numbers)
    rows = {n // 4: 0, n // 2: 1, n // 2 + 1: 1, (7 * n) // 8: 2}
    return {numbers[row]: event for row, event in rows.items()}
