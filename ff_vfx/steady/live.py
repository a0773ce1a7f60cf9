"""Steadying for live: from frame to frame, looking back alone. ORDER-DEPENDENT, and says so. Read by shot.

What the last frame showed is carried along the flow and averaged in (an exponential mean with a gate). A frame that is
not the next one starts anew, so the same frame looks different alone and in a range; post does not.
"""

from __future__ import annotations

from ff_vfx.steady.align import detail_of
from ff_vfx.steady.hold import Average, Neighbour, Rules, hold_still
from ff_vfx.steady.neighbourhood import Neighbourhood
from ff_vfx.steady.parts import curve_at
from ff_vfx.steady.voter import Voter, part_of
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Steadied
from ff_vfx.types.stopwatch import Stopwatch


class LiveSteadier:
    """Holds a new face still as frames come, in ascending order; one thread."""

    def __init__(self, near: Neighbourhood, rules: Rules) -> None:
        self._near, self._rules = near, rules
        self._past: Voter | None = None

    def hold(self, number: int, frame: Frame | None = None, watch: Stopwatch | None = None) -> Steadied:
        """One frame, held still by the one before, if that was the last one asked for. Arguments, errors: as post."""
        near, watch = self._near, watch or Stopwatch()
        with watch.stage("fuse"):
            crop, fused = near.at(number, frame)
        past = self._past
        follows = past is not None and past.number == number - 1 and not near.cut_between(number, past.number)
        with watch.stage("flow"):
            motion = near.motion(number, {"backward": -1} if follows else {})
        with watch.stage("steady"):
            own = near.voter(number)
            memory = self._rules.settings.memory
            before = []
            if follows and past is not None and memory > 0.0:
                before = [Neighbour(past, near.flow(number, past.number), memory)]
            weight = (1.0 - memory) * curve_at(number, self._rules.settings)
            held, average = hold_still(own, fused, weight, before, self._rules)
            self._past = own if average is None else _carried_on(own, average)
        return Steadied(crop, fused, held, motion)


def _carried_on(own: Voter, average: Average) -> Voter:
    """What the next frame hears of this one and all before it."""
    face, plate = own.face.clone(), own.plate.clone()
    part_of(face, average.box)[:] = average.merged.face
    part_of(plate, average.box)[:] = average.merged.plate
    return Voter(own.number, face, plate, own.seen, detail_of(face), average.box)
