"""A worker's life: the lock, the secret, the socket, the log, serving, and leaving nothing behind. Read by commands."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from types import FrameType
from typing import IO

from ff_vfx import __version__
from ff_vfx.apps.worker.place import (
    LONGEST_SOCKET_PATH,
    WINDOWS,
    Endpoint,
    Place,
    PlaceRefused,
    make_private,
    make_secret,
    write_endpoint,
)

_LOG = logging.getLogger("ff_vfx.apps.worker")
_LOG_BYTES, _LOG_FILES = 1_000_000, 2


@dataclass(frozen=True, slots=True)
class Options:
    """How a worker is run. idle_seconds: 0: for ever. most_bytes: to remember pictures in. device: as Job.device."""

    idle_seconds: float = 1800.0
    most_bytes: int = 4 << 30
    device: str = ""
    tcp: bool = WINDOWS


class AlreadyRunning(OSError):
    """A worker of that name holds the lock."""


def run_worker(place: Place, options: Options) -> str:
    """Serve until the end; gives why it ended. In the main thread: signals end it.

    Raises:
        AlreadyRunning: there is one. PlaceRefused: the runtime folder cannot be used.
    """
    make_private(place.folder)
    with _lock(place), _log(place):
        secret = make_secret(place)
        _clear(place)
        # Late: they load torch.
        from ff_vfx.apps.worker.desk import Desk
        from ff_vfx.apps.worker.server import Server
        from ff_vfx.apps.worker.sessions import Sessions
        from ff_vfx.door.hosts.remembered import Pictures

        listening, endpoint = _listen(place, tcp=options.tcp)
        desk = Desk(place, Sessions(Pictures(options.most_bytes)), options.device, options.most_bytes)
        server = Server(listening, secret, desk, options.idle_seconds)

        def told(number: int, frame: FrameType | None) -> None:
            server.end(f"signal {number}")

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, told)
        write_endpoint(place, endpoint)
        _LOG.info("ff-vfx %s, process %d, listens at %s", __version__, os.getpid(), endpoint.address)
        try:
            why = server.run()
            _LOG.info("ended: %s", why)
            return why
        finally:
            _clear(place)


def _listen(place: Place, *, tcp: bool) -> tuple[socket.socket, Endpoint]:
    if tcp:
        end = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        end.bind(("127.0.0.1", 0))
        return end, Endpoint("tcp", os.getpid(), f"127.0.0.1 {end.getsockname()[1]}")
    path = str(place.socket)
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise PlaceRefused(
            f"{path}: is longer than {LONGEST_SOCKET_PATH} bytes; set FF_VFX_RUNTIME to a shorter folder"
        )
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.bind(path)
    os.chmod(path, 0o600)
    return end, Endpoint("unix", os.getpid(), path)


def _clear(place: Place) -> None:
    """Take away what a worker that died, or this one, leaves; only who holds the lock may."""
    place.endpoint.unlink(missing_ok=True)
    place.socket.unlink(missing_ok=True)


@contextmanager
def _lock(place: Place) -> Iterator[None]:
    with os.fdopen(os.open(place.lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600), "r+b") as file:
        try:
            _take_lock(file)
        except OSError as error:
            raise AlreadyRunning(f"a worker '{place.name}' is running already; its log: {place.log}") from error
        yield


def _take_lock(file: IO[bytes]) -> None:
    """For as long as the file is open, and this process lives."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _log(place: Place) -> Iterator[None]:
    handler = RotatingFileHandler(place.log, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    place.log.chmod(0o600)
    # The door warns where a session cannot be written down.
    heard = _LOG, logging.getLogger("ff_vfx.door")
    for log in heard:
        log.addHandler(handler)
    _LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        for log in heard:
            log.removeHandler(handler)
        handler.close()
