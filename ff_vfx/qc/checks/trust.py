"""May it be shown, and can it be shown where it comes from? Label, seal, models, consent, log. Read by table."""

from __future__ import annotations

from ff_vfx.qc.checks.verdict import failed, passed, skipped, where
from ff_vfx.types.delivery import Delivery, Fault
from ff_vfx.types.finding import Finding

LABEL, MANIFEST, INTACT, C2PA = "label", "manifest", "intact", "c2pa"
HASH, LICENCE, CONSENT, AUDIT = "model-hash", "model-licence", "consent", "audit"
_NO_SEAL = "the manifest cannot be believed, see there"
# Which models may serve which uses, as their manifests and the job say it. A test for a paid show is paid work.
_FREE_USES = {"non-commercial": ("non-commercial", "research"), "research": ("research",)}


def label(delivery: Delivery) -> Finding:
    """Every frame says that it was made with AI, and truly how."""
    wrong = {number: delivery.labels[number] for number in delivery.whole if number in delivery.labels}
    if wrong:
        fix = "`ff-vfx check --repair label` writes what the manifest says, if nothing else was changed"
        return failed(LABEL, wrong, f"{wrong[min(wrong)]}; {fix}", faults=wrong)
    return passed(LABEL, "every frame is labelled as what it is")


def manifest(delivery: Delivery) -> Finding:
    """The signed manifest is there, whole, signed by a key that is trusted here, and names every frame."""
    seal = delivery.seal
    if seal.absent:
        return failed(
            MANIFEST, (), f"{seal.path}: is not there; copy it from where the frames were made, or render again"
        )
    if seal.fault:
        return failed(MANIFEST, (), seal.fault)
    unsealed = sorted(set(delivery.frames) - set(seal.hashes))
    if unsealed:
        fix = "run the same `ff-vfx fuse` again: it makes these, and no others"
        return failed(MANIFEST, unsealed, f"not in the manifest; {fix}")
    return passed(MANIFEST, f"{len(seal.hashes)} frames, signed by {seal.signer}")


def intact(delivery: Delivery) -> Finding:
    """Every file is the one that was rendered, to the last byte, its header too."""
    seal = delivery.seal
    if seal.absent or seal.fault:
        return skipped(INTACT, _NO_SEAL)
    other = [n for n, frame in delivery.whole.items() if n in seal.hashes and frame.sha256 != seal.hashes[n]]
    if other:
        fix = "take the files that were rendered, or render again; nobody vouches for these"
        return failed(INTACT, other, f"changed since the render, in the header or the pixels; {fix}")
    return passed(INTACT, "every file is the one that was rendered")


def c2pa(delivery: Delivery) -> Finding:
    """Where there are content credentials they are whole and speak of these files."""
    if delivery.c2pa is None:
        return skipped(C2PA, "there are none; `ff-vfx label` makes them")
    return _faults(C2PA, delivery.c2pa, "they are whole and of these files")


def model_hash(delivery: Delivery) -> Finding:
    """Every network is the very file that its manifest and the frames speak of."""
    wrong = [one for one in delivery.models if one.fault]
    if wrong:
        frames = {number for one in wrong for number in one.frames}
        texts = "; ".join(f"model {one.name}: {one.fault}" for one in wrong[:4])
        made = {one.name: list(one.made) for one in wrong}
        return failed(HASH, frames, texts, models=made)
    if delivery.seal.absent or delivery.seal.fault:
        return skipped(HASH, _NO_SEAL)
    away = [one.name for one in delivery.models if one.unknown]
    more = f"; not on this machine, so by their manifests alone: {', '.join(away)}" if away else ""
    return passed(HASH, f"{len(delivery.models)} models besides the embedded ones{more}")


def model_licence(delivery: Delivery) -> Finding:
    """No network is used for what its licence does not allow."""
    if delivery.seal.absent or delivery.seal.fault:
        return skipped(LICENCE, _NO_SEAL)
    use = delivery.use.strip().lower()
    wrong = [
        one for one in delivery.models if one.allowed_use != "any" and use not in _FREE_USES.get(one.allowed_use, ())
    ]
    if wrong:
        said = f"'{delivery.use}'" if use else "a use that is not said"
        texts = [f"model {one.name} ({one.licence}) is for {one.allowed_use} use, this is {said}" for one in wrong[:4]]
        fix = "render with a model that is licensed for it, or say `use` in the job where it is non-commercial"
        frames = {number for one in wrong for number in one.made}
        return failed(LICENCE, frames, f"{'; '.join(texts)}; {fix}", models=[one.name for one in wrong])
    return passed(LICENCE, f"every model may be used for {use or 'any use'}")


def consent(delivery: Delivery) -> Finding:
    """Everyone whose face is in it has allowed this, and still does today; no frame bears the mark."""
    if delivery.seal.absent or delivery.seal.fault:
        return skipped(CONSENT, _NO_SEAL)
    without = [one for one in delivery.clearances if not one.cleared]
    if without:
        texts = "; ".join(f"{one.performer}: {one.why_not}" for one in without)
        remedy = next((one.remedy for one in without if one.remedy), "get the consent, then render again")
        frames = delivery.marked or [number for number, frame in delivery.whole.items() if not frame.passed]
        return failed(CONSENT, frames, f"{texts}; {remedy}", performers=[one.performer for one in without])
    if delivery.marked:
        return failed(CONSENT, delivery.marked, "under the mark of missing consent, which is there now: render again")
    names = ", ".join(f"{one.performer} ({one.kind}, by {one.signer})" for one in delivery.clearances)
    return passed(CONSENT, f"in scope today: {names}" if names else "nobody's face is in it")


def audit(delivery: Delivery) -> Finding:
    """The log of what was done is whole: nothing taken out, put in, moved or changed."""
    if delivery.audit is None:
        return skipped(AUDIT, "there is no log on this machine")
    return _faults(AUDIT, delivery.audit, "the log is whole")


def _faults(check: str, faults: tuple[Fault, ...], well: str) -> Finding:
    if not faults:
        return passed(check, well)
    texts = [f"{where(fault.frames)}{fault.text}" for fault in faults[:3]]
    more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
    frames = tuple(sorted({number for fault in faults for number in fault.frames}))
    return Finding(check, "failed", "; ".join(texts) + more, frames, values={"faults": [one.text for one in faults]})
