"""The flow network a job names, checked early and opened late. Read by work."""

from __future__ import annotations

from pathlib import Path

from ff_vfx.engine import models_folder, open_model, read_manifest
from ff_vfx.engine.model import Say, silent
from ff_vfx.errors import BadInput
from ff_vfx.steady.flow import FlowMethod
from ff_vfx.steady.flow_network import NetworkFlow
from ff_vfx.types.device import parse_devices
from ff_vfx.types.job import Job


def flow_key(job: Job) -> str:
    """The hash of the network that finds the flow, for the stamp; '' where it is found without one.

    Raises:
        BadInput: a network is wanted and none is named. ModelError: its manifest cannot be read.
    """
    steady = job.settings.steady
    if steady.flow != "network":
        return ""
    folder = models_folder(job.models)
    if not steady.flow_model:
        raise BadInput(
            f"steady.flow = network: no model is named; put one of kind 'flow' into {folder} and its name into "
            "steady.flow_model, or choose fast, medium, fine or finest"
        )
    if Path(steady.flow_model).name != steady.flow_model:
        raise BadInput(f"steady.flow_model {steady.flow_model}: is a path; give the name of a model in {folder}")
    return read_manifest(folder / f"{steady.flow_model}.json").sha256


def open_flow(job: Job, space: str, exposure_stops: float, say: Say = silent) -> FlowMethod | None:
    """The network that finds the flow; None where the settings want DIS.

    Args:
        space: the scene-linear colour space worked in. exposure_stops: the shot's. say: hears each fallback.

    Raises:
        BadInput: none is named, or it is of another kind or layout. ModelError: it cannot be opened.
    """
    if not flow_key(job):
        return None
    engine = open_model(job.settings.steady.flow_model, models_folder(job.models), parse_devices(job.device), say)
    return NetworkFlow(engine, space, exposure_stops)
