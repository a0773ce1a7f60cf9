"""Who is who in a job: its pack, its recogniser and what finds its faces, checked early, opened late. Read by work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ff_vfx.engine import models_folder
from ff_vfx.engine.model import Say, silent
from ff_vfx.engine.pack import Pack, read_pack
from ff_vfx.track.chosen import ChosenModels, chosen_models
from ff_vfx.track.recognise import Recogniser
from ff_vfx.types.device import CPU, Device
from ff_vfx.types.job import Job


def open_pack(job: Job) -> Pack | None:
    """The job's pack as manifests, nothing loaded; None where it names none.

    Raises:
        ModelError: no such folder, or no pack in it. Nothing is ever downloaded.
    """
    return read_pack(Path(job.pack).expanduser()) if job.pack else None


def models_of(job: Job) -> ChosenModels:
    """The detector, recogniser and landmarks a job amounts to. Errors as open_pack and chosen_models."""
    return chosen_models(models_folder(job.models), job.settings.track, open_pack(job))


def detection_key(job: Job) -> str:
    """Changes when a solve must be made again because another network finds or knows faces; '' for the embedded."""
    return models_of(job).key


def recogniser_key(job: Job) -> str:
    """The hash of the recogniser, for the stamp; '' where there is none. Errors as open_pack and chosen_models."""
    chosen = models_of(job).recogniser
    return "" if chosen is None else chosen.manifest.sha256


def open_recogniser(job: Job, devices: Sequence[Device] = (CPU,), say: Say = silent) -> Recogniser | None:
    """The recogniser the settings name, else the pack's; None where there is neither.

    Args:
        devices, say: as for ff_vfx.engine.open_engine.

    Raises:
        BadInput, ModelError: it cannot be what the job says, or does not run.
    """
    chosen = models_of(job).recogniser
    return None if chosen is None else Recogniser(chosen.open(devices, say))
