"""The ff-vfx menus: nodes in the toolbar, and in the menu bar what the buttons do. Nuke runs it when it has windows."""

from __future__ import annotations

import nuke

# Imported when it is chosen, so that nothing of ours can keep Nuke from starting.
_IMPORT = "from ff_vfx_nuke import commands; commands."
_COMMANDS = (
    ("Track", "track()"),
    ("Bake (all layers)", "bake()"),
    ("Write farm job...", "farm_job()"),
    ("", ""),
    ("Export/Tracker...", "export('nuke-tracker')"),
    ("Export/CornerPin...", "export('nuke-cornerpin')"),
    ("Export/Roto...", "export('nuke-roto-json')"),
    ("", ""),
    ("Where ff-vfx is...", "choose_executable()"),
    ("What is installed", "doctor()"),
)


def _nodes() -> None:
    menu = nuke.menu("Nodes").addMenu("ff-vfx")
    menu.addCommand("FaceFuse", _IMPORT + "create('FaceFuse')")
    menu.addCommand("FaceFuse (without OpenFX)", _IMPORT + "create('FaceFuseBake')")


def _commands() -> None:
    menu = nuke.menu("Nuke").addMenu("ff-vfx")
    for label, call in _COMMANDS:
        if label:
            menu.addCommand(label, _IMPORT + call)
        else:
            menu.addSeparator()


_nodes()
_commands()
