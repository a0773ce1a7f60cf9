"""What of a track can be handed on: the frames that have a face, and which of them are held. Read by every writer.

Positions stay the plate's (px, y down, centres at half); each host's convention is in that host's writers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ff_vfx.errors import BadInput, FaceNotFound
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.frame_ranges import ranges, said_ranges
from ff_vfx.types.solve import Solve


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """One person where he is known. Frame numbers are the host's: the plate's plus `offset`.

    numbers: (n,) int, rising. points: (n, 478, 2) plate px. crops: (n, 3, 3) unit crop to plate px.
    span: first and last frame of the track. size: the plate's width, height. pixel_aspect: width over height.
    held, lost: frames where the face was bridged, and where there is none.
    """

    name: str
    numbers: np.ndarray
    points: np.ndarray
    crops: np.ndarray
    span: tuple[int, int]
    size: tuple[int, int]
    pixel_aspect: float
    held: tuple[int, ...]
    lost: tuple[int, ...]
    offset: int

    def row(self, plate_frame: int) -> int:
        """The row of a frame of the plate.

        Raises:
            BadInput: no face is known there.
        """
        rows = np.flatnonzero(self.numbers == plate_frame + self.offset)
        if not rows.size:
            there = said_ranges((self.numbers - self.offset).tolist())
            raise BadInput(f"reference {plate_frame}: {self.name} has no face on that frame; choose one of {there}")
        return int(rows[0])

    def runs(self) -> list[slice]:
        """Rows without a gap between them."""
        breaks = [0, *(np.flatnonzero(np.diff(self.numbers) > 1) + 1).tolist(), len(self.numbers)]
        return [slice(a, b) for a, b in pairwise(breaks)]

    def presence(self) -> list[tuple[int, int]]:
        """(frame, 1 there | 0 lost) where it begins and ends, and empty where nobody is ever lost.

        Two keys at each end of a stretch hold it level there whatever a host does between keys.
        """
        if not self.lost:
            return []
        stretches = [(int(self.numbers[run][0]), int(self.numbers[run][-1]), 1) for run in self.runs()]
        stretches += [(first, last, 0) for first, last in ranges(self.lost)]
        keys = set()
        for first, last, there in stretches:
            keys |= {(frame, there) for frame in (first, first + 1, last - 1, last) if first <= frame <= last}
        return sorted(keys)

    def said(self) -> list[str]:
        """For a node's label: whose track, where it is known, held and lost."""
        lines = [f"{self.name} {said_ranges(self.numbers.tolist())}"]
        lines += [f"held {said_ranges(self.held)}"] if self.held else []
        lines += [f"lost {said_ranges(self.lost)}"] if self.lost else []
        return lines


def known_track(solve: Solve, track: FaceTrack, offset: int = 0) -> Known:
    """A track's frames that have a face.

    Raises:
        FaceNotFound: it has none.
    """
    there = np.array([state != "lost" for state in track.status], bool)
    if not there.any():
        raise FaceNotFound(f"{track.name}: no face on any frame; there is nothing to export")
    numbers = track.numbers.astype(np.int64) + offset
    crops = track.crop_to_plate[there]
    aspect = np.linalg.norm(crops[:, 1, :2], axis=1) / np.linalg.norm(crops[:, 0, :2], axis=1)
    return Known(
        name=track.name,
        numbers=numbers[there],
        points=track.landmarks[there][:, :, :2],
        crops=crops,
        span=(int(numbers[0]), int(numbers[-1])),
        size=solve.size,
        pixel_aspect=round(float(np.median(aspect)), 4),
        held=tuple(int(n) for n, state in zip(numbers, track.status, strict=True) if state == "held"),
        lost=tuple(int(n) for n, state in zip(numbers, track.status, strict=True) if state == "lost"),
        offset=offset,
    )
