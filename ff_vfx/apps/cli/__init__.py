"""The command line: `ff-vfx`. One module a command group; each fills plain data and calls the door."""

from ff_vfx.apps.cli.entry import main

__all__ = ["main"]
