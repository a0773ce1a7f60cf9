"""A network that several people of a job use is loaded once. Read by preparing and by who opens networks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from ff_vfx.engine.model import Say, open_manifest, silent
from ff_vfx.types.device import parse_devices
from ff_vfx.types.engine import Engine
from ff_vfx.types.job import Job

Opener = Callable[[Path], Engine]


def opener(job: Job, say: Say = silent) -> Opener:
    """How this job opens a manifest: on its device, each file once.

    Args:
        say: hears once of each thing that cannot be as asked.
    """
    devices = parse_devices(job.device)
    opened = cache(lambda path: open_manifest(path, devices, say))
    return lambda path: opened(path.resolve())
