"""Looks for the mark in what became of a picture: at several sizes, in parts of it, shifted. Read by the door.

What is found is told with the chance that a picture without a mark looks like it, over all that was tried: a search
that found nothing says so, and says it reliably.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from ff_vfx.trust.invisible.chance import chance_of
from ff_vfx.trust.invisible.code import CARRIERS, PLACES, Symbol, read
from ff_vfx.trust.invisible.correlate import Heights, heights_everywhere, heights_here, level_of, spectra_of
from ff_vfx.trust.invisible.listen import TILE_PX, Heard, folded
from ff_vfx.trust.invisible.pattern import SYNC
from ff_vfx.types.window import Window

_LIMIT = 1e-5  # of being told a mark where there is none, a search
_READABLE = 0.95  # that all bits are right
_SURE = (1e-12, 0.9999)  # the same two, from which nothing else needs to be tried
_PARTS = (1.0, 1 / 2, 1 / 3)  # of the picture's shorter side: squares that may hold a face
_SHIFTED_PARTS = 8  # of these parts, the largest are searched for a shifted tile too
_STEP_PX = TILE_PX // PLACES


@dataclass(frozen=True, slots=True)
class Found:
    """What a search says.

    payload: 32 bits; None: there is no mark, or it cannot be read. false_alarm: the chance that a picture without one
    gives as much, over all that was tried, [0, 1]. bits: for each of the 32, most significant first, how sure it is
    that it was read as it was laid, [0.5, 1]; empty without a mark. cut: the picture was cut or moved, px of a tile of
    256 right and down; (0, 0): it was not. period_px: width of a tile. key: which of the keys.
    """

    payload: int | None
    false_alarm: float
    bits: tuple[float, ...] = ()
    cut: tuple[int, int] = (0, 0)
    period_px: float = 0.0
    key: str = ""

    @property
    def present(self) -> bool:
        """Whether there is a mark, readable or not."""
        return self.false_alarm < _LIMIT

    @property
    def sure(self) -> float:
        """The chance that all 32 bits are right, [0, 1]; 0 without a mark."""
        return prod(self.bits) if self.bits else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What to try. keys: name -> key. periods_px: widths of a tile, the likeliest first. hear: see listen."""

    keys: Mapping[str, bytes]
    periods_px: Sequence[float]
    hear: Callable[[float], Heard | None]


def find(search: Search) -> Found:
    """The mark, or that there is none."""
    spectra = {name: spectra_of(key) for name, key in search.keys.items()}
    best = Found(None, 1.0)
    for rank, period in enumerate(search.periods_px):
        heard = search.hear(period)
        parts = tuple(_parts(heard)) if heard else ()
        # The likeliest size may use half of all false alarms, the next a quarter: what is tried late must show more.
        tries = float(len(parts) * len(spectra) * 2 ** (rank + 1))
        for index, part in enumerate(parts):
            level = level_of(folded(*part))
            for name, carriers in spectra.items():
                found = _better(best, heights_here(level, carriers), tries)
                if index < _SHIFTED_PARTS:
                    found = _better(found, heights_everywhere(level, carriers), tries * TILE_PX * TILE_PX)
                best = best if found is best else replace(found, period_px=period, key=name)
            if best.false_alarm < _SURE[0] and best.sure > _SURE[1]:
                return best
    if not best.present:
        return Found(None, best.false_alarm)
    return best if best.sure >= _READABLE else replace(best, payload=None)


def _parts(heard: Heard) -> Iterator[tuple[np.ndarray, Window]]:
    """The whole picture, then overlapping squares, large ones first; of all frames, and of the first alone."""
    details = (heard.whole,) if heard.first is heard.whole else (heard.whole, heard.first)
    height, width = heard.whole.shape
    yield from ((detail, Window(0, 0, width, height)) for detail in details)
    for part in _PARTS:
        side = round(min(height, width) * part)
        if side < TILE_PX // 4 or (side >= height and side >= width):
            continue
        for y in _starts(height, side):
            for x in _starts(width, side):
                yield from ((detail, Window(x, y, x + side, y + side)) for detail in details)


def _starts(length: int, side: int) -> list[int]:
    """Places that overlap by half."""
    count = -(-2 * (length - side) // side) + 1
    return [round(place) for place in np.linspace(0, length - side, count)]


def _better(best: Found, heights: Heights, tries: float) -> Found:
    """What a correlation says at its best origin, which was one of so many; the best so far where that says more."""
    chance = min(1.0, tries * chance_of(heights.score) / 2.0)  # one in two has the right parity
    if chance >= best.false_alarm:
        return best
    symbols, odds = [], []
    strength = heights.score / (SYNC**2 + CARRIERS)
    for places in heights.places:
        place = int(np.abs(places).argmax())
        symbols.append(Symbol(place // PLACES, place % PLACES, 1 if places[place] > 0.0 else -1))
        odds.append(_odds(places, place, strength))
    payload = read(symbols)
    if payload is None:
        return best
    bits = np.concatenate(odds)[:0:-1].clip(0.5, 1.0)  # the lowest of all is the parity
    down, right = ((place + TILE_PX // 2) % TILE_PX - TILE_PX // 2 for place in heights.origin)
    return Found(payload, chance, tuple(map(float, bits)), (right, down))


def _odds(places: np.ndarray, best: int, strength: float) -> np.ndarray:
    """(11,): how sure each of a symbol's bits is, its lowest first, for a mark of that strength."""
    both = np.concatenate([places, -places])
    weight = np.exp(strength * (both - both.max()))
    says = np.arange(len(both))
    there = best + (len(places) if places[best] < 0.0 else 0)
    agree = [(says >> bit & 1) == (there >> bit & 1) for bit in range(11)]
    return np.array([weight[same].sum() / weight.sum() for same in agree])
