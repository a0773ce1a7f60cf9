"""Reads a finished sequence's files to their ends and notes what each says and holds. Read by gathering.

A few files at a time; of each nothing but plain facts is kept, so memory does not grow with the shot. Whatever a file
holds ends in a fact: nothing is raised for one bad frame.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ff_vfx.door.stamp import file_hash
from ff_vfx.errors import FfVfxError, HostileFile
from ff_vfx.plate.exr_header import PartHeader, decoded_bytes, read_header
from ff_vfx.plate.exr_read import picture_channels, read_parts
from ff_vfx.plate.header_facts import header_facts
from ff_vfx.plate.sequence import is_exr
from ff_vfx.plate.sequence_path import SequencePath
from ff_vfx.plate.source import Source, SourcePart
from ff_vfx.qc.delivered import Planes, measure
from ff_vfx.types.delivery import DeliveredFrame, HeaderFacts
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import ProgressCall

_AT_ONCE = 4
_MEMORY = 4 << 30  # of what is read at a time, with as much again for looking at it
_LIKE_OTHERS = 8  # times a frame's size; what claims more is not decoded
_HIDDEN = re.compile(r"\.(?P<name>.+)\.\d+-\d+\.tmp$")  # as ff_vfx.plate.atomic calls what is not whole yet


@dataclass(frozen=True, slots=True, eq=False)
class Beneath:
    """What the frames were laid over. plate: None where there is none, and fault says why. face_only: as written."""

    plate: Plate | None
    fault: str
    face_only: bool


def read_frames(files: Mapping[int, Path], beneath: Beneath, progress: ProgressCall) -> dict[int, DeliveredFrame]:
    """Every file's facts, by number; several are read at a time. files: number -> file."""
    found: dict[int, DeliveredFrame] = {}
    usual = _usual_bytes(files.values())
    most = _LIKE_OTHERS * usual if len(files) > 2 else 0
    at_once = max(1, min(_AT_ONCE, os.cpu_count() or 1, _MEMORY // max(2 * usual, 1)))
    threads = ThreadPoolExecutor(at_once, "ff-check")
    try:
        made = threads.map(lambda item: read_frame(item[0], item[1], beneath, most), files.items())
        for count, frame in enumerate(made, 1):
            found[frame.number] = frame
            progress("read", count, len(files))
    finally:
        threads.shutdown(cancel_futures=True)
    return found


def read_frame(number: int, file: Path, beneath: Beneath, most: int = 0) -> DeliveredFrame:
    """One file's facts; what is wrong with it is one of them. most: bytes its pixels may take in memory; 0: any."""
    frame = DeliveredFrame(number, str(file))
    try:
        header = read_header(file, file.name)
        if 0 < most < (claimed := sum(map(decoded_bytes, header))):
            what = f"claims {claimed >> 20} MiB of pixels, many times what the other frames have"
            raise HostileFile(f"{file.name}: {what}; it was not read; render or copy it again")
        main, names = picture_channels(header, file.name)
        parts = read_parts(file, header, file.name)
        frame = replace(frame, sha256=file_hash(file), header=header_facts(header, main))
        made = _planes(parts, header, main, names)
        under, plate_facts, fault = _under(number, beneath)
        pixels = measure(made, under, face_only=beneath.face_only)
    except (FfVfxError, OSError, ValueError) as error:
        return DeliveredFrame(number, str(file), fault=str(error) or type(error).__name__)
    return replace(frame, pixels=pixels, plate=plate_facts, plate_fault=fault)


def _usual_bytes(files: Iterable[Path]) -> int:
    """What the pixels of the middle one take in memory; 0 where no header can be read."""
    sizes = []
    for file in files:
        try:
            sizes.append(sum(map(decoded_bytes, read_header(file, file.name))))
        except (FfVfxError, OSError, ValueError):
            continue
    return sorted(sizes)[len(sizes) // 2] if sizes else 0


def strays_of(path: SequencePath, files: Mapping[int, Path]) -> tuple[str, ...]:
    """Names of files beside the frames that are none: half-written ones, and second ones for one frame."""
    name = re.compile(re.escape(path.before) + r"(-?\d+)" + re.escape(path.after))
    known = {file.name for file in files.values()}
    return tuple(entry for entry in sorted(os.listdir(path.folder)) if _stray(entry, name, known))


def half_written(entry: str) -> str:
    """The name of the file that a hidden one was to become; '' where it is none of ours."""
    match = _HIDDEN.fullmatch(entry)
    return match["name"] if match else ""


def _stray(entry: str, name: re.Pattern[str], known: set[str]) -> bool:
    if target := half_written(entry):
        return name.fullmatch(target) is not None
    return name.fullmatch(entry) is not None and entry not in known


def _under(number: int, beneath: Beneath) -> tuple[Planes | None, HeaderFacts | None, str]:
    """The plate's planes and header facts of a frame, or why there are none."""
    if beneath.plate is None:
        return None, None, beneath.fault
    try:
        frame = beneath.plate.read(number)
        source = frame.source
        facts = None
        if isinstance(source, Source) and is_exr(source.file, str(source.file)):
            header = read_header(source.file, str(source.file))
            facts = header_facts(header, picture_channels(header, str(source.file))[0])
    except (FfVfxError, OSError) as error:
        return None, None, str(error)
    channels: dict[str, np.ndarray] = {}
    names: tuple[str, ...] = ("R", "G", "B", "A")[: len(frame.pixels)]
    if isinstance(source, Source) and source.parts:
        names = source.names
        for index, part in enumerate(source.parts):
            channels |= dict(_flat(part, "" if index == source.main else f"{part.name}:"))
    for index, name in enumerate(names):
        channels.setdefault(name, frame.pixels[index].numpy())
    return Planes(channels, frame.data_window, names), facts, ""


def _planes(parts: Sequence[SourcePart], header: Sequence[PartHeader], main: int, names: tuple[str, ...]) -> Planes:
    channels: dict[str, np.ndarray] = {}
    for index, part in enumerate(parts):
        channels |= dict(_flat(part, "" if index == main else f"{part.name}:"))
    window = header[main].data_window
    return Planes(channels, window, names)


def _flat(part: SourcePart, prefix: str) -> Iterator[tuple[str, np.ndarray]]:
    """The channels of a part that is no deep one."""
    for name, channel in part.channels.items():
        if channel.pixels.dtype.kind in "fu":
            yield prefix + name, channel.pixels
