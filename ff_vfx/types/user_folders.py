"""Where a user's own files live, by each system's convention. Read by whoever keeps some: models, plans, solves, keys.

None of these folders need exist. Nothing here is a setting of ours: the XDG variables are the system's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NAME = "ff-vfx"


def cache_folder() -> Path:
    """What can be made again."""
    if sys.platform == "win32":
        return _local() / _NAME / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / _NAME
    return _xdg("XDG_CACHE_HOME", ".cache")


def data_folder() -> Path:
    """What was fetched or made, and is wanted again."""
    if sys.platform == "win32":
        return _local() / _NAME
    if sys.platform == "darwin":
        return _support()
    return _xdg("XDG_DATA_HOME", ".local/share")


def config_folder() -> Path:
    """What the user decided: keys he trusts, his own key, records."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / _NAME
    if sys.platform == "darwin":
        return _support()
    return _xdg("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """What happened: logs."""
    if sys.platform == "win32":
        return _local() / _NAME / "state"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / _NAME
    return _xdg("XDG_STATE_HOME", ".local/state")


def site_folder() -> Path:
    """What the studio decided for this machine; only its administrator writes here."""
    if sys.platform == "win32":
        return Path("C:/ProgramData") / _NAME
    if sys.platform == "darwin":
        return Path("/Library/Application Support") / _NAME
    return Path("/etc") / _NAME


def _xdg(variable: str, otherwise: str) -> Path:
    given = os.environ.get(variable, "")
    # The convention: a relative path is no path.
    return (Path(given) if os.path.isabs(given) else Path.home() / otherwise) / _NAME


def _local() -> Path:
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")


def _support() -> Path:
    return Path.home() / "Library" / "Application Support" / _NAME
