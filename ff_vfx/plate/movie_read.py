"""A movie file as a plate: ProRes, H.264, H.265 and what else PyAV decodes, in any order. Read by sequence."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch

from ff_vfx.errors import FrameBroken, FrameMissing
from ff_vfx.plate.source import FileId, Source
from ff_vfx.plate.yuv import rgb_of
from ff_vfx.types.frame import Frame
from ff_vfx.types.window import Window

KINDS = frozenset({".mov", ".mp4", ".m4v", ".mkv", ".mxf", ".avi", ".webm", ".hevc", ".h265", ".h264"})
_LOW_BITS = 10
# H.273 transfer (and primaries, where they matter) -> colour space names of every studio config.
_TRANSFERS = {1: "camera_rec709", 6: "camera_rec709", 14: "", 4: "g22_rec709", 13: "srgb_tx", 8: "lin_rec709"}
_REC709_PRIMARIES = (1, 2)


class MoviePlate:
    """See ff_vfx.types.plate.Plate. Frame numbers start at `first`; one decoder, used by one thread at a time.

    The picture of a number is found by its time stamp, not by counting, so the order of reading changes nothing.
    """

    def __init__(self, path: Path, first: int, guarded: frozenset[FileId]) -> None:
        """Index the movie; colour_space, name and key are the caller's to set.

        Raises:
            FrameBroken: no video in it, or it cannot be opened.
        """
        self._path = path
        self._guarded = guarded
        self._lock = threading.Lock()
        self._decoding: Iterator[Any] | None = None
        self._next = 0
        with _opened(path) as container:
            stream = container.streams.video[0]
            self._times, self._keys = _index(container, stream, path)
            self.rate: Fraction = Fraction(stream.average_rate or stream.guessed_rate or 24)
            self.size: tuple[int, int] = (stream.codec_context.width, stream.codec_context.height)
            self._aspect = float(stream.sample_aspect_ratio or 1)
            self.said: str = _said(stream)
        self.numbers: Sequence[int] = range(first, first + len(self._times))
        self.colour_space, self.name, self.key = "", path.name, ""
        self._container: Any = None

    def read(self, number: int) -> Frame:
        """See Plate.read. Domain: as encoded; float16 up to 10 bits, else float32."""
        where = f"frame {number}: {self._path}"
        if number not in self.numbers:
            first, last = self.numbers[0], self.numbers[-1]
            raise FrameMissing(f"{where}: the movie has frames {first}-{last}; ask for one of those")
        with self._lock:
            try:
                picture = self._decode(number - self.numbers[0])
                pixels, bits = rgb_of(picture), int(picture.format.components[0].bits)
            except (av.error.FFmpegError, StopIteration, ValueError, OSError) as error:
                self._forget()
                raise FrameBroken(f"{where}: cannot be decoded ({error}); export the movie again") from error
        kept = pixels.astype(np.float16) if bits <= _LOW_BITS else pixels
        if (kept.shape[2], kept.shape[1]) != self.size:
            found, wanted = f"{kept.shape[2]}x{kept.shape[1]}", f"{self.size[0]}x{self.size[1]}"
            raise FrameBroken(f"{where}: is {found}, the movie's first frame {wanted}; export the movie again")
        window = Window(0, 0, *self.size)
        source = Source(self._path, self._guarded)
        return Frame(torch.from_numpy(kept), number, self.colour_space, window, window, self._aspect, source)

    def _decode(self, index: int) -> Any:
        """The picture at a place in presentation order."""
        wanted = self._times[index]
        key = self._keys[max(0, bisect_right(self._keys, wanted) - 1)]
        if self._decoding is None or not self._next <= index or self._times[self._next] < key:
            self._seek(key)
        assert self._decoding is not None
        while True:
            picture = next(self._decoding)
            if picture.pts is None or picture.pts >= wanted:
                break
        self._next = min(index + 1, len(self._times) - 1)
        if index + 1 == len(self._times):
            self._forget()
        if picture.pts != wanted:
            raise ValueError("no picture at its time stamp")
        return picture

    def _seek(self, time: int) -> None:
        if self._container is None:
            self._container = _opened(self._path)
        stream = self._container.streams.video[0]
        self._container.seek(time, stream=stream, backward=True, any_frame=False)
        self._decoding = self._container.decode(stream)

    def _forget(self) -> None:
        if self._container is not None:
            self._container.close()
        self._container, self._decoding, self._next = None, None, 0


def _opened(path: Path) -> Any:
    try:
        container = av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise FrameBroken(f"{path}: cannot be opened as a movie ({error}); copy or export it again") from error
    if not container.streams.video:
        container.close()
        raise FrameBroken(f"{path}: has no picture track; name the movie with the picture")
    container.streams.video[0].thread_type = "AUTO"
    return container


def _index(container: Any, stream: Any, path: Path) -> tuple[list[int], list[int]]:
    """Time stamps of all frames in presentation order, and those of key frames; read from packets, without decoding."""
    times, keys = [], []
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and not packet.is_discard:
                times.append(packet.pts)
                if packet.is_keyframe:
                    keys.append(packet.pts)
    except av.error.FFmpegError as error:
        raise FrameBroken(f"{path}: truncated ({error}); copy or export it again") from error
    if not times:
        raise FrameBroken(f"{path}: holds no frame; copy or export it again")
    return sorted(times), sorted(keys) or [min(times)]


def _said(stream: Any) -> str:
    """The colour space its tags name, '' for none that is plain."""
    context = stream.codec_context
    if int(context.color_primaries) not in _REC709_PRIMARIES:
        return ""
    return _TRANSFERS.get(int(context.color_trc), "")
