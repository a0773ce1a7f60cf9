"""Adds ff-vfx's folders to Nuke. Nuke runs it at every start, also on a farm.

Its gizmos lie in `gizmos` inside this folder (installed) or beside it (a checkout). The OpenFX bundle is found by Nuke
itself, in the system's OpenFX folder or in OFX_PLUGIN_PATH, which must be set before Nuke starts: docs/nuke.md.
"""

from __future__ import annotations

import os

import nuke

_HERE = os.path.dirname(os.path.abspath(__file__))

for _folder in (os.path.join(_HERE, "gizmos"), os.path.join(os.path.dirname(_HERE), "gizmos")):
    if os.path.isfile(os.path.join(_folder, "FaceFuse.gizmo")):
        nuke.pluginAddPath(_folder.replace("\\", "/"))
        break
