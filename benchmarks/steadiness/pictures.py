"""The table's two pictures: curves by frame and by frequency, and a sheet of the shots. Read by benchmarks/time.py.

Colours are the eight of Okabe and Ito, which tell modes apart for eyes that mix up red and green.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.steadiness.modes import NONE
from benchmarks.steadiness.table import SHOWN, Judged, is_whole
from benchmarks.steadiness.verdict import LEAST_SHARPNESS, reduced
from ff_vfx.errors import BadInput

_CURVES = {
    "none": "#D55E00",
    "naive EMA": "#CC79A7",
    "naive median": "#E69F00",
    "track only": "#999999",
    "post": "#0072B2",
    "live": "#009E73",
}
_STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
}
_MOST_SHOTS = 4  # with curves of their own, these before others
_TELLING = ("s010", "blink", "occluder", "key_light")
_TRUTH = "#000000"
_TILE = 200  # px, of the sheet
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_curves(judged: Sequence[Judged], path: Path) -> None:
    """Error by frame and spectrum of a few shots, then what is gone of the excess on all, as a PNG.

    Raises:
        BadInput: matplotlib, a development extra, is not installed.
    """
    try:
        import matplotlib as mpl

        mpl.use("Agg")
        from matplotlib import pyplot
    except ImportError as error:
        raise BadInput("bench time: its curves need matplotlib; install ff-vfx[dev]") from error
    told = [one for one in judged if one.name in _TELLING]
    alone = [one for one in judged if not is_whole(one)]
    shown = (told or alone)[:_MOST_SHOTS]
    with pyplot.rc_context(_STYLE):
        figure = pyplot.figure(figsize=(11, 2.5 * len(shown) + 3.8), layout="constrained")
        grid = figure.add_gridspec(len(shown) + 1, 2, height_ratios=[1.0] * len(shown) + [1.35])
        for row, one in enumerate(shown):
            _draw_errors(figure.add_subplot(grid[row, 0]), one)
            _draw_spectrum(figure.add_subplot(grid[row, 1]), one)
        _draw_gone(figure.add_subplot(grid[-1, 0]), alone)
        _draw_plane(figure.add_subplot(grid[-1, 1]), alone)
        lines, names = figure.axes[1].get_legend_handles_labels()
        figure.legend(lines, names, loc="outside upper center", ncols=len(names), frameon=False)
        figure.savefig(path, dpi=130)
        pyplot.close(figure)


def _draw_errors(axes: Any, one: Judged) -> None:
    for mode, colour in _CURVES.items():
        if mode in one.scores:
            errors = one.scores[mode].errors
            axes.plot(list(errors), list(errors.values()), color=colour, lw=1.4, label=mode)
    axes.set(title=f"{one.name}: difference from the truth", xlabel="frame", ylabel="rms, stops")
    axes.set_ylim(bottom=0.0)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _draw_spectrum(axes: Any, one: Judged) -> None:
    for mode, colour in _CURVES.items():
        if mode in one.scores:
            found = one.scores[mode]
            axes.semilogy(found.hz[1:], found.spectrum[1:], color=colour, lw=1.4, label=mode)
    axes.semilogy(one.truth.hz[1:], one.truth.spectrum[1:], color=_TRUTH, lw=1.2, ls="--", label="truth")
    axes.axvspan(6.0, max((6.0, *one.truth.hz)), color="#000000", alpha=0.04, lw=0)
    axes.set(
        title=f"{one.name}: change along true trajectories", xlabel="Hz (grey: counted as flicker)", ylabel="rms, stops"
    )


def _draw_gone(axes: Any, judged: Sequence[Judged]) -> None:
    """A dot for each shot: how much of the excess flicker a mode takes away."""
    modes = [mode for mode in judged[0].scores if mode != NONE.name]
    for y, mode in enumerate(modes):
        found = [_flicker_gone(one, mode) for one in judged]
        passed = [one.verdict(mode) == "pass" for one in judged]
        colour = _CURVES.get(mode, "#0072B2")
        for value, good in zip(found, passed, strict=True):
            axes.plot(value, y, "o" if good else "x", color=colour, ms=6, mew=1.6, alpha=0.85)
    axes.axvline(100.0, color=_TRUTH, lw=1.2, ls="--")
    axes.set_yticks(range(len(modes)), modes)
    axes.invert_yaxis()
    axes.set(title="excess flicker gone (dot: verdict pass, cross: fails)", xlabel="% of the excess over the truth")


def _draw_plane(axes: Any, judged: Sequence[Judged]) -> None:
    """Sharpness against E_warp: a smear is low and left of the truth."""
    for one in judged:
        for mode, colour in _CURVES.items():
            if mode in one.scores:
                found = one.scores[mode]
                mark = "D" if mode == NONE.name else "o" if one.verdict(mode) == "pass" else "x"
                place = found.warp / one.truth.warp, found.sharpness / one.truth.sharpness
                axes.plot(*place, mark, color=colour, ms=6, mew=1.6, alpha=0.85)
    axes.plot(1.0, 1.0, "*", color=_TRUTH, ms=13)
    axes.axhline(LEAST_SHARPNESS, color=_TRUTH, lw=1.0, ls=":")
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(title="smear or still? (star: the truth; below the dots: a smear)", xlabel="E_warp / truth's")
    axes.set_ylabel("sharpness / truth's")


def _flicker_gone(one: Judged, mode: str) -> float:
    return 100.0 * reduced(one.scores[mode].flicker, one.scores[NONE.name].flicker, one.truth.flicker)


def draw_sheet(judged: Sequence[Judged], path: Path) -> None:
    """A row a shot: plate, truth and modes on its middle frame, then one line of the face over time, as a JPEG."""
    names = [name for name in ("plate", "truth", *SHOWN) if any(name in one.looks for one in judged)]
    sheet = np.concatenate([_header(names), *(_row_of(one, names) for one in judged)])
    cv2.imwrite(str(path), sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])


def _header(names: Sequence[str]) -> np.ndarray:
    bar = np.full((30, _TILE * (len(names) + 1) + 2 * _TILE, 3), 24, np.uint8)
    for i, name in enumerate(["", *names]):
        _write(bar, name, (i * _TILE + 8, 20))
    _write(bar, "eye line over time (down): truth, " + ", ".join(SHOWN), ((len(names) + 1) * _TILE + 8, 20), 0.36)
    return bar


def _row_of(one: Judged, names: Sequence[str]) -> np.ndarray:
    label = np.full((_TILE, _TILE, 3), 24, np.uint8)
    _write(label, one.name, (8, 24), 0.5)
    for i, line in enumerate(_wrapped(one.about, 27)):
        _write(label, line, (8, 48 + 16 * i), 0.36)
    shown = [_fitted(one.looks[name]) if name in one.looks else _empty() for name in names]
    over_time = [one.slices[name] for name in ("truth", *SHOWN) if name in one.slices]
    each = _TILE // len(over_time)
    bands = [cv2.resize(band, (2 * _TILE, each - 4), interpolation=cv2.INTER_NEAREST) for band in over_time]
    slices = np.full((_TILE, 2 * _TILE, 3), 24, np.uint8)
    for i, band in enumerate(bands):
        slices[i * each : i * each + band.shape[0]] = band
    return np.concatenate([label, *shown, slices], 1)


def _empty() -> np.ndarray:
    return np.full((_TILE, _TILE, 3), 24, np.uint8)


def _fitted(look: np.ndarray) -> np.ndarray:
    """A square tile, the picture in its middle."""
    scale = (_TILE - 6) / max(look.shape[:2])
    size = max(1, round(look.shape[1] * scale)), max(1, round(look.shape[0] * scale))
    small = cv2.resize(look, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC)
    tile = _empty()
    y, x = (_TILE - small.shape[0]) // 2, (_TILE - small.shape[1]) // 2
    tile[y : y + small.shape[0], x : x + small.shape[1]] = small
    return tile


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:9]


def _write(picture: np.ndarray, text: str, place: tuple[int, int], size: float = 0.45) -> None:
    cv2.putText(picture, text, place, _FONT, size, (225, 225, 225), 1, cv2.LINE_AA)
