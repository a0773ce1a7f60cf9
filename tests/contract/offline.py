"""No way out of this machine. Read by tests of what must never use the network."""

from __future__ import annotations

import socket

import pytest


def cut_off(patch: pytest.MonkeyPatch) -> None:
    """Whoever opens a socket or asks for a name fails."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    for name in ("socket", "create_connection", "getaddrinfo"):
        patch.setattr(socket, name, refused)
