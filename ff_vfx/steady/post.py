"""Steadying for post: any frame, in any order, from its own neighbours alone. Read by shot."""

from __future__ import annotations

from ff_vfx.steady.neighbourhood import Neighbourhood
from ff_vfx.steady.window import steady
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Motion, Steadied
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.stopwatch import Stopwatch


class PostSteadier:
    """Holds a shot's new face still; a pure function of the frame number. Safe to call from several threads."""

    def __init__(self, near: Neighbourhood, settings: SteadySettings, floor: float) -> None:
        self._near, self._settings, self._floor = near, settings, floor

    def hold(self, number: int, frame: Frame | None = None, watch: Stopwatch | None = None) -> Steadied:
        """One frame, held still by its neighbours.

        Args:
            frame: the frame itself, where it has been read already. watch: times of fuse, flow and steady.

        Raises:
            PlateError, TrackLost: there is no such frame, or no face on it.
        """
        near, watch = self._near, watch or Stopwatch()
        with watch.stage("fuse"):
            crop, fused = near.at(number, frame)
            around = near.around(number)
        with watch.stage("flow"):
            flows = {other: near.flow(number, other) for other in around}
        with watch.stage("steady"):
            votes = [(near.voter(other), flows[other]) for other in around]
            held = steady(near.voter(number), votes, self._settings, self._floor)
        steps = (("forward", number + 1), ("backward", number - 1))
        motion = {
            name: Motion(flows[other].there, flows[other].error_px, around[other][0].to_plate)
            for name, other in steps
            if other in around
        }
        return Steadied(crop, fused, held, motion)
