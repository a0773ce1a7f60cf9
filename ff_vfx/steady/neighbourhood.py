"""A frame's neighbours: their crops and new faces, and the flow to them, each made once while a range is rendered.

Read by post and live. What is remembered is a pure function of the frame number, so order and chunks change no pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.errors import ModelError, PlateError, TrackLost
from ff_vfx.steady.flow import Flow, FlowMethod, flow_between
from ff_vfx.steady.voter import Voter, make_voter
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused, Motion
from ff_vfx.types.recall import Recall
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import cut_between

Make = Callable[[int, Frame | None], tuple[Crop, Fused]]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where a shot's new faces come from.

    make: a frame's crop and new face; the frame itself is given when it has been read already.
    place: the same without drawing the new face: its picture is its surround. Both raise PlateError, TrackLost, and
    make a ModelError where its network fails on this frame.
    seen: (1, s, s) in [0, 1], 1 where nothing stands before the face.
    numbers, cuts: the plate's frames, ascending, and those of them that begin a take.
    """

    make: Make
    place: Make
    seen: Callable[[Crop, Fused], torch.Tensor]
    numbers: Sequence[int]
    cuts: Sequence[int]


def is_key(number: int, numbers: Sequence[int], cuts: Sequence[int], settings: SteadySettings) -> bool:
    """Whether a new face is drawn on this frame. Keys are counted from the take's first frame."""
    first = max((cut for cut in cuts if cut <= number), default=numbers[0])
    return (number - first) % settings.keyframe_interval == 0


def drawn_later(numbers: Sequence[int], cuts: Sequence[int], settings: SteadySettings) -> Callable[[int], bool]:
    """Whether a new face will be drawn on a frame when its turn comes; of none in live, which waits for no frame."""
    return lambda number: not settings.causal and is_key(number, numbers, cuts, settings)


class Neighbourhood:
    """Who may vote on a frame, and what they say. Safe to call from several threads."""

    def __init__(
        self, source: Source, settings: SteadySettings, method: FlowMethod, floor: float, *, beside: int = 0
    ) -> None:
        """floor: scene-linear value under which differences of light do not count. beside: how far `beside` is asked

        for, frames; it decides what is remembered, and no pixel.
        """
        self._source, self._settings, self._method, self._floor = source, settings, method, floor
        far = max(settings.reach, settings.trust_reach if settings.trusted else 0, beside)
        kept = 2 * far + 2 + len(settings.trusted)
        self._fused, self._voters, self._placed, self._pictures = (Recall(kept) for _ in range(4))
        self._flows = Recall((far + 2) * (max(settings.window, beside) + 2) + 2 * far)

    def at(self, number: int, frame: Frame | None = None) -> tuple[Crop, Fused]:
        """One frame's crop and new face.

        Raises:
            PlateError, TrackLost, ModelError: there is none.
        """
        return self._fused.get(number, lambda: self._source.make(number, frame))

    def under(self, number: int, frame: Frame | None = None) -> tuple[Crop, Fused]:
        """The same, where nobody needs the new face itself: it is drawn only on key frames. Errors as `at`."""
        if self.is_key(number):
            return self.at(number, frame)
        return self._placed.get(number, lambda: self._source.place(number, frame))

    def readable(self, numbers: Iterable[int]) -> list[tuple[Crop, Fused]]:
        """Those of these frames that there are; the others' own entries in the report say what is wrong."""
        return [self.at(number) for number in self._there(numbers, self.at)]

    def _there(self, numbers: Iterable[int], get: Callable[[int], object]) -> list[int]:
        found = []
        for number in numbers:
            try:
                get(number)
            except (ModelError, PlateError, TrackLost):
                continue
            found.append(number)
        return found

    def is_key(self, number: int) -> bool:
        """Whether a new face is drawn on this frame."""
        return is_key(number, self._source.numbers, self._source.cuts, self._settings)

    @property
    def reach(self) -> int:
        """Frames beyond which nobody votes; far enough that a key frame is in reach on each side."""
        return self._settings.reach

    def around(self, number: int) -> list[int]:
        """The frames that may vote: near or trusted, of the same take, readable, with a new face."""
        settings, reach = self._settings, self.reach
        near = {n for n in range(number - reach, number + reach + 1) if self.is_key(n)}
        near |= {n for n in settings.trusted if abs(n - number) <= settings.trust_reach}
        return self._there((n for n in sorted(near - {number}) if not self.cut_between(number, n)), self.at)

    def beside(self, number: int, window: int) -> list[int]:
        """The frames up to `window` away, of the same take and readable; in live those before alone."""
        after = 0 if self._settings.causal else window
        steps = (step for step in range(-window, after + 1) if step)
        return self._there((number + s for s in steps if not self.cut_between(number, number + s)), self.under)

    def cut_between(self, number: int, other: int) -> bool:
        """Whether two frames are of different takes."""
        return cut_between(self._source.cuts, number, other)

    def voter(self, number: int, *, drawn: bool = True) -> Voter:
        """One frame's new face, ready to vote; errors as `at`. drawn: False where only what lies under it is wanted."""

        def make() -> Voter:
            crop, fused = self.at(number) if drawn else self.under(number)
            seen = self._source.seen(crop, fused)
            return make_voter(number, fused, self._floor, seen if bool((seen < 1.0).any()) else None)

        return self._voters.get((number, drawn or self.is_key(number)), make)

    def flow(self, number: int, other: int) -> Flow:
        """From `number` to `other`; both ways are made at once, earlier frame first, whichever is asked for."""
        first, second = sorted((number, other))
        return self._both_ways(first, second)[0 if number == first else 1]

    def _both_ways(self, first: int, second: int) -> tuple[Flow, Flow]:
        def make() -> tuple[Flow, Flow]:
            return flow_between((first, second), self._picture, self._both_ways, self._method)

        return self._flows.get((first, second), make)

    def _picture(self, number: int) -> np.ndarray:
        return self._pictures.get(number, lambda: self._method.picture(self.under(number)[1].surround))

    def motion(self, number: int, steps: dict[str, int]) -> dict[str, Motion]:
        """How the plate's face moves to the frames beside. steps: name -> frames away; absent where there is none."""
        found = {}
        for name, step in steps.items():
            other = number + step
            if not self.cut_between(number, other) and self._there([other], self.under):
                flow = self.flow(number, other)
                found[name] = Motion(flow.there, flow.error_px, self.under(other)[0].to_plate)
        return found
