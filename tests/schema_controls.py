"""The names of all controls that the schemas ask for, from the schemas alone. Read by tests of gizmo and macro."""

from __future__ import annotations

from pydantic import BaseModel

from ff_vfx.types.job import Job
from ff_vfx.types.settings import Settings

_OWN = {"output", "frames", "stop_on_error", "overwrite", "settings"}  # asked when it is written, or the host's


def schema_controls() -> set[str]:
    """One a setting, one a field of a job, and the preset."""
    settings = {
        f"{group}_{field}"
        for group, value in Settings()
        if isinstance(value, BaseModel)
        for field in type(value).model_fields
    }
    return settings | {f"job_{field}" for field in set(Job.model_fields) - _OWN} | {"job_preset"}
