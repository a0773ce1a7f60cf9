"""The rows of the table: what is done to hold a flickering face still. Read by results and page."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.truth.solve_of import Smoother


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to hold a face still.

    smoother: of the track, see truth.solve_of. preset, steady: settings, as in a settings file.
    naive: 'ema' | 'median', a filter over the crops as they come, in place of our steadying; '' for ours.
    """

    name: str
    about: str
    smoother: Smoother = "zero_phase"
    preset: str = "post"
    steady: dict[str, object] = field(default_factory=dict)
    naive: str = ""


NONE = Mode(
    "none", "raw detections, nothing held still: what all others are measured against", "none", "post", {"window": 0}
)
TRACK = Mode("track only", "our track, smoothed both ways along the plate's motion; no steadying", steady={"window": 0})
POST = Mode("post", "the default: track, alignment, nine frames vote")
EMA = Mode("naive EMA", "raw detections; exponential mean of the crops, 0.9, in stops, no motion", "none", naive="ema")
MODES = (
    NONE,
    EMA,
    Mode("naive median", "raw detections; median of five crops, no motion", "none", naive="median"),
    TRACK,
    POST,
    Mode("post, window 2", "five frames vote", steady={"window": 2}),
    Mode("post, attention", "patch attention over five frames", steady={"merge": "attention"}),
    Mode("post, median", "weighted median along the motion", steady={"merge": "median"}),
    Mode("post, key frames 4", "each fourth face is made, the others are carried", steady={"keyframe_interval": 4}),
    Mode("post, unaligned", "no alignment of faces against the plate", steady={"align_px": 0.0}),
    Mode("live", "One-Euro track, looks back alone", "one_euro", "live"),
)
QUICK = (NONE, EMA, TRACK, POST)
