"""Which networks find and know faces: the settings', else a pack's, else the embedded. Read by networks and the door.

Only manifests are read here, so that whether a solve still fits is known before a network is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.engine.model import Say, open_engine, silent
from ff_vfx.engine.models.listing import verified_file
from ff_vfx.engine.models.manifest import Manifest, read_manifest
from ff_vfx.engine.models.pack import Pack
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.engine import Engine
from ff_vfx.types.settings import TrackSettings


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """One model and the folder its file lies in."""

    manifest: Manifest
    folder: Path

    def open(self, devices: Sequence[Device] = (CPU,), say: Say = silent) -> Engine:
        """Load it, its hash checked. ModelError: it is another file, or does not run."""
        return open_engine(self.manifest, verified_file(self.manifest, self.folder), devices, say)


@dataclass(frozen=True, slots=True, eq=False)
class ChosenModels:
    """detector: None for the embedded one. recogniser: None for none. landmarks: the pack's."""

    detector: Chosen | None = None
    recogniser: Chosen | None = None
    landmarks: tuple[Chosen, ...] = ()

    @property
    def key(self) -> str:
        """Changes with whatever decides a solve; '' for the embedded networks alone."""
        parts = [("detector", self.detector), ("recogniser", self.recogniser)]
        told = [f"{what} {one.manifest.name} {one.manifest.sha256}" for what, one in parts if one is not None]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16] if told else ""

    @property
    def names(self) -> dict[str, str]:
        """What made a solve, for its file: role -> name and the beginning of the hash."""
        parts = [("detector", self.detector), ("recogniser", self.recogniser)]
        return {what: f"{one.manifest.name} {one.manifest.sha256[:12]}" for what, one in parts if one is not None}


def chosen_models(models_folder: Path, settings: TrackSettings, pack: Pack | None = None) -> ChosenModels:
    """What the settings and the pack amount to.

    Raises:
        BadInput: a setting is a path, or names a model of another kind. ModelError: no such model, or a bad manifest.
    """
    detector = _named(models_folder, "track.detector", settings.detector, "face_detector")
    recogniser = _named(models_folder, "track.recogniser", settings.recogniser, "recogniser")
    if pack is None:
        return ChosenModels(detector, recogniser)
    return ChosenModels(
        detector or Chosen(pack.detector, pack.folder),
        recogniser or Chosen(pack.recogniser, pack.folder),
        tuple(Chosen(manifest, pack.folder) for manifest in pack.landmarks),
    )


def _named(folder: Path, setting: str, name: str, kind: str) -> Chosen | None:
    if not name:
        return None
    if Path(name).name != name:
        raise BadInput(f"{setting} {name}: is a path; give the name of a model in {folder}")
    path = folder / f"{name}.json"
    if not path.is_file():
        raise ModelError(f"{setting}: no model '{name}' in {folder}; `ff-vfx models list` shows what is there")
    manifest = read_manifest(path)
    if manifest.kind != kind:
        raise BadInput(f"{setting} {name}: is of kind '{manifest.kind}'; one of kind '{kind}' is needed")
    return Chosen(manifest, folder)
