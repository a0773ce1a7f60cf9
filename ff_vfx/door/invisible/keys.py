"""The keys of the invisible mark: the public one, and a studio's own secret. Read by invisible, marks and job_stamp.

The secret is 32 random bytes as hexadecimal digits in trust/mark.key of the site's folder or the user's; whoever has it
can find a studio's marks, and lay them. Loads neither torch nor numpy.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from ff_vfx.errors import BadInput, WriteRefused
from ff_vfx.types.settings import OutputSettings
from ff_vfx.types.user_folders import config_folder, site_folder

_FILE = Path("trust") / "mark.key"
_BYTES = 32


def studio_key() -> bytes | None:
    """The studio's secret: the site's, else the user's; None where there is none.

    Raises:
        BadInput: the file is no such key.
    """
    for folder in (site_folder(), config_folder()):
        path = folder / _FILE
        try:
            with open(path, "rb") as file:
                text = file.read(4 * _BYTES)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadInput(
                f"mark key {path}: cannot be read ({error}); ask whoever administers this machine"
            ) from error
        try:
            key = bytes.fromhex(text.decode("ascii").strip())
        except ValueError as error:
            raise BadInput(f"mark key {path}: is no key of 64 hexadecimal digits; put back the right file") from error
        if len(key) != _BYTES:
            raise BadInput(f"mark key {path}: has {len(key)} bytes, not {_BYTES}; put back the right file")
        return key
    return None


def needed_studio_key() -> bytes:
    """The same, where nothing goes without.

    Raises:
        BadInput: there is none.
    """
    key = studio_key()
    if key is None:
        where = f"{site_folder() / _FILE} or {config_folder() / _FILE}"
        raise BadInput(f"mark key: no studio's key in {where}; copy it there, or make one with `ff-vfx mark key`")
    return key


def mark_key_id(output: OutputSettings) -> tuple[str, ...]:
    """What of the key decides pixels: nothing without a mark, or under the public key.

    Raises:
        BadInput: the studio's key is asked for and is not there.
    """
    if not output.invisible_mark or output.mark_key == "public":
        return ()
    return (f"mark key {key_print(needed_studio_key())}",)


def new_studio_key() -> Path:
    """Make the user's key, readable by him alone.

    Raises:
        WriteRefused: there is one; a new one would never find what the old one marked.
    """
    path = config_folder() / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise WriteRefused(f"mark key {path}: is there already, and finds what it marked; keep it") from error
    except OSError as error:
        raise WriteRefused(f"mark key {path}: cannot be written ({error})") from error
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
    return path


def key_print(key: bytes) -> str:
    """16 hexadecimal digits by which people know a key; it says nothing of the key itself."""
    return hashlib.sha256(b"ff-vfx mark key " + key).hexdigest()[:16]
