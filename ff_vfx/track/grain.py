"""The plate's own grain, measured where its motion is known. Read by the first pass.

Two neighbouring frames, one warped onto the other, differ by their grain and nothing else where the picture is flat.
A single frame cannot tell grain from skin: measured, it is wrong by half a stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import torch

from ff_vfx.errors import PlateError
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.track.dense import dense_flow, round_trip
from ff_vfx.track.look import exposure_of, to_display
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.solve import Grain
from ff_vfx.types.window import Window

_PAIRS = 4
_SIDE = 448  # plate px looked at; grain is the same all over, and this is enough of it
_FLATTEST = 0.4  # share of the pixels, those with the least gradient
_BINS = 12
_LEAST_PIXELS = 200
_RIM = 8
_SMOOTH_PX, _SLOW_PX = 2.0, 3.0  # what is picture below the grain; what is light and not grain in a difference
_SLACK_PX = 0.5  # forward-backward disagreement beyond which a pixel is not used
_CUBIC = -0.75  # of ff_vfx.image.sample
_DIGITS = 6


def measure_grain(plate: Plate, tracks: Sequence[FaceTrack], cuts: Sequence[int], *, first_only: bool = False) -> Grain:
    """Variance against brightness, and how blurred the grain is, from a few pairs of neighbouring frames.

    Args:
        tracks: the face's surround is measured when there is one, else the middle of the frame.
        cuts: frame numbers that start a take; no pair crosses one. first_only: one pair, the first, for `live`.

    Returns:
        The grain, all 0 when no pair can be measured (one frame, no frame readable, or a plate without grain).

    Domain: scene-linear; each channel by itself.
    Source: flow-compensated pairs as in grain matching practice; the interpolation's own loss of variance is undone.
    """
    pairs = _pairs(plate.numbers, cuts)
    found = [
        pair
        for numbers in pairs[: 1 if first_only else _PAIRS]
        if (pair := _measure(plate, tracks, numbers)) is not None
    ]
    if not found:
        return Grain()
    values, variances, counts = (np.concatenate([f[k] for f in found], 1) for k in range(3))
    lines = [_line(v, s, n) for v, s, n in zip(values, variances, counts, strict=True)]
    blur = _sigma_of(float(np.median([f[3] for f in found])))
    slope, floor = (tuple(float(f"{line[k]:.{_DIGITS}g}") for line in lines) for k in (0, 1))
    return Grain((slope[0], slope[1], slope[2]), (floor[0], floor[1], floor[2]), float(f"{blur:.4f}"))


def _pairs(numbers: Sequence[int], cuts: Sequence[int]) -> list[tuple[int, int]]:
    takes = set(cuts)
    pairs = [(a, b) for a, b in pairwise(numbers) if b not in takes and b - a == 1]
    chosen = np.linspace(0, len(pairs) - 1, min(_PAIRS, len(pairs))).round().astype(int)
    return [pairs[k] for k in np.unique(chosen)]


def _measure(
    plate: Plate, tracks: Sequence[FaceTrack], numbers: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
    """Value, variance and count (3, bins) and the correlation of neighbouring pixels of one pair; None if unfit."""
    try:
        first, second = (plate.read(number) for number in numbers)
    except PlateError:
        return None
    window = _window(first, tracks).intersect(second.data_window)
    if min(window.width, window.height) < 4 * _RIM:
        return None
    a, b = (_part(frame, window) for frame in (first, second))
    flow, good = _flow(a, b, first.colour_space)
    height, width = a.shape[-2:]
    coords = pixel_grid(height, width) + torch.from_numpy(flow)
    other = sample(b, coords).numpy()
    picture = a.numpy()
    level = np.stack([cv2.GaussianBlur((p + q) / 2.0, (0, 0), _SMOOTH_PX) for p, q in zip(picture, other, strict=True)])
    flat = good & _flattest(level, good)
    if flat.sum() < _LEAST_PIXELS:
        return None
    # Only whole-pixel steps keep the grain's own blur.
    unblurred = picture - sample(b, coords, mode="nearest").numpy()
    likeness = _neighbour_correlation(np.stack([_fast(d) for d in unblurred]), flat)
    lost = np.sqrt(1.0 + _kept_variance(flow, likeness))
    difference = np.stack([_fast(p - q) / lost for p, q in zip(picture, other, strict=True)])
    rows = [_binned(v[flat], d[flat]) for v, d in zip(level, difference, strict=True)]
    values, variances, counts = (np.stack([row[k] for row in rows]) for k in range(3))
    return values, variances, counts, likeness


def _window(frame: Frame, tracks: Sequence[FaceTrack]) -> Window:
    display = frame.display_window
    centre = np.array([(display.x0 + display.x1) / 2.0, (display.y0 + display.y1) / 2.0])
    for track in tracks:
        rows = np.flatnonzero(track.numbers == frame.number)
        if rows.size and track.status[int(rows[0])] != "lost":
            centre = track.landmarks[int(rows[0]), :468, :2].mean(0)
            break
    x, y = (int(v) - _SIDE // 2 for v in centre)
    return Window(x, y, x + _SIDE, y + _SIDE).intersect(frame.data_window)


def _part(frame: Frame, window: Window) -> torch.Tensor:
    rows, columns = window.slices(frame.data_window)
    return torch.nan_to_num(frame.pixels[:3, rows, columns].float(), nan=0.0, posinf=0.0, neginf=0.0)


def _flow(a: torch.Tensor, b: torch.Tensor, colour_space: str) -> tuple[np.ndarray, np.ndarray]:
    """(h, w, 2) from a to b and where both directions agree, rim left out."""
    stops = exposure_of(a.amax(0).numpy())
    greys = [(to_display(x, stops, colour_space).mean(0).numpy() * 255.0).round().astype(np.uint8) for x in (a, b)]
    forward, backward = dense_flow(greys[0], greys[1], 1, 10), dense_flow(greys[1], greys[0], 1, 10)
    good = round_trip(forward, backward)[0] < _SLACK_PX**2
    good[:_RIM] = good[-_RIM:] = False
    good[:, :_RIM] = good[:, -_RIM:] = False
    return forward, good


def _flattest(level: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Where the picture below the grain changes least, against its brightness."""
    across, down = np.gradient(level.mean(0))
    steep = np.hypot(across, down) / (np.abs(level.mean(0)) + 0.02)
    return np.asarray(steep <= (np.quantile(steep[good], _FLATTEST) if good.any() else 0.0))


def _fast(difference: np.ndarray) -> np.ndarray:
    return np.asarray(difference - cv2.GaussianBlur(difference, (0, 0), _SLOW_PX))


def _neighbour_correlation(difference: np.ndarray, flat: np.ndarray) -> float:
    """Correlation of horizontal and vertical neighbours, mean of the channels."""
    limit = 4.0 * np.median(np.abs(difference[:, flat]))
    calm = np.clip(difference, -limit, limit)
    power = (calm[:, flat] ** 2).mean()
    across, down = flat[:, :-1] & flat[:, 1:], flat[:-1] & flat[1:]
    if power <= 0.0 or not across.any() or not down.any():
        return 0.0
    beside = (calm[:, :, :-1] * calm[:, :, 1:])[:, across].mean()
    below = (calm[:, :-1] * calm[:, 1:])[:, down].mean()
    return float(np.clip((beside + below) / 2.0 / power, 0.0, 0.95))


def _kept_variance(flow: np.ndarray, likeness: float) -> np.ndarray:
    """(h, w) share of the grain's variance that cubic interpolation at this fraction of a pixel keeps."""
    kept = np.ones(flow.shape[:2])
    lags = np.arange(4)[:, None] - np.arange(4)[None]
    related = likeness ** (lags**2.0)
    for axis in (0, 1):
        part = flow[..., axis] - np.floor(flow[..., axis])
        at = np.stack([part + 1.0, part, 1.0 - part, 2.0 - part])
        weights = np.where(at <= 1.0, (_CUBIC + 2) * at**3 - (_CUBIC + 3) * at**2 + 1.0,
                           _CUBIC * (at**3 - 5 * at**2 + 8 * at - 4))  # fmt: skip
        kept *= np.einsum("ihw,ij,jhw->hw", weights, related, weights)
    return kept


def _binned(values: np.ndarray, differences: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Robust variance of the grain at rising brightness, (bins,) each. Source: median absolute deviation."""
    order = np.argsort(values, kind="stable")
    parts = [p for p in np.array_split(order, _BINS) if len(p) >= 8]
    spread = [1.4826 * np.median(np.abs(differences[p] - np.median(differences[p]))) for p in parts]
    return np.array([values[p].mean() for p in parts]), np.square(spread), np.array([float(len(p)) for p in parts])


def _line(values: np.ndarray, variances: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """slope and floor, neither negative; each bin weighs by how well its variance is known."""
    weight = np.sqrt(counts) / (variances + 0.1 * variances.mean() + 1e-12)
    rows = np.stack([np.maximum(values, 0.0), np.ones_like(values)], 1)
    for _ in range(4):  # grain never falls with light: outliers are texture and lie above
        slope, floor = np.linalg.lstsq(rows * weight[:, None], variances * weight, rcond=None)[0]
        off = (variances - rows @ (slope, floor)) * weight
        weight = weight / np.sqrt(1.0 + (off / (2.0 * np.median(np.abs(off)) + 1e-12)) ** 2)
    if slope < 0.0:
        return 0.0, float(np.average(variances, weights=weight**2))
    if floor < 0.0:
        return float((weight**2 * rows[:, 0] * variances).sum() / (weight**2 * rows[:, 0] ** 2).sum()), 0.0
    return float(slope), float(floor)


def _sigma_of(correlation: float) -> float:
    """The Gaussian blur of white noise, as ff_vfx.image.blur makes it, that has this correlation of neighbours."""
    sigmas = np.linspace(0.2, 3.0, 561)
    at = np.arange(-15, 16)
    taps = np.exp(-0.5 * (at[None] / sigmas[:, None]) ** 2)
    related = (taps[:, 1:] * taps[:, :-1]).sum(1) / (taps**2).sum(1)
    return 0.0 if correlation < related[0] + 1e-3 else float(np.interp(correlation, related, sigmas))
