"""The invisible mark in a host's frames: the one that a render of the same job lays. Read by session."""

from __future__ import annotations

from ff_vfx.door.cast import Member
from ff_vfx.door.consent import Cleared
from ff_vfx.door.hosts.session_job import SessionJob
from ff_vfx.door.invisible.laying import invisible_of
from ff_vfx.door.job_stamp import Chosen, job_stamp
from ff_vfx.door.networks.brought import check_networks
from ff_vfx.types.layers import Layers


def invisible_in_host(session: SessionJob, people: tuple[Member, ...], cleared: Cleared, layers: Layers) -> Layers:
    """One frame's layers, marked as `ff-vfx fuse` would mark them.

    Raises:
        BadInput: the studio's key is asked for and is not there.
    """
    invisible = invisible_of(session.job.settings.output, stamp_in_host(session, cleared), people)
    return invisible.laid(layers) if invisible else layers


def stamp_in_host(session: SessionJob, cleared: Cleared) -> str:
    """The stamp that a render of the session's job writes into its files."""
    networks = check_networks(session.job, session.roles)
    chosen = Chosen(session.roles, networks, cleared, session.plate.numbers)
    return job_stamp(session.job, session.plate, session.solve_file, chosen)
