"""The one error of this package: what an artist is told. Read by all of it."""

from __future__ import annotations


class Told(Exception):
    """What is wrong and what to do, for the artist; commands show it in a window."""


class Cancelled(Told):
    """The artist cancelled; nobody need be told."""
