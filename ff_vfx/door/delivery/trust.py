"""What the manifest, the records on file, the models and the credentials say of a finished sequence. Read by gathering.

Nothing here believes a frame's header: it is compared with what the signed manifest says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ff_vfx.door import models
from ff_vfx.door.audit_places import audit_folders
from ff_vfx.door.delivery.label import MODELS
from ff_vfx.door.manifests import manifest_path
from ff_vfx.door.stamp import file_hash
from ff_vfx.errors import FfVfxError, TrustError
from ff_vfx.trust.audit import has_log, verify
from ff_vfx.trust.content_credentials import read_credentials, sidecar_of
from ff_vfx.trust.keyring import Keyring, load_keyring
from ff_vfx.trust.known import strangers
from ff_vfx.trust.manifest import read_manifest
from ff_vfx.types.delivery import DeliveredFrame, Fault, ModelFacts, SealFacts
from ff_vfx.types.manifest import Manifest, Origin

_LOG_REMEDY = (
    "compare it with a backup; once looked into, `ff-vfx audit begin --why ...` puts it away and begins a new log"
)


def seal_of(pattern: str) -> tuple[SealFacts, Manifest | None]:
    """The manifest beside the frames, and whether it can be believed here; no manifest where it cannot."""
    path = manifest_path(pattern)
    if not path.is_file():
        return SealFacts(str(path), absent=True), None
    try:
        manifest = read_manifest(path)
    except (TrustError, OSError) as error:
        return SealFacts(str(path), fault=str(error)), None
    keyring = load_keyring()
    signer = f"{manifest.signatures[0].name} ({manifest.signatures[0].key})"
    if fault := _unknown_keys(manifest, keyring):
        return SealFacts(str(path), fault=f"{path}: {fault}", signer=signer), None
    hashes = {number: record.made.sha256 for number, record in manifest.frames.items()}
    return SealFacts(str(path), signer=signer, hashes=hashes), manifest


def model_facts(manifest: Manifest, frames: Iterable[DeliveredFrame], folder: str) -> tuple[ModelFacts, ...]:
    """Every network of the manifest, held against its file here and against what the frames say."""
    says = {frame.number: str(frame.header.attributes.get(MODELS, "")) for frame in frames if frame.header}
    facts = []
    for model in {row["name"] + row["sha256"]: row for origin in _origins(manifest) for row in origin.models}.values():
        using = tuple(n for n in manifest.frames if model in manifest.origin_of(n).models)
        other = tuple(n for n in using if n in says and f"{model['name']} {model['sha256']}" not in says[n])
        fault, unknown = _against_file(model, manifest, folder)
        if other and not fault:
            fault = "the frames' headers speak of another file; take the files that were rendered"
        row = (model["name"], model["sha256"], model["licence"], model["allowed_use"])
        facts.append(ModelFacts(*row, fault=fault, unknown=unknown, made=using, frames=other))
    return tuple(facts)


def marked_frames(manifest: Manifest | None, frames: Iterable[DeliveredFrame]) -> tuple[int, ...]:
    """Frames that bear the mark of missing consent, by the manifest or by their own word."""
    from ff_vfx.trust.label import CONSENT, MARKED

    said = {
        frame.number for frame in frames if frame.header and MARKED in str(frame.header.attributes.get(CONSENT, ""))
    }
    if manifest:
        made = (n for n, record in manifest.frames.items() if record.outcome == "rendered")
        said |= {number for number in made if manifest.origin_of(number).marked}
    return tuple(sorted(said))


def content_credentials(seal: SealFacts, frames: Iterable[DeliveredFrame]) -> tuple[Fault, ...] | None:
    """What is wrong with C2PA credentials beside the manifest and the frames; None where there are none."""
    faults: list[Fault] = []
    seen = False
    for path, numbers in [(Path(seal.path), ()), *((Path(frame.path), (frame.number,)) for frame in frames)]:
        if not sidecar_of(path).is_file() or (not numbers and (seal.absent or seal.fault)):
            continue
        seen = True
        if fault := _credential_fault(path):
            faults.append(Fault(fault, numbers))
    return tuple(faults) if seen else None


def log_faults() -> tuple[Fault, ...] | None:
    """What is wrong with the logs of this site, user and show; None where nothing was ever written down."""
    folders, fault = audit_folders()
    faults = [Fault(fault)] if fault else []
    seen = False
    for folder in folders:
        if not has_log(folder):
            continue
        seen = True
        try:
            verdict = verify(folder)
        except (TrustError, OSError) as error:
            faults.append(Fault(str(error)))
            continue
        for one in verdict.wrong:
            place = f"{one.file} line {one.line}: " if one.line else ""
            faults.append(Fault(f"{folder}: {place}{one.message}; {_LOG_REMEDY}"))
    return tuple(faults) if seen or faults else None


def _unknown_keys(manifest: Manifest, keyring: Keyring) -> str:
    """Whose signature is not believed here, in words."""
    for name, _ in strangers(manifest, keyring).values():
        return f"is signed by {name}, whose key is not known here; run `ff-vfx consent trust KEY --role label`"
    return ""


def _origins(manifest: Manifest) -> tuple[Origin, ...]:
    return tuple(manifest.origins.values())


def _against_file(model: Mapping[str, str], manifest: Manifest, folder: str) -> tuple[str, bool]:
    """What is wrong with a model's file on this machine, and whether there is none."""
    for name, place in _places(model["name"], manifest, folder):
        try:
            here = models.manifest(name, place)
        except (FfVfxError, OSError):
            continue
        path = Path(str(here["path"]))
        if here.get("name") != model["name"] or not path.is_file():
            continue
        if here.get("sha256") != model["sha256"]:
            return "its manifest here is of another file than the frames were made with; bring that one back", False
        if file_hash(path) != model["sha256"]:
            return f"{path} is not the file that made the frames; bring that back (`ff-vfx models pull`)", False
        if (here.get("licence"), here.get("allowed_use")) != (model["licence"], model["allowed_use"]):
            return "its licence here is another than when the frames were made; find out which holds", False
        return "", False
    return "", True


def _places(name: str, manifest: Manifest, folder: str) -> list[tuple[str, str]]:
    """Names and folders a model may be found by: as asked now, as the job had it, as swapper of one of its parts."""
    jobs = [origin.job for origin in _origins(manifest)]
    folders = [folder] if folder else ["", *(str(job.get("models") or "") for job in jobs)]
    casts = [job.get("cast") for job in jobs]
    parts = [part for cast in casts if isinstance(cast, list) for part in cast if isinstance(part, Mapping)]
    swappers = [str(one.get("swapper") or "") for one in (*jobs, *parts)]
    named = [one for one in swappers if one.lower().endswith(".json")]
    return list(dict.fromkeys([*((name, place) for place in folders), *((one, "") for one in named)]))


def _credential_fault(path: Path) -> str:
    try:
        found = read_credentials(path)
    except (TrustError, OSError) as error:
        return f"{error}; sign again"
    if found is None or found.state != "invalid":
        return ""
    return f"the credentials of {path.name} are not of this file ({', '.join(found.faults[:3])}); sign again"
