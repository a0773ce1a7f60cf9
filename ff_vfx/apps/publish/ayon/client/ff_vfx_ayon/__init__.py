"""The add-on on an artist's machine: it shows AYON the publish plugins. Read by ayon-core.

The plugins are the same files as pyblish's; `python -m ff_vfx.apps.publish ayon` puts them beside this one.
"""

from __future__ import annotations

import os
from typing import Any

from ayon_core.addon import AYONAddon, IPluginPaths

_HERE = os.path.dirname(os.path.abspath(__file__))


class FfVfxAddon(AYONAddon, IPluginPaths):
    """Publish checks of ff-vfx in AYON's publisher."""

    name = "ff_vfx"
    version = "0.1.0"

    def initialize(self, settings: dict[str, Any]) -> None:
        """Nothing to prepare: the plugins take their settings by themselves."""

    def get_plugin_paths(self) -> dict[str, list[str]]:
        """For ayon-core before it asks by kind."""
        return {"publish": self.get_publish_plugin_paths("")}

    def get_publish_plugin_paths(self, host_name: str) -> list[str]:
        """The plugins' folder, for every host: they need nothing of it."""
        return [os.path.join(_HERE, "plugins", "publish")]
