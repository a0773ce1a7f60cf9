"""What a frame's file held besides its picture, kept so that writing puts all of it back. Only this room looks in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

FileId = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class SourceChannel:
    """One channel as stored: (h, w) float16, float32 or uint32. linear: the file's 'perceptually linear' flag."""

    pixels: np.ndarray
    linear: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SourcePart:
    """One EXR part: its attributes as OpenEXR's own objects, and its channels by name."""

    header: Mapping[str, object]
    channels: Mapping[str, SourceChannel]
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """file: where the frame came from. guarded: (device, inode) of every file of the plate: never written to.

    parts: all of the file's; empty when it was no EXR. main: the part with the picture. names: its channels R, G, B
    (, A), which are not in `parts` but are the frame's pixels themselves, unless their types differ from each other's.
    """

    file: Path
    guarded: frozenset[FileId] = frozenset()
    parts: tuple[SourcePart, ...] = ()
    main: int = 0
    names: tuple[str, ...] = ("R", "G", "B")
    linear: Mapping[str, bool] = field(default_factory=dict)
