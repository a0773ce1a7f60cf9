"""What a sequence's manifest says, as plain data: each frame's file, and what made it. Read by the door and checks.

It loads neither torch nor numpy. How it is written, signed and read: ff_vfx.trust.manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ff_vfx.types.clearance import Clearance

OUTCOMES = ("rendered", "passed")


@dataclass(frozen=True, slots=True)
class FileHash:
    """A file by name (no folder) and content. size: bytes; -1 where it was not noted."""

    file: str
    sha256: str
    size: int = -1


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One frame. In a movie's or a picture's manifest all frames name one file.

    outcome: 'rendered', or 'passed': the plate went through unchanged. plate: the plate frame's file; of a movie the
    whole movie. stamp: as in the frame's header. origin, run: keys of Manifest.origins and Manifest.runs.
    at: when it was written, UTC, ISO 8601. signature: its maker's, over all of this and its run; 128 hex digits.
    """

    number: int
    made: FileHash
    outcome: str
    plate: FileHash
    stamp: str
    origin: str
    run: str
    at: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What frames were made from, beside their plate frames; many share one.

    tool: name and version. plate: pattern, key, colour_space, size, rate. solve: its file. settings: all of them.
    models: name, kind, licence, allowed_use, sha256 of each network. stills: the performers' pictures. clearances: one
    a performer, the consent records whole. job: as it was asked for, without settings, range and device.
    """

    tool: str
    plate: Mapping[str, object]
    solve: FileHash
    settings: Mapping[str, object]
    models: tuple[Mapping[str, str], ...]
    stills: tuple[FileHash, ...]
    clearances: tuple[Clearance, ...]
    job: Mapping[str, object]

    @property
    def marked(self) -> bool:
        """Whether a performer had no consent, so that the picture bears the visible mark."""
        return not all(one.cleared for one in self.clearances)


@dataclass(frozen=True, slots=True)
class Run:
    """One process that wrote frames. key, name, public: whose signature its frames bear. started: UTC, ISO 8601."""

    key: str
    name: str
    public: str
    machine: str
    system: str
    started: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Whose valid signature the whole bears. public: the key itself, 64 hex digits."""

    key: str
    name: str
    public: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A sequence or a movie, whole. path: the manifest's file. kind: 'sequence' | 'movie' | 'picture'.

    pattern: the frames' name without a folder, 'comp.####.exr'. frames: by number, ascending.
    """

    path: str
    kind: str
    pattern: str
    updated: str
    frames: Mapping[int, FrameRecord] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    signatures: tuple[Signatory, ...] = ()

    def origin_of(self, number: int) -> Origin:
        """What a frame was made from."""
        return self.origins[self.frames[number].origin]

    def run_of(self, number: int) -> Run:
        """Who made a frame, where and when."""
        return self.runs[self.frames[number].run]
