"""A manifest as a signed file's content, and back, with every claim in it checked. Read by manifest.

Whatever a hostile file holds ends in a Manifest or a TrustError. Layout of the file: docs/provenance.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar

from ff_vfx.errors import TrustError
from ff_vfx.trust.signed_text import canonical
from ff_vfx.trust.signing import fingerprint_of, valid_signature
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import OUTCOMES, FileHash, FrameRecord, Manifest, Origin, Run

FORMAT, VERSION = "ff-vfx manifest", 1
MOST_FRAMES = 1_000_000
_KINDS = ("sequence", "movie", "picture")
_MODEL = {"name", "kind", "licence", "allowed_use", "sha256"}
_HASH, _ID, _SIGNATURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{128}")
_T = TypeVar("_T")


def origin_id(origin: Origin) -> str:
    """The name of an origin: 32 digits of the hash of what it says."""
    return hashlib.sha256(canonical(asdict(origin))).hexdigest()[:32]


def run_id(run: Run) -> str:
    """The name of a run, likewise."""
    return hashlib.sha256(canonical(asdict(run))).hexdigest()[:32]


def message_of(pattern: str, record: FrameRecord) -> bytes:
    """What a frame's maker signs. The names of origin and run are hashes of what those say."""
    entry = {name: value for name, value in asdict(record).items() if name != "signature"}
    return canonical({"domain": "ff-vfx frame 1", "pattern": pattern, "frame": entry})


def content_of(manifest: Manifest) -> dict[str, object]:
    """What the file says, but for the signatures."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": manifest.kind,
        "pattern": manifest.pattern,
        "updated": manifest.updated,
        "frames": [asdict(manifest.frames[number]) for number in sorted(manifest.frames)],
        "origins": {name: asdict(origin) for name, origin in manifest.origins.items()},
        "runs": {name: asdict(run) for name, run in manifest.runs.items()},
    }


def manifest_of(data: Mapping[str, object], path: str) -> Manifest:
    """What a file's content says; its signatures as a whole are the caller's.

    Raises:
        TrustError: something is missing, of another kind, or does not fit the rest; it starts with `path`.
    """
    try:
        if data.get("format") != FORMAT:
            raise TrustError("is no manifest of ff-vfx")
        if data.get("version") != VERSION:
            raise TrustError(f"is of version {data.get('version')!r}; this ff-vfx reads {VERSION}: use a newer one")
        _check(set(data) <= {*content_of(_EMPTY), "signatures"} and data.get("kind") in _KINDS, "unknown fields")
        runs = {name: _run(name, one) for name, one in _mapping(data.get("runs")).items()}
        origins = {name: _origin(name, one) for name, one in _mapping(data.get("origins")).items()}
        pattern = _plain_name(data.get("pattern"))
        given = data.get("frames")
        _check(isinstance(given, list) and len(given) <= MOST_FRAMES, "frames")
        records = [_record(one) for one in _listed(given)]
        numbers = [record.number for record in records]
        _check(numbers == sorted(set(numbers)), "a frame number is there twice, or out of order")
        for record in records:
            _check_frame(record, pattern, origins, runs)
        return Manifest(
            path, str(data["kind"]), pattern, _text(data.get("updated")), dict(zip(numbers, records)), origins, runs
        )
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error


def _check_frame(record: FrameRecord, pattern: str, origins: Mapping[str, Origin], runs: Mapping[str, Run]) -> None:
    what = f"frame {record.number}: its entry"
    _check(record.origin in origins and record.run in runs, f"{what} names what is not there")
    _check(record.outcome in OUTCOMES, f"{what} has an unknown outcome")
    public = runs[record.run].public
    if not valid_signature(public, record.signature, message_of(pattern, record)):
        raise TrustError(f"{what} is not what its maker signed: altered or forged")


def _record(given: object) -> FrameRecord:
    data = _fields(FrameRecord, given)
    number = data["number"]
    _check(type(number) is int and abs(number) < 1 << 40, "a frame number")
    texts = {name: _text(data[name]) for name in ("outcome", "stamp", "at")}
    for name, form in (("origin", _ID), ("run", _ID), ("signature", _SIGNATURE)):
        texts[name] = _matching(form, data[name], name)
    return FrameRecord(number=number, made=_file(data["made"]), plate=_file(data["plate"]), **texts)


def _file(given: object) -> FileHash:
    data = _fields(FileHash, given)
    _check(type(data["size"]) is int and data["size"] >= -1, "a file's size")
    digest = data["sha256"]
    name = data["file"]
    # Of a plate that could not be hashed, or a solve that was never written, both are empty.
    return FileHash(name if name == "" else _plain_name(name), digest if digest == "" else _hash(digest), data["size"])


def _origin(name: str, given: object) -> Origin:
    data = _fields(Origin, given)
    models = tuple(_model(one) for one in _listed(data["models"]))
    origin = Origin(
        _text(data["tool"]),
        _mapping(data["plate"]),
        _file(data["solve"]),
        _mapping(data["settings"]),
        models,
        tuple(_file(one) for one in _listed(data["stills"])),
        tuple(_clearance(one) for one in _listed(data["clearances"])),
        _mapping(data["job"]),
    )
    _check(origin_id(origin) == name, f"origin {name[:32]} is not what its name says: altered")
    return origin


def _model(given: object) -> dict[str, str]:
    data = {name: _text(value) for name, value in _mapping(given).items()}
    _check(set(data) == _MODEL, "a model's fields")
    return data


def _clearance(given: object) -> Clearance:
    data = _fields(Clearance, given)
    _check(type(data["cleared"]) is bool, "a clearance")
    restrictions = tuple(_text(one) for one in _listed(data["restrictions"]))
    record = _mapping(data["record"])
    texts = {name: _text(value) for name, value in data.items() if name not in ("cleared", "restrictions", "record")}
    return Clearance(cleared=data["cleared"], restrictions=restrictions, record=record, **texts)


def _run(name: str, given: object) -> Run:
    run = Run(**{key: _text(value) for key, value in _fields(Run, given).items()})
    _check(run_id(run) == name, f"run {name[:32]} is not what its name says: altered")
    _check(run.key == fingerprint_of(_hash(run.public)), f"run {name}: its key")
    return run


def _fields(kind: Callable[..., object], given: object) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    _check(isinstance(given, Mapping) and set(given) == names, f"a {kind.__name__}'s fields")
    return dict(given)  # type: ignore[call-overload]


def _mapping(given: object) -> dict[str, Any]:
    _check(isinstance(given, Mapping), "an object is missing")
    return dict(given)  # type: ignore[call-overload]


def _listed(given: object) -> Sequence[object]:
    _check(isinstance(given, list | tuple), "a list is missing")
    return given  # type: ignore[return-value]


def _text(given: object) -> str:
    _check(isinstance(given, str), "a text is missing")
    return given  # type: ignore[return-value]


def _plain_name(given: object) -> str:
    """A file's name; one that leads out of the folder is none."""
    name = _text(given)
    _check(0 < len(name) <= 255 and not set(name) & set("/\\:\0") and name not in (".", ".."), "a file's name")
    return name


def _hash(given: object) -> str:
    return _matching(_HASH, given, "a hash")


def _matching(form: re.Pattern[str], given: object, what: str) -> str:
    _check(isinstance(given, str) and form.fullmatch(given) is not None, what)
    return str(given)


def _check(good: bool, what: str) -> None:
    if not good:
        raise TrustError(f"is damaged ({what}); take the original")


_EMPTY = Manifest("", "", "", "")
