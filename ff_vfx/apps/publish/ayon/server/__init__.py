"""The add-on on AYON's server: what a studio may set. Read by the server.

No setting leaves a check out.
"""

from __future__ import annotations

from typing import Any

from ayon_server.addons import BaseServerAddon
from ayon_server.settings import BaseSettingsModel, SettingsField


class FfVfxSettings(BaseSettingsModel):
    """Of the studio or of one project."""

    command: str = SettingsField("", title="Program", description="Path of ff-vfx; empty: from the PATH.")
    limits: str = SettingsField("", title="Limits file", description="Of quality control; empty: ff-vfx' own.")
    waivers: str = SettingsField("", title="Waivers file", description="Faults that somebody has signed for by name.")


class FfVfxAddon(BaseServerAddon):
    """Settings alone."""

    settings_model: type[FfVfxSettings] = FfVfxSettings

    async def get_default_settings(self) -> Any:
        """Everything empty."""
        return self.get_settings_model()()
