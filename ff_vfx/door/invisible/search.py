"""Reads what became of a shot and looks for the invisible mark in it. Read by door/marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ff_vfx.colour import working_space
from ff_vfx.door.invisible.keys import studio_key
from ff_vfx.errors import BadInput, UnknownColourSpace
from ff_vfx.plate import open_plate, parse_frames
from ff_vfx.trust.invisible import PUBLIC_KEY, Heard, Search, display_of, find, hear, periods_of
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate

_FRAMES = 16
_FEW = 4  # frames listened to at sizes that are not the likeliest
_GUESS = "sRGB - Texture"


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    pictures: Sequence[np.ndarray]
    pixel_aspect: float
    likeliest_px: float

    def hear(self, period_px: float) -> Heard | None:
        often = self.pictures if period_px == self.likeliest_px else self.pictures[:_FEW]
        return hear(often, period_px, self.pixel_aspect)


def search_mark(path: str, *, made_px: int, frames: str) -> dict[str, object]:
    """See ff_vfx.door.find_mark."""
    if not 0 <= made_px <= 1 << 16:
        raise BadInput(f"width as made {made_px}: give the plate's width in px, or 0")
    plate = _opened(path)
    numbers = _spread(parse_frames(frames, plate.numbers))
    shot = [plate.read(number) for number in numbers]
    linear = _is_linear(plate.colour_space)
    periods = periods_of(shot[0].display_window.width, made_px)
    heard = _Shot([_picture(frame, linear=linear) for frame in shot], shot[0].pixel_aspect, periods[0])
    secret = studio_key()
    keys = {"public": PUBLIC_KEY, **({"studio": secret} if secret else {})}
    found = find(Search(keys, periods, heard.hear))
    return {
        "present": found.present,
        "payload": "" if found.payload is None else f"{found.payload:08x}",
        "false_alarm": found.false_alarm,
        "sure": found.sure,
        "bits": list(found.bits),
        "key": found.key,
        "cut": found.cut != (0, 0),
        "frames": numbers,
    }


def _opened(path: str) -> Plate:
    try:
        return open_plate(path)
    except UnknownColourSpace:
        return open_plate(path, colour_space=_GUESS)  # it is looked at, not worked in: any curve near it does


def _is_linear(space: str) -> bool:
    return working_space(space) == space


def _spread(numbers: Sequence[int]) -> list[int]:
    """The first, where a movie is at its best, and others over the whole."""
    count = min(_FRAMES, len(numbers))
    return [numbers[place * (len(numbers) - 1) // max(1, count - 1)] for place in range(count)]


def _picture(frame: Frame, *, linear: bool) -> np.ndarray:
    """The display window, black where there is no data."""
    coded = display_of(frame.pixels, linear=linear)
    inside = frame.data_window.intersect(frame.display_window)
    if inside == frame.display_window == frame.data_window:
        return coded
    picture = np.zeros((frame.display_window.height, frame.display_window.width), np.float32)
    picture[inside.slices(frame.display_window)] = coded[inside.slices(frame.data_window)]
    return picture
