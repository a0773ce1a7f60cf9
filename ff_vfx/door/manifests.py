"""Where a sequence's manifest lies, and which is the one of what a person names. Read by verifying and provenance."""

from __future__ import annotations

from pathlib import Path

from ff_vfx.errors import BadInput, TrustError
from ff_vfx.plate import sequence_path
from ff_vfx.trust.manifest import ENDING, read_manifest
from ff_vfx.types.manifest import Manifest

_MOST_LOOKED_AT = 64  # manifests in one folder, for the one that knows a file


def manifest_path(pattern: str) -> Path:
    """The manifest of a pattern's frames, or of a movie: beside them.

    'out/comp.####.exr' has 'out/comp.ffmanifest.json', 'out/comp.mov' has 'out/comp.mov.ffmanifest.json'.

    Raises:
        BadInput: the pattern is none.
    """
    path = sequence_path(pattern)
    if not path.numbered:
        return path.folder / f"{path.before}{ENDING}"
    after = path.after.rpartition(".")[0]
    name = (path.before.rstrip("._- ") + after).strip("._- ")
    return path.folder / f"{name or 'frames'}{ENDING}"


def same_pattern(pattern: str) -> str:
    """The frames' name without a folder, one text for all spellings: 'comp.####.exr' for 'out/comp.%04d.exr'."""
    path = sequence_path(pattern)
    return f"{path.before}{'#' * max(path.digits, 1)}{path.after}" if path.numbered else path.before


def read_manifest_of(named: str) -> Manifest:
    """The manifest of a pattern, a movie, one frame, a folder with one sequence, or a manifest's own path.

    Raises:
        BadInput: no manifest is there, or a folder has several. TrustError: it is altered.
    """
    path = Path(named)
    if path.is_dir():
        return read_manifest(only_manifest(path))
    if named.endswith(ENDING):
        return read_manifest(path)
    beside = manifest_path(named)
    if beside.is_file():
        return read_manifest(beside)
    if path.is_file() and (manifest := _that_knows(path)):
        return manifest
    raise BadInput(
        f"{named}: no manifest beside it ({beside.name}); it was not written by ff-vfx, or without its folder"
    )


def only_manifest(folder: Path) -> Path:
    """The manifest of a folder with one sequence.

    Raises:
        BadInput: it has none, or several.
    """
    found = manifests_in(folder)
    if len(found) != 1:
        what = "has no manifest" if not found else "has several: " + ", ".join(one.name for one in found[:8])
        raise BadInput(f"{folder}: the folder {what}; name a pattern, such as {folder}/comp.####.exr")
    return found[0]


def manifests_in(folder: Path) -> list[Path]:
    """All manifests of a folder, by name."""
    return sorted(path for path in folder.glob(f"*{ENDING}") if path.is_file() and not path.name.startswith("."))


def _that_knows(path: Path) -> Manifest | None:
    """The manifest beside a file that names it; one that cannot be read may be the one, so its error counts."""
    failure: TrustError | None = None
    for beside in manifests_in(path.parent)[:_MOST_LOOKED_AT]:
        try:
            manifest = read_manifest(beside)
        except TrustError as error:
            failure = failure or error
            continue
        if any(record.made.file == path.name for record in manifest.frames.values()):
            return manifest
    if failure:
        raise failure
    return None
