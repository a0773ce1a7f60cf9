"""How much of each carrier is in a folded picture, by shift. Read by find.

Heights are 0 on average and 1 rms where there is no mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ff_vfx.trust.invisible.code import CARRIERS, PLACES
from ff_vfx.trust.invisible.listen import TILE_PX
from ff_vfx.trust.invisible.pattern import HIGHEST, LOWEST, SYNC, carriers_of

_STEP_PX = TILE_PX // PLACES
_WAVES = np.arange(-HIGHEST, HIGHEST + 1)
_COARSE = 4 * PLACES  # holds every wave of the band; a grid of PLACES samples it


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """What there is at one origin. origin: (row, column) px of a tile. places: for each carrier (1024,) over its grid.

    score: what speaks for a mark there, heights of the best places and the sync's part.
    """

    score: float
    origin: tuple[int, int]
    places: tuple[np.ndarray, ...]


def spectra_of(key: bytes) -> np.ndarray:
    """(4, 97, 97) complex: the carriers as numpy's FFT has them, whose first sample lies at a pixel's centre."""
    half = np.exp(1j * np.pi * _WAVES / TILE_PX)
    return carriers_of(key) * half[:, None] * half[None]


def level_of(tile: np.ndarray) -> np.ndarray:
    """(97, 97) complex: the band's waves of a (256, 256) tile, every ring of them as strong as any other."""
    half = np.fft.rfft2(tile)[_WAVES % TILE_PX, : HIGHEST + 1]
    # What is real has the other half's waves turned round.
    fine = np.concatenate([np.conj(half[::-1, :0:-1]), half], 1)
    ring, used = _rings()
    total = np.bincount(ring, (fine.real**2 + fine.imag**2).ravel() * used.ravel())
    power = total / np.maximum(1, np.bincount(ring))
    part = np.divide(1.0, np.sqrt(power), out=np.zeros_like(power), where=power > 0.0)
    return fine * (part[ring].reshape(fine.shape) * used)


def heights_here(level: np.ndarray, carriers: np.ndarray) -> Heights:
    """For a picture that was not cut: its tile begins where the picture does."""
    here = level[None] * np.conj(carriers)
    coarse = np.zeros((CARRIERS, _COARSE, _COARSE), np.complex128)
    coarse[:, (_WAVES % _COARSE)[:, None], _WAVES % _COARSE] = here[1:]
    folds = coarse.reshape(CARRIERS, 4, PLACES, 4, PLACES).sum((1, 3))
    grids = np.fft.ifft2(folds).real * (PLACES**2 / _norm())
    places = tuple(grid.ravel() for grid in grids)
    score = SYNC * float(here[0].real.sum() / _norm()) + sum(float(np.abs(one).max()) for one in places)
    return Heights(score, (0, 0), places)


def heights_everywhere(level: np.ndarray, carriers: np.ndarray) -> Heights:
    """For a picture that may have been cut: the origin for which most speaks."""
    full = np.zeros((1 + CARRIERS, TILE_PX, TILE_PX), np.complex128)
    full[:, (_WAVES % TILE_PX)[:, None], _WAVES % TILE_PX] = level[None] * np.conj(carriers)
    heights = np.fft.ifft2(full).real * (TILE_PX**2 / _norm())
    best = np.abs(heights[1:]).reshape(CARRIERS, PLACES, _STEP_PX, PLACES, _STEP_PX).max((1, 3)).sum(0)
    scores = SYNC * heights[0] + np.tile(best, (PLACES, PLACES))
    y, x = divmod(int(scores.argmax()), TILE_PX)
    moved = np.roll(heights[1:], (-y, -x), (1, 2))[:, ::_STEP_PX, ::_STEP_PX]
    return Heights(float(scores[y, x]), (y, x), tuple(grid.ravel() for grid in moved))


@cache
def _rings() -> tuple[np.ndarray, np.ndarray]:
    """(9409,) how many waves a tile, rounded; 0 for those the band lacks. (97, 97) 1 where it has them."""
    far = np.hypot(_WAVES[:, None], _WAVES[None])
    used = (far >= LOWEST) & (far <= HIGHEST)
    return (far.round().astype(np.int64) * used).ravel(), used.astype(np.float64)


@cache
def _norm() -> float:
    return float(np.sqrt(_rings()[1].sum()))
