"""Folders that results go to. Read by every module of the door that writes."""

from __future__ import annotations

import os
from pathlib import Path

from ff_vfx.errors import WriteRefused


def make_folder(folder: Path) -> None:
    """Make a folder and see that it can be written, before hours are spent.

    Raises:
        WriteRefused: it cannot.
    """
    probe = folder / f".ff-vfx.{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise WriteRefused(f"folder {folder}: {error.strerror}; choose one that can be written") from error
