"""The stamp of a job as its files bear it; a host's session of that job has the same. Read by work and session_job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.door.cast import Role, role_key
from ff_vfx.door.consent import Cleared, cleared_key
from ff_vfx.door.in_order import chain_key
from ff_vfx.door.invisible.keys import mark_key_id
from ff_vfx.door.networks.brought import networks_key
from ff_vfx.door.stamp import make_stamp
from ff_vfx.engine import Manifest
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Who and what is in a job. numbers: the frames asked for; they count for what looks back alone."""

    roles: Sequence[Role]
    networks: Sequence[Manifest]
    cleared: Cleared
    numbers: Sequence[int]


def job_stamp(job: Job, plate: Plate, solve_file: Path, chosen: Chosen) -> str:
    """32 hexadecimal digits, see make_stamp.

    Raises:
        BadInput: the invisible mark's key is not there.
    """
    keys = [key for role in chosen.roles for key in role_key(role)]
    return make_stamp(
        plate_key=plate.key,
        solve_file=solve_file,
        stills=[still for role in chosen.roles for still in role.stills],
        settings=job.settings,
        choices=(
            *keys,
            networks_key(job, list(chosen.networks), list(chosen.roles)),
            job.plate_colour,
            plate.colour_space,
            job.stills_colour,
            chain_key(chosen.numbers, job.settings.steady),
            *cleared_key(chosen.cleared, job, plate),
            *mark_key_id(job.settings.output),
        ),
    )
