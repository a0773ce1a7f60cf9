"""Where a worker is found: the user's runtime folder, the secret, the endpoint. Read by both ends; Python 3.9.

A folder that others could write, or that is a link, is refused by both.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

WINDOWS = sys.platform == "win32"
_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_SECRET = re.compile(r"[0-9a-f]{64}\n?")
LONGEST_SOCKET_PATH = 100  # bytes; the systems' own limits are 104 and 108


class PlaceRefused(OSError):
    """The runtime folder, or a file in it, is not as it must be; the message says what to change."""


class Endpoint(NamedTuple):
    """Where a worker listens. family: 'unix' or 'tcp'. address: a path, or host and port."""

    family: str
    pid: int
    address: str


class Place(NamedTuple):
    """The files of the worker of one name."""

    folder: Path
    name: str

    @property
    def secret(self) -> Path:
        return self.folder / "secret"

    @property
    def endpoint(self) -> Path:
        return self.folder / (self.name + ".endpoint")

    @property
    def socket(self) -> Path:
        return self.folder / (self.name + ".sock")

    @property
    def lock(self) -> Path:
        return self.folder / (self.name + ".lock")

    @property
    def log(self) -> Path:
        return self.folder / (self.name + ".log")

    @property
    def blocks(self) -> Path:
        return self.folder / "blocks"


def place_of(name: str = "main") -> Place:
    """The files of the worker of this name; none need be there.

    Raises:
        PlaceRefused: it is no name.
    """
    if not _NAME.fullmatch(name):
        raise PlaceRefused(f"worker name '{name}': use 1 to 32 of a-z, 0-9, - and _")
    return Place(runtime_folder(), name)


def runtime_folder() -> Path:
    """The user's folder for sockets and the like; it need not be there."""
    if given := os.environ.get("FF_VFX_RUNTIME"):
        return Path(given)
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()) / "ff-vfx" / "run"
    if given := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(given) / "ff-vfx"
    return Path(os.environ.get("TMPDIR") or "/tmp") / f"ff-vfx-{os.getuid()}"


def make_private(folder: Path) -> None:
    """Make a folder that is this user's alone.

    Raises:
        PlaceRefused: it cannot be, or is there and is not.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PlaceRefused(f"folder {folder}: {error.strerror}; set FF_VFX_RUNTIME to another") from error
    check_private(folder)


def check_private(folder: Path) -> None:
    """See that a folder is this user's alone.

    Raises:
        PlaceRefused: it is not, or is not there.
    """
    try:
        status = os.lstat(folder)
    except OSError as error:
        raise PlaceRefused(f"folder {folder}: {error.strerror}; is a worker running?") from error
    if not stat.S_ISDIR(status.st_mode):
        raise PlaceRefused(f"folder {folder}: is no folder, or a link; remove it or set FF_VFX_RUNTIME")
    if not WINDOWS and (status.st_uid != os.getuid() or status.st_mode & 0o077):
        raise PlaceRefused(f"folder {folder}: others may enter it; run `chmod 700` on it or set FF_VFX_RUNTIME")


def read_secret(place: Place) -> bytes:
    """The 32 bytes that both ends must know.

    Raises:
        PlaceRefused: there is none, it is damaged, or others can read it.
    """
    check_private(place.folder)
    try:
        status = os.lstat(place.secret)
        text = place.secret.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise PlaceRefused(f"{place.secret}: {error.strerror}; start a worker, it makes one") from error
    if not stat.S_ISREG(status.st_mode) or (not WINDOWS and (status.st_mode & 0o077 or status.st_uid != os.getuid())):
        raise PlaceRefused(f"{place.secret}: others can read it; remove it, the next worker makes a new one")
    if not _SECRET.fullmatch(text):
        raise PlaceRefused(f"{place.secret}: is no secret; remove it, the next worker makes a new one")
    return bytes.fromhex(text.strip())


def make_secret(place: Place) -> bytes:
    """The secret that is there, or a new one; of two who make one at once both get the same."""
    if not place.secret.exists():
        new = place.folder / f".secret.{os.getpid()}.{secrets.token_hex(4)}"
        write_private(new, secrets.token_hex(32) + "\n")
        try:
            # Neither replaces a secret that somebody else has made meanwhile.
            make = os.rename if WINDOWS else os.link
            make(new, place.secret)
        except FileExistsError:
            pass
        finally:
            new.unlink(missing_ok=True)
    return read_secret(place)


def write_private(path: Path, text: str) -> None:
    """A new file of this user's alone.

    Raises:
        FileExistsError: it is there.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)


def write_endpoint(place: Place, endpoint: Endpoint) -> None:
    """Tell clients where the worker listens."""
    new = place.folder / f".{place.name}.endpoint.{os.getpid()}"
    new.unlink(missing_ok=True)
    write_private(new, " ".join((endpoint.family, str(endpoint.pid), endpoint.address)) + "\n")
    os.replace(new, place.endpoint)


def read_endpoint(place: Place) -> Endpoint | None:
    """Where the worker says it listens; None: there is none. It may have died since.

    Raises:
        PlaceRefused: the folder is not this user's alone.
    """
    if not place.endpoint.exists():
        return None
    check_private(place.folder)
    try:
        words = place.endpoint.read_text(encoding="utf-8").rstrip("\n").split(" ", 2)
    except OSError:
        return None
    if len(words) != 3 or words[0] not in ("unix", "tcp") or not words[1].isdecimal():
        return None
    return Endpoint(words[0], int(words[1]), words[2])
