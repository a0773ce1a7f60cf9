"""Whose signatures are believed, and for what: the package's examples key, the site's keys, the user's. Read by trust.

A key is trusted by lying in a folder named after a role. No setting and no variable of ours names such a folder. Where
the site has keys for rights, its administrator has decided, and users' own keys for rights are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import read_signed, write_signed
from ff_vfx.trust.signing import KEY_SCHEMA, KEYS, fingerprint_of, key_file_name, signatures_of
from ff_vfx.types.user_folders import config_folder, site_folder

RIGHTS, LABEL = "rights", "label"
ROLES = (RIGHTS, LABEL)  # who may do what is theirs: grant a performer's face; sign labels and manifests
INVENTED = frozenset({"synthetic", "public-domain"})  # kinds of record that speak for nobody living
_PACKAGE_KEYS = Path(__file__).resolve().parent / "keys"
_MOST_KEYS = 1000
_MOST_BYTES = 1 << 14


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a public key's file says. public: 64 hex digits; made: the day, ISO."""

    name: str
    public: str
    made: str

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.public)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key that is believed. role: one of ROLES. place: 'package' | 'site' | 'user'."""

    key: PublicKey
    role: str
    place: str

    def vouches_for(self, kind: str) -> bool:
        """Whether a consent record of this kind is its to sign: the package's key speaks for nobody real."""
        return self.place != "package" or kind in INVENTED


@dataclass(frozen=True, slots=True)
class Keyring:
    """All that is believed here. faults: key files that were not, and why."""

    keys: tuple[TrustedKey, ...]
    faults: tuple[str, ...] = ()

    def find(self, public: str, role: str) -> TrustedKey | None:
        """The key with this role; None where there is none. The whole key is compared, not its fingerprint."""
        return next((one for one in self.keys if one.key.public == public and one.role == role), None)

    def knows(self, public: str) -> bool:
        """Whether it is there in any role."""
        return any(one.key.public == public for one in self.keys)


def load_keyring() -> Keyring:
    """What is believed on this machine by this user, now; the package's, the site's, the user's keys in that order."""
    keys: list[TrustedKey] = []
    faults: list[str] = []
    for place, folder in (("package", _PACKAGE_KEYS), ("site", site_folder() / KEYS), ("user", user_keys())):
        for role in ROLES:
            if place == "user" and role == RIGHTS and any((one.place, one.role) == ("site", RIGHTS) for one in keys):
                continue
            found, wrong = _keys_of(folder / role)
            keys.extend(TrustedKey(key, role, place) for key in found)
            faults.extend(wrong)
    return Keyring(tuple(keys), tuple(faults))


def keyring_folders() -> tuple[Path, ...]:
    """Every folder that a key is looked for in."""
    return tuple(folder / role for folder in (_PACKAGE_KEYS, site_folder() / KEYS, user_keys()) for role in ROLES)


def user_keys() -> Path:
    """The user's keyring; a folder for each role below."""
    return config_folder() / KEYS


def read_key(path: Path) -> PublicKey:
    """A public key's file.

    Raises:
        TrustError: it is none, or was altered.
    """
    data = read_signed(path, _MOST_BYTES)
    try:
        signatures = signatures_of(data)
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error
    name, public, made = (data.get(field) for field in ("name", "public", "made"))
    if data.get("schema") != KEY_SCHEMA or len(data) != 5 or [one.public for one in signatures] != [public]:
        raise TrustError(f"{path}: is no public key of ff-vfx, signed by itself; take what `consent keygen` wrote")
    if signatures[0].name != name or not isinstance(made, str) or len(made) > 32:
        raise TrustError(f"{path}: its name and its signature's are not one; take what `consent keygen` wrote")
    return PublicKey(signatures[0].name, signatures[0].public, made)


def trust_key(path: Path, role: str) -> tuple[PublicKey, Path]:
    """Put a public key into the user's keyring; gives where it lies now.

    Raises:
        TrustError: it is none, or there is no such role.
    """
    if role not in ROLES:
        raise TrustError(f"role '{role}': give {' or '.join(ROLES)}")
    key = read_key(path)
    target = user_keys() / role / key_file_name(key.public)
    write_signed(target, read_signed(path, _MOST_BYTES))
    return key, target


def _keys_of(folder: Path) -> tuple[list[PublicKey], list[str]]:
    found: list[PublicKey] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.ffkey.json"))[:_MOST_KEYS]:
        try:
            found.append(read_key(path))
        except TrustError as error:
            faults.append(str(error))
    return found, faults
