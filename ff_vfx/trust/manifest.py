"""The signed manifest of a sequence: read, and added to by any number of processes at once. Read by door/provenance.

Each frame's entry bears its maker's signature, the whole that of whoever wrote last: an entry that is changed, taken
out, put in or moved is found, and a process that adds its frames cannot be made to vouch for another's.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ff_vfx.errors import TrustError
from ff_vfx.trust.lock import locked
from ff_vfx.trust.manifest_text import content_of, manifest_of, message_of, origin_id, run_id
from ff_vfx.trust.signed_text import read_signed, write_signed
from ff_vfx.trust.signing import Signer, signatures_of, signed
from ff_vfx.types.manifest import FrameRecord, Manifest, Origin, Run, Signatory

ENDING = ".ffmanifest.json"
_MOST_BYTES = 1 << 30


def read_manifest(path: Path) -> Manifest:
    """A manifest, all its signatures and inner hashes checked; the frames' files are not looked at.

    Raises:
        TrustError: it is not there, unsigned, altered, or of another version.
    """
    data = read_signed(path, _MOST_BYTES)
    try:
        signatures = signatures_of(data)
    except TrustError as error:
        raise TrustError(f"{path}: {error}") from error
    manifest = manifest_of(data, str(path))
    if not signatures:
        raise TrustError(f"{path}: is not signed; take the original")
    return replace(manifest, signatures=tuple(Signatory(one.key, one.name, one.public) for one in signatures))


def new_run(signer: Signer) -> Run:
    """This process, from now on."""
    system = f"{platform.system()} {platform.machine()}, pid {os.getpid()}"
    return Run(signer.fingerprint, signer.name, signer.public, platform.node(), system, now())


def sign_frame(record: FrameRecord, pattern: str, signer: Signer) -> FrameRecord:
    """The record with its maker's signature."""
    return replace(record, signature=signer.sign(message_of(pattern, record)))


def add_frames(
    start: Manifest,
    records: Iterable[FrameRecord],
    signer: Signer,
    *,
    anew: bool = False,
    beside: Callable[[Manifest], object] | None = None,
) -> tuple[Manifest, str]:
    """Put signed records into a manifest's file, in the place of those with their numbers.

    Args:
        start: an empty manifest with the records' origins and runs: path, kind and pattern count too.
        anew: nothing that the file holds is kept, as with a movie, which is made whole.
        beside: called with what the file says once it is there, before another process may write; signs it for C2PA.

    Returns:
        What the file holds now, and what was found amiss with it before, in words; '' where nothing was.

    Raises:
        TrustError: it cannot be written, or is another sequence's. What was there is still there. What `beside` raises.
    """
    path = Path(start.path)
    with locked(path):
        earlier, amiss = (None, "") if anew else _earlier(path)
        if earlier and (earlier.kind, earlier.pattern) != (start.kind, start.pattern):
            raise TrustError(f"{path}: is the manifest of {earlier.pattern}; write to another folder or name")
        frames = {**(earlier.frames if earlier else {}), **{record.number: record for record in records}}
        merged = replace(
            start,
            updated=now(),
            frames=dict(sorted(frames.items())),
            origins={**(earlier.origins if earlier else {}), **start.origins},
            runs={**(earlier.runs if earlier else {}), **start.runs},
        )
        merged = _without_unused(merged)
        path.with_suffix(".c2pa").unlink(missing_ok=True)  # it speaks of what the file was
        write_signed(path, signed(content_of(merged), signer))
        if beside:
            beside(merged)
    return replace(merged, signatures=(Signatory(signer.fingerprint, signer.name, signer.public),)), amiss


def named(origins: Iterable[Origin], runs: Iterable[Run]) -> tuple[dict[str, Origin], dict[str, Run]]:
    """Origins and runs by their names, as a Manifest has them."""
    return {origin_id(origin): origin for origin in origins}, {run_id(run): run for run in runs}


def now() -> str:
    """UTC, ISO 8601, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def _earlier(path: Path) -> tuple[Manifest | None, str]:
    """What the file holds. One that was altered is put aside, for whoever wants to know, and vouched for no more."""
    if not path.exists():
        return None, ""
    try:
        return read_manifest(path), ""
    except TrustError as error:
        aside = path.with_name(f"{path.name}.altered-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}")
        os.replace(path, aside)
        return None, f"{error}; it was put aside as {aside.name}, and its frames are no longer vouched for"


def _without_unused(manifest: Manifest) -> Manifest:
    origins = {record.origin for record in manifest.frames.values()}
    runs = {record.run for record in manifest.frames.values()}
    return replace(
        manifest,
        origins={name: one for name, one in manifest.origins.items() if name in origins},
        runs={name: one for name, one in manifest.runs.items() if name in runs},
    )
