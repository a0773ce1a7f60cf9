"""A frame's neighbours: their crops and new faces, and the flow to them, each made once while a range is rendered.

Read by shot. What is remembered is a pure function of the frame number, so order and chunks never change a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ff_vfx.errors import PlateError, TrackLost
from ff_vfx.steady.flow import Flow, flow_both_ways, flow_picture
from ff_vfx.steady.recall import Recall
from ff_vfx.steady.window import Voter, voter
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import Solve

Make = Callable[[int, Frame | None], tuple[Crop, Fused]]


class Neighbourhood:
    """Who may vote on a frame, and what they say. Safe to call from several threads."""

    def __init__(self, make: Make, solve: Solve, settings: SteadySettings, floor: float) -> None:
        """A shot's neighbourhood.

        Args:
            make: a frame's crop and new face; the frame itself is given when it has been read already.
            solve: for its cuts, which no vote crosses, and its exposure. floor: scene-linear, see `voter`.
        """
        reach = settings.window
        self._make, self._solve, self._settings, self._floor = make, solve, settings, floor
        self._fused = Recall(2 * reach + 2)
        self._voters = Recall(2 * reach + 2)
        self._flows = Recall(reach * (reach + 2) + 1)

    def at(self, number: int, frame: Frame | None = None) -> tuple[Crop, Fused]:
        """One frame's crop and new face.

        Raises:
            PlateError, TrackLost: there is none.
        """
        return self._fused.get(number, lambda: self._make(number, frame))

    def readable(self, numbers: Iterable[int]) -> list[tuple[Crop, Fused]]:
        """Those of these frames that there are; the others' own entries in the report say what is wrong."""
        found = []
        for number in numbers:
            try:
                found.append(self.at(number))
            except (PlateError, TrackLost):
                continue
        return found

    def around(self, number: int) -> dict[int, tuple[Crop, Fused]]:
        """The frames that may vote: near, of the same take, readable, with a face."""
        reach = self._settings.window
        near = [n for n in range(number - reach, number + reach + 1) if n != number and not self._cut(number, n)]
        return {crop.number: (crop, fused) for crop, fused in self.readable(near)}

    def _cut(self, number: int, other: int) -> bool:
        first, last = sorted((number, other))
        return any(first < cut <= last for cut in self._solve.cuts)

    def voter(self, number: int) -> Voter:
        """One frame's new face, ready to vote; errors as `at`."""
        return self._voters.get(number, lambda: voter(self.at(number)[1], self._floor))

    def flow(self, number: int, other: int) -> Flow:
        """From `number` to `other`; both ways are made at once, earlier frame first, whichever is asked for."""
        first, second = sorted((number, other))

        def make() -> tuple[Flow, Flow]:
            greys = [flow_picture(self.at(n)[1].surround, self._solve.exposure_stops) for n in (first, second)]
            return flow_both_ways(greys[0], greys[1], self._settings.flow)

        return self._flows.get((first, second), make)[0 if number == first else 1]
