"""The inspection list's pictures: each track on the plate, and what became of it. Read by anonymising.

It shows the faces that must not be shown: it is for whoever goes through the list, and goes no further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from ff_vfx.door.hiding.inspection import Plan
from ff_vfx.image.sheet import contact_sheet, fit_inside
from ff_vfx.plate import write_png
from ff_vfx.types.heads import HeadTrack
from ff_vfx.types.window import Window

_SHOWN, _MOST_ROWS, _CLOSE_UP_PX = 4, 40, 180  # pictures of a track, tracks on a sheet, side of a close-up
_COLOURS = {"covered": (80, 220, 120), "cleared": (255, 190, 60), "released": (235, 80, 70)}
Read = Callable[[int], Sequence[np.ndarray]]


def write_sheet(plan: Plan, listed: Mapping[str, object], path: Path, display: Window, read: Read) -> None:
    """Pictures of each track, what is to be looked at first on top: the plate and, where it is made, the result.

    Args:
        listed: as `inspection` gives it. display: the plate's display window. read: a frame number -> (h, w, 3) uint8
            pictures of it: the plate's, then the result's; fewer where there are none.
    """
    first = [one["track"] for one in listed["look_first"]]  # type: ignore[attr-defined]
    order = sorted(plan.tracks, key=lambda t: (first.index(t.name) if t.name in first else len(first), t.name))
    wanted = [(track, number) for track in order[:_MOST_ROWS] for number in _shown(track)]
    closeups: dict[tuple[str, int], np.ndarray] = {}
    for number in sorted({number for _, number in wanted}):  # each frame is read once
        seen = read(number)
        for track in [track for track, other in wanted if other == number]:
            closeups[track.name, number] = _close_up(plan, track, number, (display, seen))
    pictures, captions = list[np.ndarray](), list[str]()
    for track in order[:_MOST_ROWS]:
        numbers = _shown(track)
        pictures += [closeups[track.name, number] for number in numbers]
        captions += [f"{track.name} {number} {track.heads[number].state} {plan.outcome(track)}" for number in numbers]
        pictures += [np.full((8, 12, 3), 24, np.uint8)] * (_SHOWN - len(numbers))
        captions += [""] * (_SHOWN - len(numbers))
    if pictures:
        write_png(contact_sheet(pictures, captions, columns=_SHOWN, cell=(2 * _CLOSE_UP_PX, _CLOSE_UP_PX)), path)


def _shown(track: HeadTrack) -> list[int]:
    """Its first and last frame, the least sure, and one that nothing saw."""
    numbers = sorted(track.heads)
    seen = track.seen() or numbers
    unsure = min(seen, key=lambda n: track.heads[n].confidence)
    held = next((n for n in numbers if track.heads[n].state in ("held", "tail")), numbers[len(numbers) // 2])
    return sorted({numbers[0], unsure, held, numbers[-1]})[:_SHOWN]


def _close_up(plan: Plan, track: HeadTrack, number: int, seen: tuple[Window, Sequence[np.ndarray]]) -> np.ndarray:
    """The plate with the head's outline, the result beside it. seen: the display window and pictures of it."""
    head, (display, pictures) = track.heads[number], seen
    corner = np.array([display.x0, display.y0])
    x0, y0, x1, y1 = head.corners(0.6) - np.concatenate([corner, corner])
    colour = _COLOURS.get(plan.outcome(track).split(" ", maxsplit=1)[0], (200, 200, 200))
    cells = [np.full((_CLOSE_UP_PX, _CLOSE_UP_PX, 3), 24, np.uint8)] * 2
    for k, picture in enumerate(pictures[:2]):
        h, w = picture.shape[:2]
        drawn, thick = picture.copy(), max(1, round((y1 - y0) / _CLOSE_UP_PX * 1.5))
        if k == 0:
            turn = np.linspace(0.0, 2.0 * np.pi, 48)
            for shape in head.shapes:
                ring = (shape[:, :2] @ np.stack([np.cos(turn), np.sin(turn)]) + shape[:, 2:]).T - corner
                cv2.polylines(drawn, [np.round(ring - 0.5).astype(np.int32)], True, colour, thick)
        left, top = int(np.clip(x0, 0, w - 2)), int(np.clip(y0, 0, h - 2))
        right, bottom = int(np.clip(x1, left + 2, w)), int(np.clip(y1, top + 2, h))
        cells[k] = fit_inside(drawn[top:bottom, left:right], _CLOSE_UP_PX, _CLOSE_UP_PX)
    return np.concatenate(cells, 1)
