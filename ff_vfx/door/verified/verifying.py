"""What a finished thing is, whether it is intact, and whether it may still be shown. Read by ff_vfx.door.verify.

Nothing a frame says of itself is believed where a manifest says more; whose key is unknown here is believed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from ff_vfx.door.delivery.consent import clearances_today
from ff_vfx.door.manifests import manifest_path, manifests_in, read_manifest_of
from ff_vfx.door.provenance import hashed
from ff_vfx.door.verified.alone import verify_alone, verify_record
from ff_vfx.door.verified.credentials import credentials_of
from ff_vfx.door.verified.frames import VerifiedFrames, verify_frames, verify_plate
from ff_vfx.door.verified.page import page_of
from ff_vfx.errors import BadInput, TrustError
from ff_vfx.plate import sequence_path
from ff_vfx.trust.keyring import load_keyring
from ff_vfx.trust.known import strangers
from ff_vfx.trust.manifest import ENDING
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.finding import Finding
from ff_vfx.types.manifest import Manifest
from ff_vfx.types.verification import Verification

_RECORD = ".ffconsent.json"
_OTHER_JSON = ".json"
_MOST_LOOKED_AT = 64  # manifests in one folder


@dataclass(frozen=True, slots=True)
class Asked:
    """What else is asked: consent for this use ('' the one it was made for), on this day; of this plate ('' none)."""

    today: date
    use: str = ""
    plate: str = ""


def verify_path(named: str, *, use: str = "", plate: str = "", today: date | None = None) -> Verification:
    """See ff_vfx.door.verify. today: a test's."""
    path = Path(named)
    day = today or datetime.now(UTC).date()
    if not (path.exists() or _numbered(named)):
        raise BadInput(f"{named}: no such file or folder; name a pattern, a frame, a movie, a picture or a manifest")
    if named.endswith(_RECORD):
        return verify_record(path, day)
    if path.is_file() and not named.endswith(ENDING) and path.suffix == _OTHER_JSON:
        raise BadInput(f"{named}: is neither a manifest nor a consent record; nothing can be said of it")
    try:
        manifest = read_manifest_of(named)
    except TrustError as error:
        return _unbelieved(named, str(error))
    except BadInput as error:
        if path.is_file():
            alone = verify_alone(path)
            return replace(alone, findings=(*_renamed(path), *alone.findings))
        if path.is_dir() and len(manifests_in(path)) > 1:
            raise
        return _unbelieved(named, str(error))
    return verify_manifest(named, manifest, Asked(day, use, plate))


def verify_manifest(named: str, manifest: Manifest, asked: Asked) -> Verification:
    """A sequence, a movie, or the one frame that was named."""
    only = _only(named, manifest)
    frames = verify_frames(manifest, only)
    clearances = clearances_today(manifest, asked.use, asked.today)
    numbers = only or tuple(manifest.frames)
    findings = (
        Finding("manifest", "passed", f"{Path(manifest.path).name} is whole, every entry is its maker's"),
        _signers(manifest),
        *_files(manifest, frames),
        *(_plate(manifest, asked.plate, numbers) if asked.plate else ()),
        _consent(manifest, clearances, numbers, asked.today),
        credentials_of(manifest, numbers, frames.missing),
    )
    return Verification(named, *page_of(manifest, numbers, clearances), findings)


def _renamed(path: Path) -> Iterable[Finding]:
    """Whether a file that no manifest beside it names is one that it has under another name."""
    digest = hashed(path).sha256
    for beside in manifests_in(path.parent)[:_MOST_LOOKED_AT]:
        try:
            frames = read_manifest_of(str(beside)).frames
        except TrustError:
            continue
        for number, record in frames.items():
            if record.made.sha256 == digest:
                yield Finding("changed", "failed", f"it is {record.made.file}, frame {number}, under another name")
                return


def _numbered(named: str) -> bool:
    """Whether a pattern has frames, or a manifest that says it had."""
    pattern = sequence_path(named)
    return pattern.numbered and (manifest_path(named).is_file() or bool(pattern.found()))


def _only(named: str, manifest: Manifest) -> tuple[int, ...] | None:
    """The frame that was named by its file; None where the whole was."""
    path = Path(named)
    if not path.is_file() or named.endswith(ENDING) or manifest.kind != "sequence":
        return None
    return tuple(number for number, record in manifest.frames.items() if record.made.file == path.name)


def _unbelieved(named: str, fault: str) -> Verification:
    return Verification(named, "nothing that can be believed", (), (Finding("manifest", "failed", fault),), False)


def _signers(manifest: Manifest) -> Finding:
    unknown = strangers(manifest, load_keyring())
    if not unknown:
        return Finding("signer", "passed", "every key is known here")
    names = ", ".join(f"{name} ({key})" for key, (name, _) in unknown.items())
    frames = tuple(sorted({number for _, numbers in unknown.values() for number in numbers}))
    remedy = "compare the fingerprint with whom it should be, then `ff-vfx consent trust KEY --role label`"
    return Finding("signer", "failed", f"signed by {names}, not known here: anybody can have made it; {remedy}", frames)


def _files(manifest: Manifest, frames: VerifiedFrames) -> Iterable[Finding]:
    missing, changed, unknown = frames.missing, frames.changed, frames.unknown
    if missing:
        yield Finding("missing", "failed", "made, and not there now; render or copy them again", missing)
    if changed:
        told = "; ".join(f"{number}: {how}" for number, how in list(changed.items())[:5])
        more = f"; and {len(changed) - 5} more" if len(changed) > 5 else ""
        yield Finding("changed", "failed", f"not as they were made: {told}{more}", tuple(changed), values=_by(changed))
    if unknown:
        told = "; ".join(list(unknown.values())[:5])
        remedy = "a run that was interrupted takes them in when it is run again"
        yield Finding(
            "unknown", "failed", f"not in the manifest: {told}; {remedy}", tuple(unknown), values=_by(unknown)
        )
    if not (missing or changed or unknown):
        what = (
            f"the {manifest.kind} is"
            if manifest.kind != "sequence"
            else f"{len(frames.intact)} of {len(frames.intact)} are"
        )
        yield Finding("files", "passed", f"{what} as made, to the bit")


def _plate(manifest: Manifest, plate: str, numbers: Sequence[int]) -> Iterable[Finding]:
    wrong = verify_plate(manifest, plate, numbers)
    if not wrong:
        yield Finding("plate", "passed", "every frame's plate is the one it was made from, to the bit")
        return
    told = "; ".join(f"{number}: {how}" for number, how in list(wrong.items())[:5])
    yield Finding("plate", "failed", f"not the plate they were made from: {told}; render again", tuple(wrong))


def _by(said: dict[int, str]) -> dict[str, object]:
    return {str(number): text for number, text in said.items()}


def _consent(manifest: Manifest, today: Sequence[Clearance], numbers: Sequence[int], day: date) -> Finding:
    rendered = [number for number in numbers if manifest.frames[number].outcome == "rendered"]
    marked = tuple(number for number in rendered if manifest.origin_of(number).marked)
    if marked:
        names = [one.performer for number in marked for one in manifest.origin_of(number).clearances if not one.cleared]
        who = ", ".join(dict.fromkeys(names))
        return Finding("consent", "failed", f"made without consent of {who}: the mark is on the picture", marked)
    refused = [one for one in today if not one.cleared]
    if refused:
        why = "; ".join(f"{one.performer}: {one.why_not}. {one.remedy}" for one in refused)
        return Finding("consent", "failed", f"does not hold on {day}: {why}", tuple(rendered))
    if not rendered:
        return Finding("consent", "passed", "nobody's face was put in: the plate passed")
    if not today:
        return Finding("consent", "passed", "nobody was put in, and nobody was left to be seen by his consent")
    return Finding("consent", "passed", f"holds on {day} for {', '.join(one.performer for one in today)}")
