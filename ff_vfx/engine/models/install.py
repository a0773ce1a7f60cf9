"""Take a network into the model folder: check it there in hiding, then put it whole. Read by the door.

The manifest comes last, so that a stop midway leaves no model that is not one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ff_vfx.engine.models.check import check_model
from ff_vfx.engine.models.describe import About, describe
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.errors import BadInput, ModelError

RESERVED = "embedded"  # what `models pull` calls the embedded ones
_BUFFER = 1 << 20
_SAYS_ALL = "a manifest says it all; give no other options, or the network's own file"
_SAYS_NOTHING = "a network's file does not say whose it is; give kind or --like, licence, use and origin"


def add_model(file: Path, folder: Path, about: About | None, say: Callable[[str], None]) -> Manifest:
    """Put a network and its manifest into a model folder, or nothing.

    Args:
        file: an ONNX or safetensors file, described by `about` and itself; or a manifest with its file beside it, and
            no `about`. folder: made if needed. say: told what was taken for granted.

    Raises:
        BadInput: `about` makes no sense. ModelError: the file is not what is said of it, or its name is taken.
    """
    ready = file.suffix.lower() == ".json"
    if ready != (about is None):
        raise BadInput(f"models add {file}: " + (_SAYS_ALL if ready else _SAYS_NOTHING))
    if about is None:
        manifest = read_manifest(file)
        source = file.parent / manifest.file
    else:
        manifest, source = describe(file, about, say), file
    if manifest.name == RESERVED:
        raise BadInput(f"models add {file}: '{RESERVED}' is what the embedded models are called; choose another --name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_taken(manifest, folder)
        with tempfile.TemporaryDirectory(prefix=".add-", dir=folder) as hidden:
            _staged(manifest, source, Path(hidden))
            _put(manifest, Path(hidden), folder)
    except OSError as error:
        reason = f"{error.strerror or error}; see that it is there and may be read, and the folder has room"
        raise ModelError(f"models add {file} to {folder}: {reason}") from error
    return manifest


def _refuse_taken(manifest: Manifest, folder: Path) -> None:
    """A name or a file that is another's already is not written over; the same model may be added again."""
    path, file = folder / f"{manifest.name}.json", folder / manifest.file
    if path.exists():
        if path.read_text(encoding="utf-8") == manifest.as_json():
            return
        raise ModelError(f"models add: {path} is there and says something else; remove it, or choose another --name")
    if file.exists() and sha256_of(file) != manifest.sha256:
        raise ModelError(f"models add: {file} is there and is another file; remove it, or choose another --name")


def _staged(manifest: Manifest, source: Path, hidden: Path) -> None:
    """File and manifest in the hidden folder, on disk and checked.

    Raises:
        ModelError: with every fault found.
    """
    copy, path = hidden / manifest.file, hidden / f"{manifest.name}.json"
    with source.open("rb") as taken, copy.open("wb") as given:
        shutil.copyfileobj(taken, given, _BUFFER)
        given.flush()
        os.fsync(given.fileno())
    with path.open("w", encoding="utf-8") as file:
        file.write(manifest.as_json())
        file.flush()
        os.fsync(file.fileno())
    checked = check_model(path)
    if not checked.ok:
        faults = "; ".join(checked.faults).replace(str(hidden), str(source.parent))
        raise ModelError(f"models add {source}: refused: {faults}")


def _put(manifest: Manifest, hidden: Path, folder: Path) -> None:
    """The file, then its manifest; a stop between the two takes the file away again if it was not there before."""
    target = folder / manifest.file
    new = not target.exists()
    try:
        os.replace(hidden / manifest.file, target)
        os.replace(hidden / f"{manifest.name}.json", folder / f"{manifest.name}.json")
    except BaseException:
        if new:
            target.unlink(missing_ok=True)
        raise
