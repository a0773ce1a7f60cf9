"""Names of numbered files: from a pattern to a frame's path and to the files on disk; frame ranges as people type them.

Read by the door and by all in this room. Patterns: `####` or `@@@@` (as many digits), `%04d`, `$F4`; or one file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.errors import BadInput

_TOKEN = re.compile(r"#+|@+|%(?:0?(?P<percent>\d+))?d|\$F(?P<houdini>\d*)")
_OWN_NUMBER = re.compile(r"(?:^|[._])(-?\d+)$")
_RANGE = re.compile(r"(-?\d+)(?:-(-?\d+)(?:x(-?\d+))?)?")


@dataclass(frozen=True, slots=True)
class SequencePath:
    """A pattern taken apart.

    before, after: the file name around the number. digits: the least there are; -1: no number, one file.
    """

    folder: Path
    before: str
    after: str
    digits: int

    @property
    def numbered(self) -> bool:
        return self.digits >= 0

    def at(self, number: int) -> Path:
        """The file of one frame. A minus sign counts as a digit, as in C and Nuke: '####' at -5 is '-005'."""
        text = f"{number:0{self.digits}d}" if self.numbered else ""
        return self.folder / f"{self.before}{text}{self.after}"

    def found(self) -> dict[int, Path]:
        """Frame number -> file, ascending, whatever the padding; where two share a number the padding asked for wins.

        Raises:
            BadInput: the folder cannot be listed.
        """
        name = re.compile(re.escape(self.before) + r"(-?\d+)" + re.escape(self.after))
        files: dict[int, Path] = {}
        for entry in sorted(_listed(self.folder)):
            match = name.fullmatch(entry)
            if match:
                number = int(match[1])
                if number not in files or entry == self.at(number).name:
                    files[number] = self.folder / entry
        return dict(sorted(files.items()))


def sequence_path(pattern: str) -> SequencePath:
    """Take a pattern apart.

    Raises:
        BadInput: empty, two frame tokens in one name, or one in the folder.
    """
    if not pattern:
        raise BadInput("no path given; name a file, a movie, or a pattern such as plate.####.exr")
    path = Path(pattern)
    tokens = list(_TOKEN.finditer(path.name))
    if len(tokens) > 1 or _TOKEN.search(str(path.parent)):
        raise BadInput(
            f"{pattern}: more than one frame token, or one in the folder; put one (such as ####) in the file name"
        )
    if not tokens:
        return SequencePath(path.parent, path.name, "", -1)
    token = tokens[0]
    asked = token["percent"] or token["houdini"]
    digits = len(token[0]) if token[0][0] in "#@" else int(asked or 1)
    return SequencePath(path.parent, path.name[: token.start()], path.name[token.end() :], digits)


def output_path(pattern: str, number: int) -> Path:
    """Where a frame goes; a pattern without a token names the same file for each frame.

    Raises:
        BadInput: see sequence_path.
    """
    return sequence_path(pattern).at(number)


def own_number(path: Path) -> int:
    """The frame number in a single file's name ('plate.1001.exr'), 1 when it has none."""
    match = _OWN_NUMBER.search(path.stem)
    return int(match[1]) if match else 1


def parse_frames(text: str, available: Sequence[int]) -> list[int]:
    """The frames a person means.

    Args:
        text: '' for all, '1001', '1001-1016', '1001-1016x2', '-5--1', or several of these with commas.
        available: the plate's numbers, ascending.

    Returns:
        Ascending, each once.

    Raises:
        BadInput: cannot be read, backwards, nothing in it, or outside the plate.
    """
    if not available:
        raise BadInput("frames: the plate has none; check the plate's path")
    if not text.strip():
        return list(available)
    first, last = available[0], available[-1]
    numbers: set[int] = set()
    for piece in text.split(","):
        wanted = _range(text, piece.strip())
        for edge in (wanted[0], wanted[-1]):
            if not first <= edge <= last:
                raise BadInput(f"frames '{text}': {edge} is outside the plate, which has {first}-{last}; ask for those")
        numbers.update(wanted)
    chosen = sorted(numbers.intersection(available))
    if not chosen:
        raise BadInput(f"frames '{text}': none of them is in the plate, which has {first}-{last}; ask for those")
    return chosen


def _range(text: str, piece: str) -> range:
    match = _RANGE.fullmatch(piece)
    if match is None:
        raise BadInput(f"frames '{text}': '{piece}' is no range; write 1001-1016, 1001-1016x2 or 1001,1005,1010-1012")
    start = int(match[1])
    stop = start if match[2] is None else int(match[2])
    step = 1 if match[3] is None else int(match[3])
    if stop < start:
        raise BadInput(f"frames '{text}': '{piece}' runs backwards; write {stop}-{start}")
    if step < 1:
        raise BadInput(f"frames '{text}': '{piece}' steps by {step}; a step is 1 or more, as in 1001-1016x2")
    return range(start, stop + 1, step)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise BadInput(f"folder {folder}: {error.strerror}; check the path") from error
