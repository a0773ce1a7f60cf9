"""A plate that a host may hand frames of; all others come from its files. Read by session.

What is remembered of a frame, deep in the shot, goes by its number. When a number comes to mean other pixels than those
remembered, everything is forgotten, so that a frame is a function of the pixels handed over with it and of the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import torch

from ff_vfx.colour import Transform
from ff_vfx.door.hosts.picture import HostPicture, as_float
from ff_vfx.door.overlap import ReadAhead
from ff_vfx.errors import PlateError
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.recall import Recall
from ff_vfx.types.settings import Settings
from ff_vfx.types.window import Window

_CLOSE = {1: 1e-4, 2: 1e-3, 3: 1e-4, 4: 6e-3}
"""How far a picture of a format may be off the file's, in the host's space, where it cannot be the same bits."""


class HostPlate:
    """See ff_vfx.types.plate.Plate. One thread renders from it at a time; nothing is foreseen."""

    def __init__(self, plate: Plate, settings: Settings) -> None:
        self.numbers: Sequence[int] = plate.numbers
        self.rate: Fraction = plate.rate
        self.size: tuple[int, int] = plate.size
        self.colour_space: str = plate.colour_space
        self.name: str = plate.name
        self.key: str = plate.key
        self.order: Sequence[int] = ()
        self.recalls: list[Recall] = []
        self.check: Callable[[], None] = _go_on
        self._plate = plate
        self._files = self._reader(settings)
        self._given: Mapping[int, tuple[bytes, Frame]] = {}
        self._read_as: dict[int, bytes] = {}
        self._number: int | None = None
        self._far = settings.reach
        self._settings = settings

    def read(self, number: int) -> Frame:
        """The frame as it was handed over, else the file's; errors as the plate's own, and `check`'s."""
        self.check()
        digest, frame = self._given.get(number, (b"", None))
        self._read_as[number] = digest
        if self._number is not None and number not in self._settings.steady.trusted:
            self._far = max(self._far, abs(number - self._number))
        return frame or self._files.read(number)

    def file(self, number: int) -> Frame:
        """The file's frame, whatever was handed over."""
        return self._files.read(number)

    def show(self, number: int, given: Mapping[int, tuple[bytes, Frame]]) -> None:
        """From now on frame `number` is to be made, of these frames and the files.

        Args:
            given: number -> digest of its pixels, and the frame; those alone that differ from the files.
        """
        near = {*range(number - self._far, number + self._far + 1), *self._settings.steady.trusted}
        others = {n for n in (near | set(given)) & set(self._read_as) if self._read_as[n] != given.get(n, (b"",))[0]}
        if others:
            for recall in self.recalls:
                recall.forget()
            self._read_as.clear()
        self._given, self._number = given, number

    def only_files(self) -> None:
        """From now on the shot as a whole is looked at."""
        self._given, self._number = {}, None

    def close(self) -> None:
        """Forget the files' frames and what was remembered of all."""
        self._files.close()
        self._files = self._reader(self._settings)
        self.recalls.clear()
        self._read_as.clear()
        self.only_files()

    def _reader(self, settings: Settings) -> ReadAhead:
        return ReadAhead(self._plate, self._plate.numbers, ahead=2, keep=settings.held_frames + 3)


class Taking:
    """How a host's pictures become the plate's frames. space: the host's colour space. display: the plate's."""

    def __init__(self, plate: HostPlate, space: str, display: Window) -> None:
        self._plate, self._display = plate, display
        self._to_plate = Transform.between(space, plate.colour_space) if space != plate.colour_space else None
        self._from_plate = Transform.between(plate.colour_space, space) if space != plate.colour_space else None

    def frame(self, number: int, picture: HostPicture, scale: tuple[float, float]) -> Frame:
        """The picture as a frame of the plate's, at full size. scale: the picture's, of the plate's own."""
        values = as_float(picture.array())
        x1, y1, x2, y2 = picture.bounds
        if scale != (1.0, 1.0):
            x1, x2 = (round(x / scale[0]) for x in (x1, x2))
            y1, y2 = (round(y / scale[1]) for y in (y1, y2))
            values = cv2.resize(np.ascontiguousarray(values), (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR)
        # A copy, and laid out as files are: another layout is another order of sums.
        pixels = torch.from_numpy(np.ascontiguousarray(values[::-1].transpose(2, 0, 1)))
        if np.shares_memory(pixels.numpy(), values):
            pixels = pixels.clone()
        window = Window(self._display.x0 + x1, self._display.y1 - y2, self._display.x0 + x2, self._display.y1 - y1)
        if self._to_plate:
            pixels = torch.cat([self._to_plate(pixels[:3]).float(), pixels[3:]])
        return Frame(pixels, number, self._plate.colour_space, window, self._display)

    def is_file(self, frame: Frame, format: int) -> bool:
        """Whether the host's frame is the file's, where both are: bit for bit, or as near as format and space allow."""
        try:
            file = self._plate.file(frame.number)
        except PlateError:
            return False
        shared = frame.data_window.intersect(file.data_window)
        if shared.empty:
            return False
        ours, theirs = (_part(one, shared) for one in (frame, file))
        if self._from_plate:
            ours, theirs = self._from_plate(ours), self._from_plate(theirs)
        elif format == 1 or (format == 2 and file.pixels.dtype == torch.float16):
            return torch.equal(ours, theirs)
        off = _CLOSE[format]
        if format in (3, 4):
            theirs = theirs.clamp(0.0, 1.0)
        return torch.allclose(ours, theirs, rtol=off, atol=off)


def _part(frame: Frame, window: Window) -> torch.Tensor:
    rows, columns = window.slices(frame.data_window)
    return frame.pixels[:3, rows, columns].float()


def display_of(plate: HostPlate) -> Window:
    """The plate's display window, from the first frame that can be read."""
    for number in plate.numbers:
        try:
            return plate.file(number).display_window
        except PlateError:
            continue
    return Window(0, 0, *plate.size)


def with_alpha(frame: Frame) -> Frame:
    """The frame with four channels; where there is no alpha it is 1."""
    if frame.pixels.shape[0] == 4:
        return frame
    return replace(frame, pixels=torch.cat([frame.pixels, torch.ones_like(frame.pixels[:1])]))


def _go_on() -> None:
    pass
