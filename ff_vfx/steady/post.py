"""Steadying for post: any frame, in any order, from its own neighbours alone. Read by shot."""

from __future__ import annotations

from dataclasses import replace

from ff_vfx.steady.hold import Neighbour, Rules, hold_still
from ff_vfx.steady.neighbourhood import Neighbourhood
from ff_vfx.steady.parts import parts_mean, word_of
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Fused, Held, Steadied
from ff_vfx.types.stopwatch import Stopwatch

_LEAST_CONFIDENCE = 0.4  # mean over a part of the face, below which a frame between key frames is drawn after all


class PostSteadier:
    """Holds a shot's new face still; a pure function of the frame number. Safe to call from several threads."""

    def __init__(self, near: Neighbourhood, rules: Rules) -> None:
        self._near, self._rules = near, rules

    def hold(self, number: int, frame: Frame | None = None, watch: Stopwatch | None = None) -> Steadied:
        """One frame, held still by its neighbours.

        Args:
            frame: the frame itself, where it has been read already. watch: times of fuse, flow and steady.

        Raises:
            PlateError, TrackLost: there is no such frame, or no face on it.
        """
        near, watch = self._near, watch or Stopwatch()
        with watch.stage("fuse"):
            crop, fused = near.under(number, frame)
            others = near.around(number)
        with watch.stage("flow"):
            for other in others:
                near.flow(number, other)
            motion = near.motion(number, {"forward": 1, "backward": -1} if near.reach else {})
        drawn = near.is_key(number)
        with watch.stage("steady"):
            held = self._held(number, fused, others, drawn=drawn)
        if not drawn and not (others and _told(held, fused)):
            drawn = True
            with watch.stage("fuse"):
                crop, fused = near.at(number, frame)
            with watch.stage("steady"):
                held = self._held(number, fused, others, drawn=True)
        # A frame between key frames has no raw picture of its own: what was carried to it takes the place.
        made = fused if drawn else replace(fused, picture=held.picture, drawn=False)
        return Steadied(crop, made, held, motion)

    def _held(self, number: int, fused: Fused, others: list[int], *, drawn: bool) -> Held:
        near, settings = self._near, self._rules.settings
        votes = [
            Neighbour(near.voter(n), near.flow(number, n), word_of(n, number, near.reach, settings)) for n in others
        ]
        own = word_of(number, number, near.reach, settings) if drawn else 0.0
        return hold_still(
            near.voter(number, drawn=drawn), fused, own, [v for v in votes if v.weight > 0.0], self._rules
        )[0]


def _told(held: Held, fused: Fused) -> bool:
    """Whether the key frames' word is good enough for every part of the face."""
    return min(parts_mean(held.confidence, fused.points).values()) >= _LEAST_CONFIDENCE
