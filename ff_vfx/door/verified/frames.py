"""Each file of a manifest held against what the manifest says: missing, changed, moved, unknown. Read by verifying."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ff_vfx.door.manifests import same_pattern
from ff_vfx.door.provenance import hashed
from ff_vfx.errors import PlateError
from ff_vfx.plate import sequence_path
from ff_vfx.plate.exr_header import PartHeader, read_header
from ff_vfx.trust.label import attributes_of, label_of
from ff_vfx.types.manifest import FileHash, FrameRecord, Manifest

_THREADS = 2


@dataclass(frozen=True, slots=True)
class VerifiedFrames:
    """Frames of a manifest. intact: as they were made. missing: not there. changed: frame -> how, in words.

    unknown: files of the sequence that the manifest does not name: frame -> file, and what it says of itself.
    """

    intact: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    changed: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)


def verify_frames(manifest: Manifest, only: Iterable[int] | None = None) -> VerifiedFrames:
    """Read every file to its end and compare.

    Args:
        only: these frames alone; None: all, and whatever else lies there.
    """
    folder = Path(manifest.path).parent
    records = [record for number, record in manifest.frames.items() if only is None or number in set(only)]
    if manifest.kind != "sequence":
        # One file: it is read once, and what is wrong with it is wrong with every frame.
        fault = _fault(manifest, folder, records[0]) if records else ""
        faults = [fault] * len(records)
    else:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="ff-verify") as threads:
            faults = list(threads.map(partial(_fault, manifest, folder), records))
    judged = {record.number: fault for record, fault in zip(records, faults, strict=True)}
    return VerifiedFrames(
        tuple(number for number, fault in judged.items() if fault == ""),
        tuple(number for number, fault in judged.items() if fault is None),
        {number: fault for number, fault in judged.items() if fault},
        _unknown(manifest, folder) if only is None and manifest.kind == "sequence" else {},
    )


def verify_plate(manifest: Manifest, plate: str, numbers: Iterable[int]) -> dict[int, str]:
    """Frames whose plate is not the one they were made from: frame -> how, in words.

    Args:
        plate: pattern or movie, where it lies now.

    Raises:
        BadInput: the pattern is none, or its folder cannot be listed.
    """
    pattern = sequence_path(plate)
    there = pattern.found() if pattern.numbered else {}
    files = {number: there.get(number) if pattern.numbered else pattern.at(0) for number in numbers}
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="ff-verify") as threads:
        paths = list(dict.fromkeys(path for path in files.values() if path))
        found = dict(zip(paths, threads.map(lambda path: hashed(path).sha256, paths), strict=True))
    wrong: dict[int, str] = {}
    for number, path in files.items():
        digest = found.get(path, "") if path else ""
        if digest != manifest.frames[number].plate.sha256:
            wrong[number] = f"{path.name} is another" if path and digest else "is not there"
    return wrong


def _fault(manifest: Manifest, folder: Path, record: FrameRecord) -> str | None:
    """How a frame's file is not what was made; '' where it is; None where there is none."""
    path = folder / record.made.file
    if not path.is_file():
        return None
    found = hashed(path)
    if found.sha256 == record.made.sha256:
        return ""
    return _how(manifest, record, path, found)


def _how(manifest: Manifest, record: FrameRecord, path: Path, found: FileHash) -> str:
    if not found.sha256:
        return f"{path.name} cannot be read"
    twin = next((one for one in manifest.frames.values() if one.made.sha256 == found.sha256), None)
    if twin:
        return f"{path.name} is the file of frame {twin.number}: it was moved or copied"
    if path.suffix.lower() != ".exr":
        return f"{path.name} is not the file that was made: {found.size} bytes, then {record.made.size}"
    try:
        header = read_header(path, path.name)
    except (PlateError, OSError) as error:
        return str(error)
    edited = _edited(manifest, record, header)
    if edited:
        return f"{path.name}: its header was edited: {', '.join(edited[:4])}"
    return f"{path.name}: its pixels or header were changed since it was made"


def _edited(manifest: Manifest, record: FrameRecord, header: Iterable[PartHeader]) -> list[str]:
    """Names of our attributes that do not say what they were made to say; those kept of a plate cannot be told."""
    said = {name: part.text(name) for part in header for name in part.values}
    label = label_of(manifest.origins[record.origin], record.stamp)
    told = attributes_of(label, record.number, record.plate, passed=record.outcome == "passed", earlier={})
    return [name for name, text in told.items() if said.get(name) != text and not said.get(name, "").startswith(text)]


def _unknown(manifest: Manifest, folder: Path) -> dict[int, str]:
    path = sequence_path(str(folder / manifest.pattern))
    if not path.numbered or same_pattern(manifest.pattern) != manifest.pattern:
        return {}
    named = {record.made.file for record in manifest.frames.values()}
    files = {number: file for number, file in path.found().items() if file.name not in named}
    by_content = {record.made.sha256: number for number, record in manifest.frames.items()}
    found: dict[int, str] = {}
    for number, file in files.items():
        twin = by_content.get(hashed(file).sha256)
        found[number] = f"{file.name} is the file of frame {twin}" if twin is not None else f"{file.name} is not in it"
    return found
