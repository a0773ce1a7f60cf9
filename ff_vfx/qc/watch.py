"""Watches one face through a shot, a frame at a time, and keeps numbers alone. Read by the door.

Three frames are held at once: memory does not grow with the shot. Frames come in ascending order; a hole, a cut, a
fade or a lost face ends a row, and what is measured between frames is measured inside rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from ff_vfx.qc.look import Look, View, side_of, view_of
from ff_vfx.qc.measures.along import Flows, Step, Way, step_between, tone
from ff_vfx.qc.measures.detail import sharpness, softest_patch
from ff_vfx.qc.measures.steadiness import patch_apart, slip, slip_apart, tone_apart, warp_ratio
from ff_vfx.qc.measures.track import Marks, track_jump

_FADE = 0.01  # of the effect, from one frame to the next
_LEAST_JUDGED = 0.2  # of the face that must have an answer between two frames; less is a cut or another face


@dataclass(slots=True, eq=False)
class Measured:
    """Numbers by frame. `tones`: change from the frame before, stops a channel; the others as in docs/qc.md."""

    values: dict[str, dict[int, float]] = field(default_factory=dict)
    tones: dict[int, tuple[float, ...]] = field(default_factory=dict)

    def add(self, name: str, number: int, value: float) -> None:
        """Keep a value; one that says nothing (nan) is left out."""
        if math.isfinite(value):
            self.values.setdefault(name, {})[number] = value


@dataclass(frozen=True, slots=True, eq=False)
class _Between:
    """Two frames beside each other, compared both ways."""

    back: Step
    on: Step
    slip_back: torch.Tensor
    slip_on: torch.Tensor


class Watch:
    """One face. flows: motion between two pictures, see Flows. cuts: frames that begin a take."""

    def __init__(self, flows: Flows, cuts: Sequence[int] = ()) -> None:
        self.measured = Measured()
        self._flows, self._cuts = flows, frozenset(cuts)
        self._row: list[tuple[Look, Marks | None]] = []
        self._side = 0
        self._views: dict[int, View] = {}
        self._between: dict[int, _Between] = {}

    def add(self, look: Look, marks: Marks | None = None) -> None:
        """The next frame. marks: the solve's landmarks on it, where there is a solve."""
        number = look.number
        self.measured.add("sharpness", number, sharpness(look))
        self.measured.add("softest", number, softest_patch(look))
        if number in self._cuts or not self._row or not _follows(look, self._row[-1][0]):
            self._begin()
        self._row = [*self._row[-2:], (look, marks)]
        self._see()
        if len(self._row) > 1:
            self._compare(number)

    def _begin(self) -> None:
        self._row, self._side = [], 0
        self._views.clear()
        self._between.clear()

    def _see(self) -> None:
        """Views of the row in one size; all made anew when the face has outgrown it."""
        numbers = [look.number for look, _ in self._row]
        side = max([self._side, *(side_of(look) for look, _ in self._row)])
        if side != self._side:
            self._side = side
            self._views.clear()
            self._between.clear()
        self._views = {n: view for n, view in self._views.items() if n in numbers}
        self._between = {n: both for n, both in self._between.items() if n in numbers[1:]}
        for look, _ in self._row:
            if look.number not in self._views:
                self._views[look.number] = view_of(look, side)
        for n in numbers[1:]:
            if n not in self._between:
                self._between[n] = self._beside(n)

    def _beside(self, n: int) -> _Between:
        """Frame n and the one before it."""
        before, here = self._views[n - 1], self._views[n]
        on, back = self._flows(before.plate_light, here.plate_light)
        ours_on, ours_back = self._flows(before.made_light, here.made_light)
        step_back, step_on = step_between(here, before, back), step_between(before, here, on)
        if n == self._row[-1][0].number:
            self._keep_jump(n, back, step_back)
        slips = slip(ours_back, back, step_back), slip(ours_on, on, step_on)
        return _Between(step_back, step_on, slips[0] * here.factor, slips[1] * here.factor)

    def _keep_jump(self, n: int, back: Way, step: Step) -> None:
        here, before = self._row[-1][1], self._row[-2][1]
        if here is not None and before is not None and step.judged >= _LEAST_JUDGED:
            views = self._views[n], self._views[n - 1]
            self.measured.add("track", n, track_jump(here, before, views, back, step.trust))

    def _compare(self, number: int) -> None:
        """What the newest frame tells of itself, and of the one before it, which now has both neighbours."""
        newest = self._between[number]
        if newest.back.judged < _LEAST_JUDGED:
            return
        self.measured.add("warp", number, warp_ratio(newest.back))
        self.measured.tones[number] = tuple(tone(newest.back).tolist())
        earlier = self._between.get(number - 1)
        if earlier is None or earlier.back.judged < _LEAST_JUDGED:
            return
        self.measured.add("tone", number - 1, tone_apart(earlier.back, newest.on))
        self.measured.add("patch", number - 1, patch_apart(earlier.back, newest.on))
        self.measured.add("slip", number - 1, slip_apart(earlier.slip_back, newest.slip_on))


def _follows(look: Look, before: Look) -> bool:
    """Whether two frames can be compared: beside each other, and not while the effect fades in or out."""
    return before.number == look.number - 1 and abs(before.weight - look.weight) < _FADE
