"""Where hosts look for plugins, scripts and macros, and where they keep what they knew of old ones. Read by installing
and doctor. For all three systems; Linux alone was ever seen, the others' folders are the makers' own words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_BLACKMAGIC = ("Blackmagic Design", "DaVinci Resolve")


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The folders of one system and user. site: for everybody on the machine, which takes an administrator."""

    system: str
    home: Path
    environment: Mapping[str, str]
    site: bool = False

    def plugins(self) -> Path:
        """Of OpenFX. The user's own is looked at only where OFX_PLUGIN_PATH names it."""
        if not self.site:
            return (self._local() if self.system == "win32" else self.home) / "OFX" / "Plugins"
        if self.system == "win32":
            return self._variable("CommonProgramFiles", "C:/Program Files/Common Files") / "OFX" / "Plugins"
        return Path("/Library/OFX/Plugins" if self.system == "darwin" else "/usr/OFX/Plugins")

    def nuke(self) -> Path:
        """Of Nuke's own settings: the user's alone."""
        return self.home / ".nuke"

    def fusion(self) -> Path:
        """Of Resolve's Fusion page."""
        if self.system == "win32" and self.site:
            return self._variable("PROGRAMDATA", "C:/ProgramData").joinpath(*_BLACKMAGIC, "Fusion")
        if self.system == "darwin" and self.site:
            return Path("/Library/Application Support").joinpath(*_BLACKMAGIC, "Fusion")
        if self.site:
            return Path("/opt/resolve/Fusion")
        return self._resolve() / "Fusion"

    def caches(self) -> list[Path]:
        """What hosts remember of plugins; a stale one hides a new plugin. They make it again at their next start."""
        if self.system == "win32":
            nuke = self._local() / "Temp" / "nuke" / "ofxplugincache"
        else:
            nuke = Path("/var/tmp") / f"nuke-u{self.environment.get('UID') or _user()}" / "ofxplugincache"
        return [*sorted(nuke.glob("ofxplugincache_Nuke*.xml")), *sorted(self._resolve().glob("OFXPluginCache*.xml"))]

    def _resolve(self) -> Path:
        if self.system == "win32":
            return self._variable("APPDATA", str(self.home / "AppData/Roaming")).joinpath(*_BLACKMAGIC, "Support")
        if self.system == "darwin":
            return self.home.joinpath("Library", "Application Support", *_BLACKMAGIC)
        return self.home / ".local" / "share" / "DaVinciResolve"

    def _local(self) -> Path:
        return self._variable("LOCALAPPDATA", str(self.home / "AppData/Local"))

    def _variable(self, name: str, otherwise: str) -> Path:
        return Path(self.environment.get(name) or otherwise)


def places_here(*, site: bool = False) -> Places:
    """Of this machine and user."""
    return Places(sys.platform, Path.home(), os.environ, site)


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
