"""What a model folder holds, and which folder that is. Read by the door, and by model for the file it opens."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.engine.models.embedded import EMBEDDED
from ff_vfx.engine.models.manifest import Manifest, read_manifest, sha256_of
from ff_vfx.errors import ModelError
from ff_vfx.types.user_folders import data_folder

PULL = "ff-vfx models pull embedded"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One row of a listing. ok: it can be opened as far as hash and manifest say; reason: why not, empty when ok.

    size_bytes: of the file on disk, 0 where there is none.
    """

    name: str
    kind: str
    licence: str
    allowed_use: str
    ok: bool
    reason: str = ""
    runtime: str = ""
    size_bytes: int = 0


def verified_file(manifest: Manifest, folder: Path) -> Path:
    """The model's file, its hash checked now.

    Raises:
        ModelError: it is absent, unreadable, or another file than the manifest speaks of.
    """
    path = folder / manifest.file
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelError(
            f"model '{manifest.name}': {path} cannot be read: {error.strerror or error}; fix: {_fix(manifest)}"
        ) from error
    if found != manifest.sha256:
        raise ModelError(
            f"model '{manifest.name}': {path}: hash differs: {found[:12]}... found, {manifest.sha256[:12]}... "
            f"expected; fix: {_fix(manifest)}"
        )
    return path


def list_models(folder: Path) -> list[ModelState]:
    """Every manifest of a folder, by name, hashes checked; an empty list where there is no folder."""
    return [_state(path) for path in sorted(folder.glob("*.json"))]


def models_folder(given: str = "") -> Path:
    """Where models live: what was given, else $FF_VFX_MODELS, else the user's data folder. It need not exist yet."""
    chosen = given or os.environ.get("FF_VFX_MODELS", "")
    return Path(chosen).expanduser() if chosen else data_folder() / "models"


def _state(path: Path) -> ModelState:
    try:
        manifest = read_manifest(path)
    except ModelError as error:
        return ModelState(path.stem, "", "", "", ok=False, reason=str(error))
    row = (manifest.name, manifest.kind, manifest.licence, manifest.allowed_use)
    file = path.parent / manifest.file
    size = file.stat().st_size if file.is_file() else 0
    try:
        verified_file(manifest, path.parent)
    except ModelError as error:
        return ModelState(*row, ok=False, reason=str(error), runtime=manifest.runtime, size_bytes=size)
    return ModelState(*row, ok=True, runtime=manifest.runtime, size_bytes=size)


def _fix(manifest: Manifest) -> str:
    if any(manifest.sha256 == one.sha256 for one in EMBEDDED):
        return PULL
    if manifest.url:
        return f"ff-vfx models pull {manifest.name}"
    return f"put the right file there, from {manifest.origin}"
