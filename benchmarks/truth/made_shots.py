"""Shots made from one committed picture, each with one difficulty and exact truth; all shots. Read by the benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.truth.draw import Beat, Drawing, draw_shot
from benchmarks.truth.example_still import example_still, other_place
from benchmarks.truth.motion import Pose
from benchmarks.truth.real_shot import real_shot, why_absent
from benchmarks.truth.shot import TruthShot

FRAMES, QUICK_FRAMES = 24, 12
_LIDS = (0.3, 0.75, 1.0, 0.85, 0.5, 0.2)  # a blink: down faster than up
_SMALL = 4  # times: the face is 68 px high then


def gentle(time: float) -> Pose:
    """Somebody who sits and talks; time in frames."""
    wave = 2.0 * np.pi * time
    return Pose(
        x=3.0 * np.sin(wave / 40.0),
        y=2.0 * np.sin(wave / 31.0 + 1.0),
        growth=0.012 * np.sin(wave / 37.0 + 2.0),
        roll=0.012 * np.sin(wave / 29.0),
        yaw=0.05 * np.sin(wave / 36.0 + 0.5),
        pitch=0.03 * np.sin(wave / 33.0),
        smile=2.5 * np.sin(wave / 22.0),
        brow=2.0 * np.sin(wave / 19.0 + 1.0),
    )


def sweep(time: float, frames: int) -> Pose:
    """A head that swings round: about 8 px a frame at the nose in the middle of the shot."""
    turn = np.sin(2.0 * np.pi * (time - (frames - 1) / 2.0) / 40.0)
    return gentle(time).but(x=16.0 * turn, yaw=0.185 * turn, roll=0.03 * turn)


def _plain(times: Sequence[int]) -> list[Beat]:
    return [Beat(gentle(t), grain=t) for t in times]


def _exposure(frames: int) -> list[Beat]:
    stops = np.random.default_rng(11).uniform(-0.15, 0.15, frames)
    return [Beat(gentle(t), grain=t, stops=float(stops[t])) for t in range(frames)]


def _key_light(frames: int) -> list[Beat]:
    return [Beat(gentle(t), grain=t, key=float(np.radians(-65.0 + 130.0 * t / (frames - 1)))) for t in range(frames)]


def _blink(frames: int) -> list[Beat]:
    start = (frames - len(_LIDS)) // 2
    closed = {start + k: lid for k, lid in enumerate(_LIDS)}
    return [Beat(gentle(t), grain=t, closed=closed.get(t, 0.0)) for t in range(frames)]


def _occluder(frames: int) -> list[Beat]:
    return [Beat(gentle(t), grain=t, hand=(t + 0.5) / frames) for t in range(frames)]


def _cut(frames: int) -> list[Beat]:
    half = frames // 2
    away = {"x": 26.0, "y": -14.0, "growth": -0.22, "roll": -0.1}
    later = [Beat(gentle(t + 50).but(**away), grain=t, take=1) for t in range(half, frames)]
    return _plain(range(half)) + later


def _dropped(frames: int) -> list[Beat]:
    gone = (frames // 3, 2 * frames // 3 + 1)
    return _plain([t for t in range(frames + len(gone)) if t not in gone])


def _duplicated(frames: int) -> list[Beat]:
    twice = (frames // 3, 2 * frames // 3)
    return _plain(sorted([*range(frames - len(twice)), *twice]))


_SHOTS: dict[str, tuple[str, Callable[[int], list[Beat]]]] = {
    "still": ("Somebody who sits and talks.", lambda n: _plain(range(n))),
    "noise_low": ("The same with grain of 0.3 times the sigma.", lambda n: _plain(range(n))),
    "noise_high": ("The same with grain of 4 times the sigma.", lambda n: _plain(range(n))),
    "exposure": ("Exposure jumps by up to 0.15 stops at random, plate and truth alike.", _exposure),
    "key_light": ("A key travels from one side to the other, a stop either way.", _key_light),
    "fast_turn": ("The head swings round, 8 px a frame at the nose.", lambda n: _swing(n)),
    "blink": ("Lids close and open within six frames.", _blink),
    "occluder": ("A hand crosses the face within a dozen frames.", _occluder),
    "small_face": ("The whole picture a quarter of the size: a face 68 px high.", lambda n: _plain(range(n))),
    "cut": ("A hard cut in the middle: another place, scale and light.", _cut),
    "dropped": ("Two single frames are missing: the motion jumps.", _dropped),
    "duplicated": ("Two frames come twice, grain and all.", _duplicated),
}
NAMES = tuple(_SHOTS)
_GRAIN = {"noise_low": 0.3, "noise_high": 4.0}


def _swing(frames: int) -> list[Beat]:
    return [Beat(sweep(t, frames), grain=t) for t in range(frames)]


def made_shot(name: str, frames: int = FRAMES) -> TruthShot:
    """One shot of `NAMES`, drawn now: half a second a frame.

    Repeats: every chance is seeded; the same name and length, the same shot.
    """
    about, beats = _SHOTS[name]
    stills = [example_still()] + ([other_place()] if name == "cut" else [])
    shrink = _SMALL if name == "small_face" else 1
    return draw_shot(Drawing(name, about, _GRAIN.get(name, 1.0), shrink), stills, beats(frames))


@dataclass(frozen=True, slots=True)
class ShotEntry:
    """A shot not yet made. make: reads or draws it, seconds. skipped: why it cannot be made, empty when it can."""

    name: str
    make: Callable[[], TruthShot]
    skipped: str = ""

    def __call__(self) -> TruthShot:
        """The shot, made anew at each call: keep one at a time."""
        return self.make()


def all_shots(quick: bool = False) -> list[ShotEntry]:
    """s010 first, then the made ones. quick: 12 frames each in place of 16 and 24."""
    frames = QUICK_FRAMES if quick else FRAMES
    made = [ShotEntry(name, partial(made_shot, name, frames)) for name in NAMES]
    return [ShotEntry("s010", partial(real_shot, quick), why_absent()), *made]
