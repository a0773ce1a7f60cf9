"""Runs modes on one shot: its crops held still and laid back on the plate's pixels. Read by table.

Steadying is judged alone: the fused crop, not the composite. The reference goes through the same crop (of a perfect
track) and back, so that nobody pays for resampling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch

from benchmarks.steadiness import naive
from benchmarks.steadiness.clip import Clip, Pictures, box_of, cut_out
from benchmarks.steadiness.modes import Mode
from benchmarks.steadiness.steadying import Steadying
from benchmarks.truth.shot import TruthShot
from benchmarks.truth.solve_of import Smoother
from ff_vfx.colour import Transform, working_space
from ff_vfx.fuse.crop import crop_and_fuse, crop_side
from ff_vfx.image.sample import sample_affine
from ff_vfx.types.fused import Crop, Fuser
from ff_vfx.types.settings import Settings, settings_from
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window

Solves = Callable[[TruthShot, Smoother], Solve]
Held = dict[int, tuple[Crop, torch.Tensor]]  # number -> the crop, and the new face in it, (3, s, s)


class Results:
    """Modes of one shot with one fuser; what they share is made once. Not safe to call from several threads.

    solves: the shot's solve by smoother. fuser, true: that of the table, and one that makes the truth.
    """

    def __init__(self, shot: TruthShot, solves: Solves, fuser: Fuser, true: Fuser) -> None:
        self._shot, self._solves, self._fuser = shot, solves, fuser
        self._tracked: dict[Smoother, Steadying] = {}
        self.clip = _clip_of(shot, solves(shot, "true"), true)

    def run(self, mode: Mode) -> dict[int, torch.Tensor]:
        """number -> (3, h, w) of the clip's box, every judged frame."""
        held = self._held(mode)
        return {n: laid_back(held[n][1], held[n][0], self.clip.box) for n in self.clip.numbers}

    def _held(self, mode: Mode) -> Held:
        numbers, settings = self.clip.numbers, settings_of(mode)
        if mode.smoother not in self._tracked:
            solve = self._solves(self._shot, mode.smoother)
            self._tracked[mode.smoother] = Steadying(self._shot.plate, solve, self._fuser)
        steadying = self._tracked[mode.smoother]
        if not mode.naive and settings.steady.window:
            steadier = steadying.steadier(settings)
            made = {n: steadier.hold(n) for n in numbers}
            return {n: (one.crop, one.held.picture) for n, one in made.items()}
        raw = {n: (crop, fused.picture) for n, (crop, fused) in ((n, steadying.crop_of(n)) for n in numbers)}
        if not mode.naive:
            return raw
        crops = {n: picture for n, (_, picture) in raw.items()}
        filtered = (naive.exponential_mean if mode.naive == "ema" else naive.median)(crops, self._shot.cuts)
        return {n: (raw[n][0], picture) for n, picture in filtered.items()}


def settings_of(mode: Mode) -> Settings:
    """The mode's preset with its changes on top."""
    return settings_from(mode.preset, {"steady": mode.steady})


def laid_back(picture: torch.Tensor, crop: Crop, box: Window) -> torch.Tensor:
    """A crop's picture (3, s, s) on the plate's own pixels of the box."""
    shift = torch.tensor([[1, 0, box.x0], [0, 1, box.y0], [0, 0, 1]], dtype=torch.float64)
    return sample_affine(picture, torch.linalg.inv(crop.to_plate) @ shift, box.y1 - box.y0, box.x1 - box.x0)


def _clip_of(shot: TruthShot, solve: Solve, true: Fuser) -> Clip:
    held = _fuse_all(shot, solve, true)
    numbers = judged_numbers(shot, held)
    box = box_of([shot.face[n] for n in numbers])
    return clip_with(shot, {n: laid_back(held[n][1], held[n][0], box) for n in numbers}, box, solve.exposure_stops)


def judged_numbers(shot: TruthShot, numbers: Iterable[int]) -> tuple[int, ...]:
    """Those of the frames that have a face to judge, ascending."""
    return tuple(n for n in sorted(numbers) if n in shot.face and shot.face[n].any())


def clip_with(shot: TruthShot, truth: Pictures, box: Window, exposure_stops: float) -> Clip:
    """The shot's facts in a box, for these frames. truth: number -> (3, h, w) of the box."""
    numbers = tuple(truth)
    motion = {n: torch.from_numpy(np.asarray(shot.flow[n], np.float32)) for n in numbers if n in shot.flow}
    return Clip(
        box,
        numbers,
        truth,
        {n: cut_out(shot.face[n], box) for n in numbers},
        {n: cut_out(shot.events[n], box) for n in numbers if n in shot.events and shot.events[n].any()},
        {n: cut_out(flow, box) for n, flow in motion.items() if n + 1 in truth},
        shot.fps,
        working_space(shot.plate.colour_space),
        exposure_stops,
    )


def _fuse_all(shot: TruthShot, solve: Solve, fuser: Fuser) -> Held:
    """Every frame with a face, as the fuser makes it."""
    track, space = solve.tracks[0], shot.plate.colour_space
    to_light = Transform.between(space, working_space(space))
    make = crop_and_fuse(shot.plate, track, fuser, crop_side(track, settings_from().fuse), to_light)
    made = {n: make(n, None) for n in shot.plate.numbers if not track.why_lost(n)}
    return {n: (crop, fused.picture) for n, (crop, fused) in made.items()}
