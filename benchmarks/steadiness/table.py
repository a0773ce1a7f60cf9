"""All modes of a shot, judged: the table of steadiness, as plain rows. Read by shots, page and pictures."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch

from benchmarks.steadiness.clip import Clip, Pictures, cut_out
from benchmarks.steadiness.modes import MODES, NONE, QUICK, Mode
from benchmarks.steadiness.verdict import Score, reduced, score, verdict
from benchmarks.truth.shot import TruthShot
from ff_vfx.colour import to_display

WHOLE = "end to end: "  # before the names of results of the whole pipeline
Row = dict[str, object]
More = Callable[[Pictures], dict[str, float]]
SHOWN = ("none", "naive EMA", "post")  # modes that the pictures show beside plate and truth


@dataclass(eq=False)
class Judged:
    """One shot's results. scores, more: by mode; more has further numbers by name.

    looks: name -> (h, w, 3) uint8, one frame. slices: name -> (frames, w, 3), one line of the face over time.
    """

    name: str
    about: str
    truth: Score
    scores: dict[str, Score] = field(default_factory=dict)
    more: dict[str, dict[str, float]] = field(default_factory=dict)
    looks: dict[str, np.ndarray] = field(default_factory=dict)
    slices: dict[str, np.ndarray] = field(default_factory=dict)

    def verdict(self, mode: str) -> str:
        """In words; of `none`, which all are measured against, nothing."""
        return "" if mode == NONE.name else verdict(self.scores[mode], self.scores[NONE.name], self.truth)


class Made(Protocol):
    """Who makes results of a shot: `Results`, or the whole pipeline. clip: what they are judged against."""

    clip: Clip

    def run(self, mode: Mode) -> dict[int, torch.Tensor]:
        """number -> (3, h, w) of the clip's box."""
        ...


def is_whole(judged: Judged) -> bool:
    """Whether this is the whole pipeline, not steadying alone."""
    return judged.name.startswith(WHOLE)


def judge(shot: TruthShot, results: Made, modes: Iterable[Mode], more: More | None = None) -> Judged:
    """Every mode on one shot; progress goes to stderr. more: further numbers of a result, by name."""
    clip = results.clip
    judged = Judged(shot.name, shot.about, score(clip.truth, clip))
    plate = {n: cut_out(shot.plate.read(n).pixels[:3].float(), clip.box) for n in clip.numbers}
    _show(judged, "plate", plate, clip)
    _show(judged, "truth", clip.truth, clip)
    for mode in modes:
        print(f"time: {shot.name}: {mode.name}", file=sys.stderr, flush=True)
        made = results.run(mode)
        judged.scores[mode.name] = score(made, clip)
        judged.more[mode.name] = more(made) if more else {}
        if mode.name in SHOWN:
            _show(judged, mode.name, made, clip)
    return judged


def _show(judged: Judged, name: str, pictures: Pictures, clip: Clip) -> None:
    """Keeps what the sheet of pictures shows: the middle frame, and the line through the eyes on every frame."""
    middle = clip.numbers[len(clip.numbers) // 2]
    line = 0.42  # of the box's height
    row = round(line * next(iter(pictures.values())).shape[1])
    stack = torch.cat([pictures[n][:, row : row + 1] for n in clip.numbers], 1)
    judged.looks[name] = to_display(pictures[middle], clip.space, clip.exposure_stops)
    judged.slices[name] = to_display(stack, clip.space, clip.exposure_stops)


def chosen(quick: bool) -> tuple[Mode, ...]:
    """The modes of a run."""
    return QUICK if quick else MODES


def rows_of(judged: Judged) -> list[Row]:
    """One row a mode; the truth's own numbers first."""
    truth = judged.truth
    made: list[Row] = [_row(judged, "truth", truth, "")]
    return made + [_row(judged, mode, found, judged.verdict(mode)) for mode, found in judged.scores.items()]


def _row(judged: Judged, mode: str, found: Score, words: str) -> Row:
    """E_warp, flicker, sharp: ratios to the truth's. `gone`: how much of the excess over the truth is gone, percent."""
    truth = judged.truth
    none = truth if mode == "truth" else judged.scores[NONE.name]
    return {
        "shot": judged.name,
        "mode": mode,
        "PSNR dB": _rounded(found.psnr_db, 2),
        "E_warp": _rounded(found.warp / truth.warp, 3),
        "E_warp gone %": _percent(reduced(found.warp, none.warp, truth.warp)),
        "tOF px": _rounded(found.motion_px, 3),
        "flicker": _rounded(found.flicker / truth.flicker, 3),
        "flicker gone %": _percent(reduced(found.flicker, none.flicker, truth.flicker)),
        "sharp": _rounded(found.sharpness / truth.sharpness, 3),
        "event stops": _rounded(found.event, 3),
        "FLIP": _rounded(found.flip, 4),
        **{name: _rounded(value, 4) for name, value in judged.more.get(mode, {}).items()},
        "verdict": words,
        "error stops by frame": {str(n): _rounded(error, 5) for n, error in found.errors.items()},
        "rms stops by Hz": {
            f"{hz:.3g}": _rounded(stops, 6) for hz, stops in zip(found.hz, found.spectrum, strict=True)
        },
    }


def _rounded(value: float, places: int) -> float | str:
    """A number that JSON has; '' where there is none."""
    return round(value, places) if math.isfinite(value) else ""


def _percent(part: float) -> float | str:
    return _rounded(100.0 * part, 1)
