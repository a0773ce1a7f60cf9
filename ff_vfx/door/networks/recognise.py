"""Who is who in a job: its pack, its recogniser and what finds its faces, checked early, opened late. Read by work."""

from __future__ import annotations

from pathlib import Path

from ff_vfx.engine import models_folder
from ff_vfx.engine.model import Say, silent
from ff_vfx.engine.models.pack import Pack, read_pack
from ff_vfx.track.chosen import ChosenModels, chosen_models
from ff_vfx.track.networks import Detectors, open_detectors
from ff_vfx.types.device import parse_devices
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


def open_job_detectors(job: Job, say: Say = silent) -> Detectors:
    """All that finds, follows and knows faces in this job, loaded on its device.

    Args:
        say: hears each thing that cannot be as the job says, and what is done instead.

    Raises:
        BadInput, ModelError: as open_pack and chosen_models; or one does not run.
    """
    devices = parse_devices(job.device)
    return open_detectors(models_folder(job.models), job.settings.track, open_pack(job), devices, say)
