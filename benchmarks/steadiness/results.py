"""Runs modes on one shot: its crops held still and laid back on the plate's pixels. Read by table.

Steadying is judged alone: the fused crop, not the composite. The reference goes through the same crop (of a perfect
track) and back, so that nobody pays for resampling.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.steadiness import naive
from benchmarks.steadiness.clip import Clip, box_of, cut_out
from benchmarks.steadiness.modes import Mode
from benchmarks.steadiness.remembered import RememberedFlow, RememberedFuser
from benchmarks.truth.shot import TruthShot
from benchmarks.truth.solve_of import Smoother
from ff_vfx.colour import working_space
from ff_vfx.errors import PlateError, TrackLost
from ff_vfx.image.sample import sample_affine
from ff_vfx.shot import prepare
from ff_vfx.types.fused import Crop, Fuser
from ff_vfx.types.settings import Settings, settings_from
from ff_vfx.types.solve import Solve
from ff_vfx.types.window import Window

Solves = Callable[[TruthShot, Smoother], Solve]
_STILL: dict[str, object] = {"window": 0}


class Results:
    """Modes of one shot with one fuser; what they share is made once. Not safe to call from several threads.

    solves: the shot's solve by smoother. fuser, true: that of the table, and one that makes the truth.
    """

    def __init__(self, shot: TruthShot, solves: Solves, fuser: Fuser, true: Fuser) -> None:
        self._shot, self._solves, self._fuser = shot, solves, fuser
        self._made: dict[str, tuple[Solve, RememberedFuser, dict[str, RememberedFlow]]] = {}
        self.clip = self._clip(true)

    def run(self, mode: Mode) -> dict[int, torch.Tensor]:
        """number -> (3, h, w) of the clip's box, every judged frame."""
        if not mode.naive:
            return self._back(self._held(mode, settings_of(mode)))
        raw = self._held(mode, settings_from("post", {"steady": _STILL}))
        crops = {n: picture for n, (_, picture) in raw.items()}
        filtered = (naive.exponential_mean if mode.naive == "ema" else naive.median)(crops, self._shot.cuts)
        return self._back({n: (raw[n][0], picture) for n, picture in filtered.items()})

    def forget(self) -> None:
        """Gives the memory of flows back; the next mode makes its own anew."""
        for _, _, flows in self._made.values():
            flows.clear()

    def _held(self, mode: Mode, settings: Settings) -> dict[int, tuple[Crop, torch.Tensor]]:
        if mode.smoother not in self._made:
            self._made[mode.smoother] = (self._solves(self._shot, mode.smoother), RememberedFuser(self._fuser), {})
        solve, fuser, flows = self._made[mode.smoother]
        quality = settings.steady.flow
        flow = flows.setdefault(quality, RememberedFlow(quality, solve.exposure_stops))
        return _hold_all(self._shot, solve, fuser, settings, flow)

    def _back(self, held: dict[int, tuple[Crop, torch.Tensor]]) -> dict[int, torch.Tensor]:
        return {n: laid_back(held[n][1], held[n][0], self.clip.box) for n in self.clip.numbers}

    def _clip(self, true: Fuser) -> Clip:
        shot, solve = self._shot, self._solves(self._shot, "true")
        settings = settings_from("post", {"steady": _STILL})
        flow = RememberedFlow(settings.steady.flow, solve.exposure_stops)
        held = _hold_all(shot, solve, true, settings, flow)
        numbers = tuple(n for n in sorted(held) if n in shot.face and shot.face[n].any())
        box = box_of([shot.face[n] for n in numbers])
        return Clip(
            box,
            numbers,
            {n: laid_back(held[n][1], held[n][0], box) for n in numbers},
            {n: cut_out(shot.face[n], box) for n in numbers},
            {n: cut_out(shot.events[n], box) for n in numbers if n in shot.events and shot.events[n].any()},
            {n: _motion(shot, n, box) for n in numbers if n in shot.flow and n + 1 in numbers},
            shot.fps,
            working_space(shot.plate.colour_space),
            solve.exposure_stops,
        )


def _motion(shot: TruthShot, number: int, box: Window) -> torch.Tensor:
    return cut_out(torch.from_numpy(np.asarray(shot.flow[number], np.float32)), box)


def settings_of(mode: Mode) -> Settings:
    """The mode's preset with its changes on top."""
    return settings_from(mode.preset, {"steady": mode.steady})


def laid_back(picture: torch.Tensor, crop: Crop, box: Window) -> torch.Tensor:
    """A crop's picture (3, s, s) on the plate's own pixels of the box."""
    shift = torch.tensor([[1, 0, box.x0], [0, 1, box.y0], [0, 0, 1]], dtype=torch.float64)
    return sample_affine(picture, torch.linalg.inv(crop.to_plate) @ shift, box.y1 - box.y0, box.x1 - box.x0)


def _hold_all(
    shot: TruthShot, solve: Solve, fuser: Fuser, settings: Settings, flow: RememberedFlow
) -> dict[int, tuple[Crop, torch.Tensor]]:
    """Every frame there is, in order: crop, and new face in it."""
    prepared = prepare(shot.plate, solve, solve.tracks[0], fuser, settings, flow=flow)
    held = {}
    for n in shot.plate.numbers:
        try:
            made = prepared.steadier.hold(n)
        except (PlateError, TrackLost):
            continue
        held[n] = made.crop, made.held.picture
    return held
