"""C2PA credentials held against the files of a manifest. Read by verifying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.content_credentials import read_credentials, sidecar_of
from ff_vfx.trust.label import COMPOSITE, GENERATED
from ff_vfx.types.finding import Finding
from ff_vfx.types.manifest import Manifest


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of the credentials. faults: frame (None: the whole) -> what is wrong."""

    faults: tuple[tuple[int | None, str], ...]
    states: tuple[str, ...]


def credentials_of(manifest: Manifest, numbers: Sequence[int], missing: Sequence[int]) -> Finding:
    """Whether the credentials of a manifest and of its files are of these very files. missing: frames not there."""
    folder = Path(manifest.path).parent
    whole = folder / manifest.pattern if manifest.kind != "sequence" else Path(manifest.path)
    files: list[tuple[int | None, Path]] = [(None, whole)]
    if manifest.kind == "sequence":
        there = [number for number in numbers if number not in missing]
        files += [(number, folder / manifest.frames[number].made.file) for number in there]
        files = [(number, path) for number, path in files if sidecar_of(path).is_file()]
    read = _read_all(files)
    if read.faults:
        told = "; ".join(f"{number}: {fault}" if number is not None else fault for number, fault in read.faults[:5])
        at_fault = tuple(number for number, _ in read.faults if number is not None)
        return Finding("c2pa", "failed", f"C2PA credentials are not of these files: {told}", at_fault)
    if not read.states:
        return Finding("c2pa", "skipped", "no C2PA credentials")
    known = "by a signer known here" if set(read.states) == {"trusted"} else "by a signer C2PA does not know here"
    what = f"{len(read.states)} sidecar{'s' * (len(read.states) > 1)}" if manifest.kind == "sequence" else "inside"
    return Finding("c2pa", "passed", f"C2PA credentials ({what}) are whole, {known}")


def _read_all(files: Sequence[tuple[int | None, Path]]) -> _Read:
    faults: list[tuple[int | None, str]] = []
    states: list[str] = []
    for number, path in files:
        try:
            found = read_credentials(path) if path.is_file() else None
        except (TrustError, OSError) as error:
            faults.append((number, str(error)))
            continue
        if found is None:
            continue
        states.append(found.state)
        if found.state == "invalid":
            faults.append((number, f"{path.name}: {', '.join(found.faults[:3]) or 'invalid'}"))
        elif not {COMPOSITE, GENERATED} & set(found.source_types):
            faults.append((number, f"{path.name}: they do not say that it is AI-made"))
    return _Read(tuple(faults), tuple(states))
