"""ff-vfx inside Nuke: buttons that run the `ff-vfx` program. Read by menu.py and the gizmos' buttons.

Standard library and `nuke` alone, Python 3.9 syntax: it runs in the Python of any Nuke, and loads nothing into it.
"""
