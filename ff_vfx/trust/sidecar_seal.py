"""A hash of a whole C2PA sidecar, behind it: C2PA signs neither its padding nor its boxes' lengths and names.

Read by content_credentials. It is a `free` box, which other readers pass over. A sidecar of somebody else has none.
"""

from __future__ import annotations

import hashlib
import struct

from ff_vfx.errors import TrustError

_HEAD = struct.Struct(">I4s")
_SIZE = _HEAD.size + hashlib.sha256().digest_size


def sealed(content: bytes) -> bytes:
    """A sidecar with its seal."""
    return content + _HEAD.pack(_SIZE, b"free") + hashlib.sha256(content).digest()


def unsealed(content: bytes) -> bytes:
    """The sidecar alone, as it was sealed, or as somebody else wrote it.

    Raises:
        TrustError: it is not as long as it says, or not what was sealed.
    """
    length = _HEAD.unpack_from(content)[0] if len(content) >= _HEAD.size else -1
    if length == len(content):
        return content
    if sealed(content[:-_SIZE]) != content or length != len(content) - _SIZE:
        raise TrustError("the sidecar is not the one that was written")
    return content[:-_SIZE]
