"""C2PA: files signed so that others' tools can read what they are, and such signatures read. Read by the door.

Offline throughout: no time stamp authority, no manifest, certificate state or soft binding is ever asked for over the
network. Pictures and movies carry their credentials inside, all else has a sidecar beside it: comp.1001.c2pa.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa

from ff_vfx.errors import TrustError
from ff_vfx.trust.certificate import Credential, anchors
from ff_vfx.trust.sidecar_seal import sealed, unsealed
from ff_vfx.trust.signed_text import read_bounded, write_whole

EMBEDDED = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
}
_BESIDE = {".exr": "image/x-exr", ".json": "application/json", ".mkv": "video/x-matroska"}
_ASSERTION = "org.ff-vfx.label"
_MOST_SIDECAR = 16 << 20
_OFFLINE: dict[str, Any] = {
    "verify": {
        "verify_after_sign": False,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_trust": True,
    },
    "core": {"allowed_network_hosts": []},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file is signed as. tool, version: what made it. source_type: IPTC digitalSourceType, the URI.

    label: further texts by name, as in a frame's header.
    """

    tool: str
    version: str
    source_type: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a C2PA signature says.

    state: 'trusted' | 'valid' (whole, by a signer unknown here) | 'invalid'. faults: C2PA's own codes of what is wrong.
    signer: as its certificate names him. source_types: digitalSourceType of its actions. label: as in Statement.
    """

    state: str
    faults: tuple[str, ...]
    signer: str
    tool: str
    source_types: tuple[str, ...]
    label: Mapping[str, str]


def sidecar_of(path: Path) -> Path:
    """Where the credentials of a file lie that cannot carry them."""
    return path.with_suffix(".c2pa")


def can_carry(path: Path) -> bool:
    """Whether a file of this kind holds its credentials inside."""
    return path.suffix.lower() in EMBEDDED


def sign_into(source: Path, target: Path, statement: Statement, credential: Credential) -> None:
    """Write a copy of a picture or movie that carries its credentials. target: another file, of any ending.

    Raises:
        TrustError: it is of no such kind, broken, or the credential is not accepted.
    """
    kind = EMBEDDED.get(source.suffix.lower())
    if kind is None:
        raise TrustError(f"{source}: cannot carry C2PA credentials; {', '.join(EMBEDDED)} can")
    try:
        with open(source, "rb") as read, open(target, "w+b") as write:
            _builder(source, kind, statement).sign(_signer(credential), kind, read, write)
    except (c2pa.C2paError, OSError) as error:
        raise TrustError(f"{source}: could not be given C2PA credentials: {_short(error)}") from error


def sign_beside(path: Path, statement: Statement, credential: Credential) -> Path:
    """Write a file's credentials beside it, whole or not at all; gives where.

    Raises:
        TrustError: as sign_into.
    """
    kind = _BESIDE.get(path.suffix.lower(), "application/octet-stream")
    try:
        builder = _builder(path, kind, statement)
        builder.set_no_embed()
        with open(path, "rb") as read:
            content = builder.sign(_signer(credential), kind, read, io.BytesIO())
    except (c2pa.C2paError, OSError) as error:
        raise TrustError(f"{path}: could not be given C2PA credentials: {_short(error)}") from error
    write_whole(sidecar_of(path), sealed(content))
    return sidecar_of(path)


def read_credentials(path: Path) -> Credentials | None:
    """What a file's credentials say, inside it or beside it; None where it has none.

    Raises:
        TrustError: they cannot be read at all.
    """
    kind, content = EMBEDDED.get(path.suffix.lower()), None
    if kind is None:
        kind = _BESIDE.get(path.suffix.lower(), "application/octet-stream")
        content = _sidecar(path)
        if content is None:
            return None
    try:
        with open(path, "rb") as read, c2pa.Reader(kind, read, content, context=_context(anchors())) as reader:
            data, state = json.loads(reader.json()), str(reader.get_validation_state())
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, OSError, ValueError) as error:
        raise TrustError(f"{path}: its C2PA credentials are damaged: {_short(error)}") from error
    return _said(data, state)


def _said(data: Mapping[str, Any], state: str) -> Credentials:
    manifest = _dict(_dict(data.get("manifests")).get(str(data.get("active_manifest"))))
    faults = [str(_dict(one).get("code")) for one in _list(data.get("validation_status"))]
    types: list[str] = []
    label: dict[str, str] = {}
    for assertion in map(_dict, _list(manifest.get("assertions"))):
        content = _dict(assertion.get("data"))
        if str(assertion.get("label")).startswith("c2pa.actions"):
            actions = map(_dict, _list(content.get("actions")))
            types += [str(one["digitalSourceType"]) for one in actions if one.get("digitalSourceType")]
        elif assertion.get("label") == _ASSERTION:
            label = {str(name): str(value) for name, value in content.items()}
    signature = _dict(manifest.get("signature_info"))
    signer = ", ".join(str(signature[name]) for name in ("common_name", "issuer") if signature.get(name))
    tools = [_dict(one) for one in _list(manifest.get("claim_generator_info"))]
    tool = " ".join(str(tools[0].get(name, "")) for name in ("name", "version")).strip() if tools else ""
    known = {"trusted": "trusted", "valid": "valid"}.get(state.lower(), "invalid")
    return Credentials(known, tuple(dict.fromkeys(faults)), signer, tool, tuple(types), label)


def _builder(path: Path, kind: str, statement: Statement) -> c2pa.Builder:
    agent = {"name": statement.tool, "version": statement.version}
    created = {"action": "c2pa.created", "digitalSourceType": statement.source_type, "softwareAgent": agent}
    assertions: list[dict[str, Any]] = [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}]
    if statement.label:
        assertions.append({"label": _ASSERTION, "data": dict(statement.label)})
    content = {"claim_generator_info": [agent], "format": kind, "title": path.name, "assertions": assertions}
    return c2pa.Builder(content, _context(b""))


def _signer(credential: Credential) -> c2pa.Signer:
    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(credential.algorithm, credential.chain, credential.key, None))


def _context(roots: bytes) -> c2pa.Context:
    settings = {**_OFFLINE, **({"trust": {"user_anchors": roots.decode()}} if roots else {})}
    return c2pa.Context(c2pa.Settings.from_dict(settings))


def _sidecar(path: Path) -> bytes | None:
    beside = sidecar_of(path)
    if not beside.is_file():
        return None
    content = read_bounded(beside, _MOST_SIDECAR)
    try:
        return unsealed(content)
    except TrustError as error:
        raise TrustError(f"{path}: its C2PA credentials are damaged: {error}; render or label it again") from error


def _dict(given: object) -> dict[str, Any]:
    return dict(given) if isinstance(given, Mapping) else {}


def _list(given: object) -> list[Any]:
    return list(given) if isinstance(given, list) else []


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
