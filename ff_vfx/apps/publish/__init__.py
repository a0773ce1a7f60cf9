"""Publishing: plugins for pyblish and an add-on for AYON, which run `ff-vfx check` and say what it found.

Read by launchers: `register()` is the entry point `ff-vfx` of the group `pyblish.plugins`; or put `plugins_folder()` on
PYBLISHPLUGINPATH. The plugins themselves need the standard library and pyblish alone, so hosts load nothing of ours.
"""

from __future__ import annotations

from pathlib import Path


def plugins_folder() -> str:
    """Where the pyblish plugins lie; for PYBLISHPLUGINPATH."""
    return str(Path(__file__).resolve().parent / "plugins")


def ayon_folder() -> str:
    """Where the AYON add-on's source lies."""
    return str(Path(__file__).resolve().parent / "ayon")


def register() -> str:
    """Make pyblish look into the plugins' folder; gives the folder. pyblish must be installed."""
    import pyblish.api

    pyblish.api.register_plugin_path(plugins_folder())
    return plugins_folder()


__all__ = ["ayon_folder", "plugins_folder", "register"]
