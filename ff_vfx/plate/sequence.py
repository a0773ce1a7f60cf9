"""Plates on disk: open one, read its frames from any thread. Read by the door; the story of reading starts here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import torch

from ff_vfx.errors import BadInput, FrameBroken, FrameMissing, PlateError
from ff_vfx.plate import movie_read, picture_read
from ff_vfx.plate.exr_header import MAGIC, PartHeader, read_header
from ff_vfx.plate.exr_read import read_exr
from ff_vfx.plate.sequence_path import own_number, sequence_path
from ff_vfx.plate.source import FileId
from ff_vfx.plate.spaces import given_or_own, spaces_of_exr
from ff_vfx.types.frame import Frame
from ff_vfx.types.plate import Plate
from ff_vfx.types.window import Window

_PARTS, _SAMPLE_BYTES = 5, 2048  # read of each file to know it again, spread from its first byte to its last
_RATE = Fraction(24)  # of a sequence that does not say
_OPTION = "--plate-colour"
_SPARSE = 16  # every so many pixels are enough to find a finite one, nearly always


class SequencePlate:
    """Numbered files, or one. See ff_vfx.types.plate.Plate; nothing is kept between reads."""

    def __init__(self, files: Mapping[int, Path], name: str, colour_space: str) -> None:
        """files: number -> path, ascending, at least one. colour_space: the user's, '' for the files' own.

        Raises:
            PlateError: no file of it has a readable header. UnknownColourSpace: see open_plate.
        """
        self._files = files
        self._guarded, self.key = _identify(files.values())
        self.numbers: Sequence[int] = range(min(files), max(files) + 1)
        self.name = name
        path, window, self.rate, said = _first_readable(files)
        self.size: tuple[int, int] = (window.width, window.height)
        self._reference = path.name
        self.colour_space: str = given_or_own(colour_space, said, f"{name} ({path.name})", _OPTION)

    def read(self, number: int) -> Frame:
        """See Plate.read."""
        path = self._files.get(number)
        if path is None:
            first, last = self.numbers[0], self.numbers[-1]
            what = "is missing from the sequence" if first <= number <= last else f"is outside the plate {first}-{last}"
            raise FrameMissing(f"frame {number}: {what} {self.name}; render or copy it, or leave it out of the range")
        where = f"frame {number}: {path}"
        frame = read_file(path, number, self.colour_space, where, self._guarded)
        size = (frame.display_window.width, frame.display_window.height)
        if size != self.size:
            raise FrameBroken(
                f"{where}: is {size[0]}x{size[1]}, the sequence (by {self._reference}) {self.size[0]}x{self.size[1]}; "
                "render it again at the sequence's size"
            )
        return frame


def open_plate(pattern: str, *, colour_space: str = "", first: int = 1) -> Plate:
    """A plate on disk, ready to be read; no pixels are.

    Args:
        pattern: `plate.####.exr`, `%04d`, `$F4`, `@@@@`, one picture, or a movie. colour_space: an OpenColorIO name;
            '' takes what the file says: `colorInteropID`, `oiio:ColorSpace`, `colorspace`, chromaticities of ACEScg,
            ACES2065-1 or Rec.709, a movie's transfer tag; integer PNG, TIFF and JPEG without a tag count as sRGB.
        first: number of a movie's first frame.

    Returns:
        See ff_vfx.types.plate.Plate. Holes between the first and last file are in `numbers` and fail on `read`.

    Raises:
        BadInput: nothing there. UnknownColourSpace: the file does not say, or the name is unknown.
        PlateError: no file's header can be read.
    """
    path = sequence_path(pattern)
    if path.numbered:
        files = path.found()
        if not files:
            raise BadInput(f"{pattern}: no file in {path.folder} matches; check the name and the frame token")
        return SequencePlate(files, pattern, colour_space)
    single = Path(pattern)
    if not single.is_file():
        raise BadInput(f"{pattern}: no such file; name a file, a movie, or a pattern such as plate.####.exr")
    if single.suffix.lower() not in movie_read.KINDS:
        return SequencePlate({own_number(single): single}, pattern, colour_space)
    guarded, key = _identify([single])
    movie = movie_read.MoviePlate(single, first, guarded)
    movie.name, movie.key = pattern, key
    movie.colour_space = given_or_own(colour_space, [movie.said], pattern, _OPTION)
    return movie


def read_still(path: str | Path, *, colour_space: str = "") -> Frame:
    """One picture file as a frame: a performer's still, a reference.

    Its number is the one in its name, else 1. Without a tag, integer PNG, TIFF and JPEG (8 or 16 bit) count as sRGB
    ('srgb_tx'); EXR and floats must say, or be told.

    Raises:
        BadInput: no such file. PlateError, UnknownColourSpace: as open_plate and Plate.read.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"still {path}: no such file; check the path")
    guarded, _ = _identify([path])
    space = given_or_own(colour_space, _look(path, f"still {path}")[2], f"still {path}", "--stills-colour")
    return read_file(path, own_number(path), space, f"still {path}", guarded)


def read_file(path: Path, number: int, colour_space: str, where: str, guarded: frozenset[FileId]) -> Frame:
    """A frame from one picture file of any kind, with at least one finite pixel.

    Raises:
        FrameBroken, HostileFile, FrameMissing: each message starts with `where`.
    """
    read = read_exr if is_exr(path, where) else picture_read.read_picture
    try:
        frame = read(path, number, colour_space, where, guarded)
    except OSError as error:
        raise FrameBroken(
            f"{where}: cannot be read ({error.strerror}); check the disk and the file's rights"
        ) from error
    if not _any_finite(frame.pixels[:3]):
        raise FrameBroken(f"{where}: holds no finite pixel (all NaN or Inf); render it again")
    return frame


def is_exr(path: Path, where: str) -> bool:
    """By its first bytes, or by name where there are too few of them.

    Raises:
        FrameMissing: the file is not there any more. FrameBroken: it may not be read.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except FileNotFoundError as error:
        raise FrameMissing(f"{where}: is gone; render or copy it again") from error
    except OSError as error:
        raise FrameBroken(f"{where}: cannot be read ({error.strerror}); check the file's rights") from error
    return start == MAGIC or path.suffix.lower() == ".exr"


def _look(path: Path, where: str) -> tuple[Window, Fraction, list[str]]:
    """Display window, rate and the colour spaces it names, from a file's header."""
    if is_exr(path, where):
        header = read_header(path, where)
        main = next((i for i, part in enumerate(header) if {"R", "G", "B"} <= set(part.channels)), 0)
        return header[main].display_window, _rate(header), spaces_of_exr(header, main)
    picture = picture_read.read_picture_header(path, where)
    rate = Fraction(picture.rate).limit_denominator(1001) if picture.rate > 0 else _RATE
    return picture.display_window, rate, [picture.space]


def _first_readable(files: Mapping[int, Path]) -> tuple[Path, Window, Fraction, list[str]]:
    failure: PlateError | None = None
    for number, path in files.items():
        try:
            return path, *_look(path, f"frame {number}: {path}")
        except PlateError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def _rate(header: Iterable[PartHeader]) -> Fraction:
    for part in header:
        said = part.numbers("framesPerSecond", "iI")
        if said and said[0] > 0 and said[1] > 0:
            return Fraction(int(said[0]), int(said[1]))
    return _RATE


def _identify(paths: Iterable[Path]) -> tuple[frozenset[FileId], str]:
    """Every file's identity on disk, and one hash of names, sizes and a few samples of what is in them.

    Not of times: a copy on another disk is the same plate, and its solve still fits.
    """
    ids, digest = set(), hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            ids.add((status.st_dev, status.st_ino))
            digest.update(f"{path.name}\0{status.st_size}\n".encode())
            for part in range(_PARTS):
                file.seek(max(0, (status.st_size - _SAMPLE_BYTES) * part // (_PARTS - 1)))
                digest.update(file.read(_SAMPLE_BYTES))
    return frozenset(ids), digest.hexdigest()[:32]


def _any_finite(pixels: torch.Tensor) -> bool:
    sparse = pixels[:, ::_SPARSE, ::_SPARSE]
    return bool(torch.isfinite(sparse).any()) or bool(torch.isfinite(pixels).any())
