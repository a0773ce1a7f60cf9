"""Bringing ff-vfx into hosts: the OpenFX bundle built, put where hosts look, checked. Read by the command line."""

from ff_vfx.apps.hosts.bundle import NAME, build
from ff_vfx.apps.hosts.doctor import Finding, examine
from ff_vfx.apps.hosts.installing import HOSTS, install, uninstall
from ff_vfx.apps.hosts.places import Places, places_here

__all__ = ["HOSTS", "NAME", "Finding", "Places", "build", "examine", "install", "places_here", "uninstall"]
