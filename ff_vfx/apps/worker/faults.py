"""From what went wrong to the status that says so. Read by desk: whatever happens, a request is answered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ff_vfx import errors
from ff_vfx.apps.worker import wire
from ff_vfx.apps.worker.asked import Asked, Cancelled
from ff_vfx.apps.worker.taken import BlockRefused
from ff_vfx.door.hosts.picture import BadPicture
from ff_vfx.door.hosts.session_job import NotTracked

_LOG = logging.getLogger(__name__)
_STATUSES: tuple[tuple[type[BaseException], int], ...] = (
    (Cancelled, wire.CANCELLED),
    (BlockRefused, wire.NO_BLOCK),
    (BadPicture, wire.BAD_IMAGE),
    (NotTracked, wire.NOT_TRACKED),
    (errors.PlateError, wire.PLATE),
    (errors.SolveMismatch, wire.SOLVE),
    (errors.FaceNotFound, wire.FACE),
    (errors.ModelError, wire.MODEL),
    (errors.WriteRefused, wire.WRITE),
    (errors.UnknownColourSpace, wire.COLOUR),
    (errors.FfVfxError, wire.INPUT),
    (MemoryError, wire.MEMORY),
    (OSError, wire.INPUT),
)


class Refused(Exception):
    """A request that is answered with this status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@contextmanager
def answer_for(asked: Asked) -> Iterator[None]:
    """Turn what the block raises into the request's answer."""
    try:
        yield
    except Refused as error:
        asked.refuse(error.status, str(error))
    except Exception as error:  # noqa: BLE001  whoever asked must hear something
        status = status_of(error)
        if status == wire.BUG:
            _LOG.exception("request %d of connection %d, kind %#06x", asked.number, asked.who, asked.kind)
        asked.refuse(status, _text(error, status))


def status_of(error: BaseException) -> int:
    """The first that fits."""
    if "out of memory" in str(error).lower():
        return wire.MEMORY
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), wire.BUG)


def _text(error: BaseException, status: int) -> str:
    if status == wire.BUG:
        return f"unexpected {type(error).__name__}: {error}; a bug in ff-vfx, report it with the worker's log"
    if status == wire.MEMORY:
        return f"out of memory: {error}; lower fuse.crop_px or steady.window, or start the worker with less to remember"
    return str(error) or type(error).__name__
