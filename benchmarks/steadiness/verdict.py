"""Scores of one result, and the rule that says whether it is better or only smoother. Read by table, page and pictures.

An error over time that is lower than the truth's own is a smear: an exponential mean scores a beautiful E_warp. So a
result passes only where it holds still, keeps its detail and is nearer to the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchmarks.steadiness.clip import Clip, Pictures
from benchmarks.steadiness.metrics import (
    event_error,
    flicker,
    flip,
    flow_difference,
    frame_errors,
    psnr,
    sharpness_of,
    warp_error,
)

LEAST_SHARPNESS = 0.95
# The truth's E_warp is almost all its grain, of which each frame's is new. Steadying that resamples or merges leaves a
# few percent of it out without harm to any detail; what sinks further has smeared, or has frozen what should move.
LEAST_WARP = 0.95
_PSNR_ROOM_DB, _FLIP_ROOM, _EVENT_ROOM_STOPS = 0.05, 0.001, 0.002  # below them two results are the same


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """One result's numbers; units as in metrics, nan where a shot cannot tell. errors: rms stops by frame.

    hz, spectrum: of the longest take, rms stops in each frequency.
    """

    psnr_db: float
    warp: float
    motion_px: float
    flicker: float
    sharpness: float
    event: float
    flip: float
    errors: dict[int, float]
    hz: tuple[float, ...]
    spectrum: tuple[float, ...]


def score(made: Pictures, clip: Clip) -> Score:
    """All metrics of one result."""
    errors, fast = frame_errors(made, clip), flicker(made, clip)
    return Score(
        psnr(errors),
        warp_error(made, clip),
        flow_difference(made, clip),
        fast.fast,
        sharpness_of(made, clip),
        event_error(made, clip),
        flip(made, clip),
        errors,
        fast.hz,
        fast.stops,
    )


def verdict(found: Score, none: Score, truth: Score) -> str:
    """'pass', or the first rule broken, in words.

    Args:
        found: to be judged. none: of the same fuser with nothing held still. truth: of the reference itself.

    A number that a shot cannot tell (nan) breaks no rule; detail that the fuser never made is not smeared by steadying.
    Source: TIME sheet, section 5.
    """
    sharp, warp = found.sharpness / min(truth.sharpness, none.sharpness), found.warp / truth.warp
    rules = (
        (math.isnan(found.psnr_db), "broken: pixels that are not finite"),
        (sharp < LEAST_SHARPNESS, f"smears: sharpness {sharp:.2f}"),
        (warp < LEAST_WARP, f"stiller than the truth: E_warp {warp:.2f}"),
        (found.warp > none.warp, f"less still: E_warp {warp:.2f}, was {none.warp / truth.warp:.2f}"),
        (found.psnr_db < none.psnr_db - _PSNR_ROOM_DB, f"further off: {found.psnr_db - none.psnr_db:+.1f} dB"),
        (found.flip > none.flip + _FLIP_ROOM, f"looks worse: FLIP {found.flip:.3f}, was {none.flip:.3f}"),
        (found.event > none.event + _EVENT_ROOM_STOPS, f"harms events: {found.event:.3f}, was {none.event:.3f}"),
    )
    return next((words for broken, words in rules if broken), "pass")


def reduced(found: float, none: float, truth: float) -> float:
    """How much of the excess over the truth is gone: 1 all of it, above 1 too much; nan where there was none."""
    excess = none - truth
    return (none - found) / excess if excess > 0.0 and math.isfinite(excess) else math.nan
