"""What one delivered frame's pixels say, measured once, for all checks that judge it. Read by the door.

Every value counts against one fact only: a NaN is no value outside [0, 1] and no changed pixel besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ff_vfx.types.delivery import SIDES, PixelFacts
from ff_vfx.types.window import Window

_OURS = re.compile(r"ff[A-Z]\w*\.|(forward|backward)\.[uv]$")
_MATTE = re.compile(r"ffMatte\.|ffFace\.A$")
_BITS = {2: np.uint16, 4: np.uint32, 8: np.uint64}


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """One file's channels, (h, w) as stored, over `window`. picture: the names of its R, G, B (, A).

    Channels of other parts than the picture's are named 'part:channel'.
    """

    channels: Mapping[str, np.ndarray]
    window: Window
    picture: tuple[str, ...]


def measure(made: Planes, plate: Planes | None, *, face_only: bool) -> PixelFacts:
    """Hold a finished frame against its plate.

    Args:
        plate: None: it could not be read. face_only: written with `--layers face`: nothing of the plate is in it.

    Returns:
        See PixelFacts. Where a matte is not a number the pixel counts as covered.

    Domain: as stored; halves are widened only to look for a matte's range.
    """
    generated = any(_OURS.match(name) for name in made.channels)
    coverages = _coverages(made, face_only)
    covered = np.zeros((made.window.height, made.window.width), bool)
    for plane in coverages:
        covered |= ~(plane == 0)  # also where it is not a number
    low, high, worst = _matte_range(made, face_only)
    under = _under(made, plate, face_only)
    not_finite = dict(_not_finite(made, under, covered))
    changed, at = _changed(made, under, ~covered, face_only)
    least = min((int(np.count_nonzero(plane > 0)) for plane in coverages), default=0)
    return PixelFacts(
        not_finite, low, high, worst, generated, least, _at_edge(coverages), changed, at,
        compared=bool(under) or face_only,
    )  # fmt: skip


def _coverages(made: Planes, face_only: bool) -> list[np.ndarray]:
    """The planes that say where the new face is; none in a frame through which the plate passed."""
    names = ("A", "ffMatte.red") if face_only else ("ffFace.A", "ffMatte.red")
    return [made.channels[name] for name in names if name in made.channels]


def _matte_range(made: Planes, face_only: bool) -> tuple[float, float, str]:
    """The least and the most of all mattes, and the name of the one that is farther out."""
    low, high, worst, by = 0.0, 0.0, "", -1.0
    for name, plane in made.channels.items():
        if not (_MATTE.match(name) or (face_only and name == "A")):
            continue
        values = plane[np.isfinite(plane)].astype(np.float32)
        if not values.size:
            continue
        least, most = float(values.min()), float(values.max())
        if max(-least, most - 1.0) > by:
            by, worst = max(-least, most - 1.0), name
        low, high = min(low, least), max(high, most)
    return low, high, worst


def _under(made: Planes, plate: Planes | None, face_only: bool) -> dict[str, np.ndarray]:
    """Channel of ours -> what the plate has there; only channels that should be the plate's, of the same window."""
    if plate is None or plate.window != made.window or face_only:
        return {}
    pairs = dict(zip(made.picture, plate.picture))
    generated = any(_OURS.match(name) for name in made.channels)
    found = {}
    for name, plane in made.channels.items():
        theirs = plate.channels.get(pairs.get(name, name))
        if theirs is not None and theirs.shape == plane.shape and not (generated and _OURS.match(name)):
            found[name] = theirs
    return found


def _not_finite(made: Planes, under: Mapping[str, np.ndarray], covered: np.ndarray) -> Iterator[tuple[str, int]]:
    """Channel and number of NaN and Inf that are new: in our layers, where we covered, or where the plate has none."""
    for name, plane in made.channels.items():
        if plane.dtype.kind != "f":
            continue
        wrong = ~np.isfinite(plane)
        if not wrong.any():
            continue
        ours = _OURS.match(name) or (name in made.picture and name not in under)
        if not ours:
            theirs = under.get(name)
            new = np.isfinite(theirs) if theirs is not None and theirs.dtype.kind == "f" else np.False_
            wrong &= new | (covered if name in made.picture[:3] else np.False_)
        if count := int(np.count_nonzero(wrong)):
            yield name, count


def _changed(
    made: Planes, under: Mapping[str, np.ndarray], outside: np.ndarray, face_only: bool
) -> tuple[dict[str, int], tuple[int, int] | None]:
    """Channel -> pixels that are not the plate's where nothing of ours is, and the first of them."""
    changed: dict[str, int] = {}
    first: tuple[int, int] | None = None
    names = made.picture[:3] if face_only else tuple(under)
    for name in names:
        plane = made.channels[name]
        differs = plane != 0 if face_only else _differ(plane, under[name])
        if name in made.picture[:3]:
            differs &= outside
        if plane.dtype.kind == "f":
            differs &= np.isfinite(plane)
        if count := int(np.count_nonzero(differs)):
            changed[name] = count
            if first is None:
                y, x = np.unravel_index(int(np.argmax(differs)), differs.shape)
                first = (int(x) + made.window.x0, int(y) + made.window.y0)
    return changed, first


def _differ(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """By bits; of two types, by value."""
    if ours.dtype == theirs.dtype:
        bits = _BITS[ours.dtype.itemsize]
        return np.ascontiguousarray(ours).view(bits) != np.ascontiguousarray(theirs).view(bits)
    different: np.ndarray = ours != theirs
    return different


def _at_edge(coverages: list[np.ndarray]) -> dict[str, float]:
    highest = dict.fromkeys(SIDES, 0.0)
    for plane in coverages:
        for side, line in zip(SIDES, (plane[:, 0], plane[0], plane[:, -1], plane[-1])):
            highest[side] = max(highest[side], float(np.nan_to_num(line.astype(np.float32)).max()))
    return {side: value for side, value in highest.items() if value > 0.0}
