"""A solve as text for a compositing host, and into a file without harm. Read by ff_vfx.door.public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ff_vfx.door.folders import make_folder
from ff_vfx.errors import BadInput, FaceNotFound, PlateError, WriteRefused
from ff_vfx.export import Request, export_text, known_track
from ff_vfx.plate.atomic import refuse_guarded, write_atomically
from ff_vfx.track import choose_track, load_solve
from ff_vfx.types.frame import Frame
from ff_vfx.types.solve import Solve

_OURS = b"ff-vfx export"  # in the first lines of every export
_LOOKED_AT = 4096


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a solve is wanted; fields as ff_vfx.door.export_track's."""

    format: str
    face: str = ""
    points: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    offset: int = 0
    reference: int | None = None
    tolerance_px: float = 0.0


@dataclass(slots=True, eq=False)
class _NoPlate:
    """Stands for the plate where only its name is asked for: an export needs the solve alone."""

    name: str
    size: tuple[int, int]
    colour_space: str = ""
    key: str = ""
    numbers: Sequence[int] = ()
    rate: Fraction = Fraction(24)

    def read(self, number: int) -> Frame:
        raise PlateError(f"{self.name}: frame {number}: an export reads no plate")


def export_file(solve: str, wish: Wish, *, output: str, overwrite: bool) -> dict[str, object]:
    """See ff_vfx.door.export_track."""
    path = Path(solve)
    loaded = load_solve(path)
    track = choose_track(loaded, _plate_of(loaded, path), _face(wish.face, loaded))
    known = known_track(loaded, track, wish.offset)
    request = Request(wish.format, wish.points, wish.shapes, wish.offset, wish.reference, wish.tolerance_px)
    text = export_text(known, request)
    if output:
        _write(Path(output), text, path, overwrite)
    return {
        "text": text,
        "face": known.name,
        "known": known.numbers.tolist(),
        "held": list(known.held),
        "lost": list(known.lost),
    }


def _plate_of(solve: Solve, path: Path) -> _NoPlate:
    if not solve.tracks:
        raise FaceNotFound(f"solve {path}: no face on any frame; there is nothing to export")
    return _NoPlate(str(path), solve.size)


def _face(choice: str, solve: Solve) -> str:
    """The choice, where it can be made without the plate's pictures."""
    if choice not in {track.name for track in solve.tracks} and Path(choice).is_file():
        names = ", ".join(track.name for track in solve.tracks)
        raise BadInput(f"face '{choice}': an export knows no pictures; use a number from the left, 'x,y' or {names}")
    return choice


def _write(path: Path, text: str, solve: Path, overwrite: bool) -> None:
    """Whole or not at all; over a file of ours, or where it was asked for, and never over the solve."""
    _spare_the_solve(path, solve)
    if path.is_dir():
        raise WriteRefused(f"{path}: is a folder; give a file's name")
    if path.is_file() and not overwrite and not _is_ours(path):
        raise WriteRefused(f"{path}: is there and no export of ff-vfx; choose another name, or say --overwrite")
    make_folder(path.parent)
    write_atomically(path, lambda hidden: _put(hidden, text))


def _spare_the_solve(path: Path, solve: Path) -> None:
    """See that an export does not land on the solve it comes from, by whatever name or link."""
    try:
        status = solve.stat()
        refuse_guarded(path, {(status.st_dev, status.st_ino)}, [solve])
    except WriteRefused as error:
        raise WriteRefused(f"{path}: is the solve itself; choose another name") from error


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _OURS in file.read(_LOOKED_AT)
    except OSError as error:
        raise WriteRefused(f"{path}: {error.strerror}; choose another name") from error
