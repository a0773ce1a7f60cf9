"""Which steadier a shot gets, and what all of them do. Read by shot."""

from __future__ import annotations

from typing import Protocol

from ff_vfx.steady.hold import Rules
from ff_vfx.steady.live import LiveSteadier
from ff_vfx.steady.neighbourhood import Neighbourhood
from ff_vfx.steady.post import PostSteadier
from ff_vfx.steady.weigh import Weigh, attention, likeness_and_agreement
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Steadied
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import Grain
from ff_vfx.types.stopwatch import Stopwatch


class Steadier(Protocol):
    """Holds a shot's new face still, frame by frame."""

    def hold(self, number: int, frame: Frame | None = None, watch: Stopwatch | None = None) -> Steadied:
        """One frame; PlateError, TrackLost: there is none, or no face on it."""
        ...


def steadier_of(
    near: Neighbourhood, settings: SteadySettings, grain: Grain, floor: float, weigh: Weigh | None = None
) -> Steadier:
    """The steadier that the settings ask for.

    Args:
        grain: the plate's. floor: scene-linear value under which differences of light do not count.
        weigh: a weight function of the user's own, see `weigh`; None: as settings.merge says.
    """
    rules = Rules(
        settings, grain, floor, weigh or (attention if settings.merge == "attention" else likeness_and_agreement)
    )
    return LiveSteadier(near, rules) if settings.causal else PostSteadier(near, rules)
