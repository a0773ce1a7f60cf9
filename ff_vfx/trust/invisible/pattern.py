"""The pattern that a key and a payload stand for, over any window of any picture. Read by the door and find.

A tile of band-limited noise, repeated over the screen and fixed to it: it neither moves nor changes from frame to
frame. The band lies where codecs keep detail and the eye is past its best: 72 to 288 waves over a picture of 2K.

Source: I. Cox, J. Kilian, F. Leighton, T. Shamoon 1997, Secure spread spectrum watermarking for multimedia (noise in
what codecs must keep, in proportion to it); T. Kalker, G. Depovere, J. Haitsma, M. Maes 1999, A video watermarking
system for broadcast monitoring (one tile repeated, found by folding and correlation). Band, strength: docs/marks.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.trust.invisible.code import CARRIERS, PLACES, spell
from ff_vfx.types.window import Window

PUBLIC_KEY = b"ff-vfx invisible mark, public key 1"
"""Anybody with ff-vfx finds what was laid with it; and anybody could lay it."""
STRENGTH_STOPS = 0.0175
"""Of the mark, rms, at middle grey; 52 dB or more below the display's white inside the face."""
LOWEST, HIGHEST = 12, 48  # waves a tile
SYNC = 0.7  # of the pattern that says where the tile begins, beside 1 for each that carries a symbol

_MOST = 3.0  # rms: no grain of the noise is stronger
_STEPS = 1024.0  # the noise is rounded to such parts, so that no machine's last bit shows
_GREY, _DARKEST, _CURVE, _MOST_GAIN = 0.18, 0.002, 0.4, 3.0
_LUMINANCE = (0.25, 0.67, 0.08)  # near enough to every working space's
_TILE_PX = 320  # about, of the picture as it is made
_MOST_TILES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """waves: (97, 97) complex128, row and column are waves a tile from -48 to 48; real where it is laid."""

    waves: np.ndarray

    def over(self, window: Window, display: Window, pixel_aspect: float = 1.0) -> torch.Tensor:
        """(h, w) float32 of a window, rms 1 over the whole picture.

        Args:
            window: pixels, in the display window's coordinates; may reach beyond it.
            pixel_aspect: width over height of one pixel; the tile is square where the picture is shown.
        """
        period = display.width / tiles_across(display.width)
        columns = _turns((np.arange(window.x0, window.x1) + 0.5 - display.x0) / period)
        rows = _turns((np.arange(window.y0, window.y1) + 0.5 - display.y0) / (period * pixel_aspect))
        noise = (rows.T @ self.waves @ columns).real
        rounded = np.round(np.clip(noise, -_MOST, _MOST) * _STEPS) / _STEPS
        return torch.from_numpy(np.ascontiguousarray(rounded.astype(np.float32)))


def pattern_of(payload: int, key: bytes) -> Pattern:
    """What is laid for a payload of 32 bits under a key."""
    carriers = carriers_of(key)
    waves = np.arange(-HIGHEST, HIGHEST + 1)
    laid = SYNC * carriers[0]
    for symbol, carrier in zip(spell(payload), carriers[1:], strict=True):
        moved = waves[:, None] * symbol.row + waves[None] * symbol.column
        laid = laid + symbol.sign * carrier * np.exp(-2j * np.pi * moved / PLACES)
    power = np.count_nonzero(carriers[0]) * (SYNC**2 + CARRIERS)
    return Pattern(laid / np.sqrt(power))


def carriers_of(key: bytes) -> np.ndarray:
    """(4, 97, 97) complex128: the pattern that says where, and those that say what; 1 or 0 in size."""
    waves = np.arange(-HIGHEST, HIGHEST + 1)
    far = np.hypot(waves[:, None], waves[None])
    half = (waves[:, None] > 0) | ((waves[:, None] == 0) & (waves[None] > 0))
    used = half & (far >= LOWEST) & (far <= HIGHEST)
    carriers = np.zeros((1 + CARRIERS, len(waves), len(waves)), np.complex128)
    for index, carrier in enumerate(carriers):
        drawn = hashlib.shake_256(key + b"/%d" % index).digest(4 * int(used.sum()))
        carrier[used] = np.exp(2j * np.pi * np.frombuffer(drawn, "<u4") / 2.0**32)
    return carriers + np.conj(carriers[:, ::-1, ::-1])


def tiles_across(width_px: int) -> int:
    """How many tiles lie side by side over a picture made at this width."""
    return min(_MOST_TILES, max(1, round(width_px / _TILE_PX)))


def periods_of(width_px: int, made_px: int = 0) -> tuple[float, ...]:
    """Widths that a tile may have in a picture, the likeliest first.

    Args:
        width_px: the picture's. made_px: the width of the picture as it was made; 0: not known.
    """
    if made_px:
        tiles = tiles_across(made_px)
        same = (width_px / tiles, made_px / tiles, made_px / tiles / 2.0)  # only sized; only cut; cut and halved
        return tuple(dict.fromkeys(round(period, 6) for period in same))
    own = tiles_across(width_px)
    tiles_in_turn = sorted(range(1, _MOST_TILES + 1), key=lambda tiles: (abs(tiles - own), -tiles))
    return tuple(width_px / tiles for tiles in tiles_in_turn)


def stops_of(light: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """How many stops each pixel is made brighter: alike to the eye in dark and bright.

    Args:
        light: (3, h, w) scene-linear, unbounded. noise: (h, w), see Pattern.over.

    Returns:
        (1, h, w) float32, finite.

    Domain: in light's proportion, falling with its 0.4th power as a display's curve does; dark pixels get three times
        middle grey's share and no more.
    """
    weights = torch.tensor(_LUMINANCE).reshape(3, 1, 1)
    finite = torch.nan_to_num(light.float(), nan=_GREY, posinf=65504.0, neginf=-65504.0)
    bright = ((finite * weights).sum(0, keepdim=True).abs() + _DARKEST) / _GREY
    return STRENGTH_STOPS * noise[None] * bright.pow(-_CURVE).clamp_max(_MOST_GAIN)


def _turns(places: np.ndarray) -> np.ndarray:
    """(97, n) of e to the i turns, for places in tiles."""
    waves = np.arange(-HIGHEST, HIGHEST + 1)
    return np.exp(2j * np.pi * waves[:, None] * np.mod(places, 1.0)[None])
