"""Whose signatures on manifests are believed here: the keyring's, and this user's own. Read by the door."""

from __future__ import annotations

from ff_vfx.errors import TrustError
from ff_vfx.trust.keyring import LABEL, Keyring
from ff_vfx.trust.signing import load_signer, own_key
from ff_vfx.types.manifest import Manifest


def known_as(public: str, keyring: Keyring) -> str:
    """How a key is known here: 'your own', 'known to the site', 'known to you'; '' where it is a stranger's."""
    if public == _own_public():
        return "your own"
    found = keyring.find(public, LABEL)
    return {"site": "known to the site", "user": "known to you"}.get(found.place, "") if found else ""


def strangers(manifest: Manifest, keyring: Keyring) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Keys nobody here knows: fingerprint -> name, and the frames it made; none where it signed the whole alone."""
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    for one in manifest.signatures:
        if not known_as(one.public, keyring):
            found[one.key] = (one.name, ())
    for name, run in manifest.runs.items():
        if not known_as(run.public, keyring):
            numbers = [number for number, record in manifest.frames.items() if record.run == name]
            earlier = found.get(run.key, ("", ()))[1]
            found[run.key] = (run.name, tuple(sorted({*earlier, *numbers})))
    return found


def _own_public() -> str:
    """This user's own key, where he has one; none is made for a question."""
    try:
        return load_signer(own_key()).public if own_key().is_file() else ""
    except TrustError:
        return ""
