"""Ed25519 signatures over JSON content, and the keys that make them. Read by consent, manifests, labels and the CLI.

A signature covers the content, and the name and key it is given under. Whether a key is to be believed is the keyring's
question, not this module's.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import canonical, write_signed, write_whole
from ff_vfx.types.user_folders import config_folder

SIGNATURES = "signatures"
KEY_SCHEMA = "ff-vfx public key 1"
KEYS = Path("trust") / "keys"  # below the user's or the site's folder; one folder a role below that
_FIELDS = {"key", "name", "public", "signature"}
_DOMAIN = "ff-vfx signature 1"
_MOST_SIGNATURES = 16
_MOST_KEY_BYTES = 1 << 14
_PUBLIC, _SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{128}")
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,120}")


@dataclass(frozen=True, slots=True)
class Signature:
    """One valid signature. key: fingerprint, for people; public (64 hex) is what a keyring compares."""

    key: str
    name: str
    public: str


class Signer:
    """A private key with the name it signs under."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """name: 1 to 120 printable characters.

        Raises:
            TrustError: it is no such name.
        """
        if not _NAME.fullmatch(name) or name != name.strip():
            raise TrustError(f"key name '{name[:40]}': use 1 to 120 printable characters, the name people know")
        self.name = name
        self._private = private

    @property
    def private(self) -> Ed25519PrivateKey:
        """For formats that sign by themselves; never written by them."""
        return self._private

    @property
    def public(self) -> str:
        """The raw public key, 64 hex digits."""
        raw = self._private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return raw.hex()

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.public)

    def sign(self, content: bytes) -> str:
        """The signature of bytes as they are, 128 hex digits."""
        return self._private.sign(content).hex()


def fingerprint_of(public: str) -> str:
    """What people compare: 16 hex digits of the sha256 of a raw public key."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def new_signer(path: Path, name: str, passphrase: str = "") -> Signer:
    """Make a key and keep it in a file that only this user reads: PEM, PKCS 8, its name in the line above.

    Args:
        passphrase: the file is encrypted with it; empty: it is not.

    Raises:
        TrustError: the file is there, or cannot be written; the name is none.
    """
    signer = Signer(name, Ed25519PrivateKey.generate())
    secret: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        secret = serialization.BestAvailableEncryption(passphrase.encode())
    pem = signer.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
    write_whole(path, f"name: {name}\n".encode() + pem, fresh=True, mode=0o600)
    return signer


def load_signer(path: Path, passphrase: str = "") -> Signer:
    """A key that new_signer wrote.

    Raises:
        TrustError: it is absent, no key of this kind, wants another passphrase, or others may read it.
    """
    try:
        _check_private(path)
        with open(path, "rb") as file:
            content = file.read(_MOST_KEY_BYTES + 1)
    except OSError as error:
        raise TrustError(f"key {path}: {error.strerror or error}; make one with `ff-vfx consent keygen`") from error
    first, _, pem = content.partition(b"\n")
    if len(content) > _MOST_KEY_BYTES or not first.startswith(b"name: "):
        raise TrustError(f"key {path}: is no private key of ff-vfx; give the file that `consent keygen` wrote")
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode() if passphrase else None)
        name = first[len(b"name: ") :].decode()
    except TypeError as error:
        wanted = "wants none" if passphrase else "is encrypted; give its passphrase"
        raise TrustError(f"key {path}: {wanted}") from error
    except ValueError as error:
        raise TrustError(f"key {path}: is damaged, or the passphrase is another") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TrustError(f"key {path}: is no Ed25519 key; make one with `ff-vfx consent keygen`")
    return Signer(name, key)


def user_signer() -> Signer:
    """This user's own key, for what his runs say of themselves; made at its first use.

    Raises:
        TrustError: it can be neither read nor made.
    """
    path = own_key()
    if not path.exists():
        try:
            signer = new_signer(path, _user_name())
            write_signed(config_folder() / KEYS / "label" / key_file_name(signer.public), key_content(signer))
            return signer
        except TrustError:
            if not path.exists():  # else another process was first
                raise
    return load_signer(path)


def own_key() -> Path:
    """Where this user's own private key is kept."""
    return config_folder() / "trust" / "own.key"


def key_content(signer: Signer) -> dict[str, object]:
    """What a public key's file says; signed with the key itself, so that its name cannot be changed on the way."""
    made = datetime.now(UTC).date().isoformat()
    return signed({"schema": KEY_SCHEMA, "name": signer.name, "public": signer.public, "made": made}, signer)


def key_file_name(public: str) -> str:
    """How a public key's file is called in a keyring."""
    return f"{fingerprint_of(public)}.ffkey.json"


def signed(data: Mapping[str, object], signer: Signer) -> dict[str, object]:
    """The content with one more signature; those that are there must be valid and stay.

    Raises:
        TrustError: it cannot be signed, a signature in it is not valid, or the key has signed it already.
    """
    earlier = signatures_of(data)
    if any(one.public == signer.public for one in earlier):
        raise TrustError(f"key {signer.fingerprint} ({signer.name}) has signed this already")
    entry = {"key": signer.fingerprint, "name": signer.name, "public": signer.public}
    entry["signature"] = signer.sign(_message(data, entry))
    kept = data.get(SIGNATURES, [])
    assert isinstance(kept, list)  # signatures_of has seen to it
    return {**data, SIGNATURES: [*kept, entry]}


def signatures_of(data: Mapping[str, object]) -> tuple[Signature, ...]:
    """Who signed this very content; none where nobody did.

    Raises:
        TrustError: a signature is not one, or not of this content: one of the two was altered.
    """
    given = data.get(SIGNATURES, [])
    if not isinstance(given, list) or len(given) > _MOST_SIGNATURES or (SIGNATURES in data and not given):
        raise TrustError("the list of signatures is damaged; take the original")
    found = tuple(_checked(data, entry) for entry in given)
    if len({one.public for one in found}) != len(found):
        raise TrustError("one key signed twice; take the original")
    return found


def valid_signature(public: str, signature: str, content: bytes) -> bool:
    """Whether a key signed these bytes; False too where one of the two is none."""
    if not _PUBLIC.fullmatch(public) or not _SIGNATURE.fullmatch(signature):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _checked(data: Mapping[str, object], entry: object) -> Signature:
    if not isinstance(entry, dict) or set(entry) != _FIELDS or not all(isinstance(one, str) for one in entry.values()):
        raise TrustError("a signature is damaged; take the original")
    public, name = entry["public"], entry["name"]
    if not _PUBLIC.fullmatch(public) or entry["key"] != fingerprint_of(public) or not _NAME.fullmatch(name):
        raise TrustError("a signature's key is damaged; take the original")
    if not valid_signature(public, entry["signature"], _message(data, entry)):
        raise TrustError(f"the signature of {name} ({entry['key']}) is not of this content: altered or forged")
    return Signature(entry["key"], name, public)


def _message(data: Mapping[str, object], entry: Mapping[str, str]) -> bytes:
    """What is signed: the content, and under which name and key."""
    content = {name: value for name, value in data.items() if name != SIGNATURES}
    return canonical({"content": content, "domain": _DOMAIN, "name": entry["name"], "public": entry["public"]})


def _check_private(path: Path) -> None:
    """See that nobody else may read it; on Windows its folder's rights decide."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise TrustError(f"key {path}: is no file")
    if sys.platform != "win32" and mode & 0o077:
        raise TrustError(f"key {path}: others may read it; run `chmod 600` on it, and think who did")


def _user_name() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = f"user {os.getuid()}" if hasattr(os, "getuid") else "user"
    return name if _NAME.fullmatch(name) else "user"
