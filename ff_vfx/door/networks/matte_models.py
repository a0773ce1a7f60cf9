"""The matte networks a job names, checked early and opened late. Read by work and preparing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ff_vfx.composite.occluder import open_occluder
from ff_vfx.composite.parsing import open_parser
from ff_vfx.composite.sight import MatteNetworks
from ff_vfx.engine import models_folder, open_model, read_manifest
from ff_vfx.engine.model import Say, silent
from ff_vfx.errors import BadInput
from ff_vfx.types.device import parse_devices
from ff_vfx.types.engine import Engine
from ff_vfx.types.job import Job

_KINDS = {"parser": "face_parser", "occluder": "occluder"}


def matte_models_key(job: Job) -> str:
    """What decides the networks' mattes, for the stamp: their files and how the manifests show them a face.

    '' where the job names none.

    Raises:
        BadInput: a name that is a path, or a model of another kind. ModelError: a manifest cannot be read.
    """
    keys = [_key(job, setting, name) for setting, name in _named(job).items()]
    return hashlib.sha256(" ".join(keys).encode()).hexdigest() if keys else ""


def open_matte_models(job: Job, space: str, exposure_stops: float, say: Say = silent) -> MatteNetworks | None:
    """The networks that refine the mattes; None where the job names none: the embedded mattes hold alone.

    Args:
        space: the scene-linear colour space worked in. exposure_stops: the shot's. say: hears each fallback.

    Raises:
        BadInput: one is of another kind or layout. ModelError: one cannot be opened.
    """
    matte_models_key(job)
    named = _named(job)
    if not named:
        return None
    engines = {setting: _opened(job, name, say) for setting, name in named.items()}
    return MatteNetworks(
        open_parser(engines["parser"], space, exposure_stops) if "parser" in engines else None,
        open_occluder(engines["occluder"], space, exposure_stops) if "occluder" in engines else None,
    )


def _named(job: Job) -> dict[str, str]:
    """'parser', 'occluder' -> the model, of those that are named."""
    composite = job.settings.composite
    both = {"parser": composite.parser, "occluder": composite.occluder}
    return {setting: name for setting, name in both.items() if name}


def _key(job: Job, setting: str, name: str) -> str:
    folder = models_folder(job.models)
    if Path(name).name != name:
        raise BadInput(f"composite.{setting} {name}: is a path; give the name of a model in {folder}")
    manifest = read_manifest(folder / f"{name}.json")
    if manifest.kind != _KINDS[setting]:
        raise BadInput(
            f"composite.{setting} {name}: a model of kind '{manifest.kind}'; name one of kind '{_KINDS[setting]}'"
        )
    shown = (manifest.inputs, manifest.outputs, manifest.template, manifest.multiple)
    return f"{setting} {manifest.sha256} {shown!r}"


def _opened(job: Job, name: str, say: Say) -> Engine:
    return open_model(name, models_folder(job.models), parse_devices(job.device), say)
