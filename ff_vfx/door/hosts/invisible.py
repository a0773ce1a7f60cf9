"""The invisible mark in a host's frames: the one that a render of the same job lays. Read by session."""

from __future__ import annotations

from ff_vfx.door.cast import Member
from ff_vfx.door.consent import Cleared
from ff_vfx.door.hosts.session_job import SessionJob
from ff_vfx.door.invisible.laying import Invisible, invisible_of
from ff_vfx.door.job_stamp import Chosen, job_stamp
from ff_vfx.door.networks.brought import check_networks
from ff_vfx.types.layers import Layers


class HostMark:
    """The mark of a session's job; worked out again only when what the job is made from is another."""

    def __init__(self, session: SessionJob) -> None:
        self._session = session
        self._of = b""
        self._invisible: Invisible | None = None

    def laid(self, people: tuple[Member, ...], cleared: Cleared, layers: Layers) -> Layers:
        """One frame's layers, marked as `ff-vfx fuse` would mark them.

        Raises:
            BadInput: the studio's key is asked for and is not there.
        """
        output = self._session.job.settings.output
        if not output.invisible_mark:
            return layers
        if (made_of := self._session.stamp(cleared)) != self._of:
            self._invisible = invisible_of(output, stamp_in_host(self._session, cleared), people)
            self._of = made_of
        return self._invisible.laid(layers) if self._invisible else layers


def stamp_in_host(session: SessionJob, cleared: Cleared) -> str:
    """The stamp that a render of the session's job writes into its files."""
    networks = check_networks(session.job, session.roles)
    chosen = Chosen(session.roles, networks, cleared, session.plate.numbers)
    return job_stamp(session.job, session.plate, session.solve_file, chosen)
