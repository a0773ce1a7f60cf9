"""Things that no manifest speaks of: a picture or movie by its credentials, a consent record. Read by verifying."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ff_vfx.door.consenting import consent_verify
from ff_vfx.errors import FfVfxError, PlateError, TrustError
from ff_vfx.plate.exr_header import MAGIC, read_header
from ff_vfx.trust.content_credentials import Credentials, read_credentials
from ff_vfx.trust.label import is_labelled
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.finding import Finding
from ff_vfx.types.verification import Verification

_NO_MANIFEST = "no manifest beside it speaks of this file"


def verify_alone(path: Path) -> Verification:
    """A file without a manifest: what its C2PA credentials say; else what its header claims, which binds nobody."""
    try:
        found = read_credentials(path)
    except (TrustError, OSError) as error:
        finding = Finding("c2pa", "failed", str(error))
        return Verification(str(path), "a file whose credentials are damaged", (), (finding,), False)
    if found is None:
        return _by_header(path)
    told = (
        ("what", tuple(one.rpartition("/")[2] for one in found.source_types)),
        ("by", (found.tool,)),
        ("label", tuple(f"{name}: {text}" for name, text in sorted(found.label.items()))),
        ("signed by", (found.signer,)),
    )
    findings = (Finding("manifest", "skipped", _NO_MANIFEST), _credential(found))
    page = tuple((heading, lines) for heading, lines in told if lines and lines != ("",))
    return Verification(
        str(path), f"a file with C2PA credentials, {path.name}", page, findings, found.state != "invalid"
    )


def verify_record(path: Path, day: date) -> Verification:
    """A consent record: whose, for what, and whether it holds on that day."""
    try:
        found = Clearance(**consent_verify(str(path), on=day.isoformat()))  # type: ignore[arg-type]
    except FfVfxError as error:
        finding = Finding("consent", "failed", str(error))
        return Verification(str(path), "no consent record that can be believed", (), (finding,), False)
    refused = f"does not hold on {day}: {found.why_not}. {found.remedy}"
    holds = Finding("consent", "passed", f"holds on {day}, within what it allows")
    if not found.cleared:
        holds = Finding("consent", "failed", refused)
    told = (
        ("who", (f"{found.performer} ({found.kind})",)),
        ("within", found.restrictions),
        ("signed by", (f"{found.signer} ({found.key})",) if found.key else ()),
    )
    page = tuple((heading, tuple(lines)) for heading, lines in told if lines)
    # Where no key here vouches for it, nothing in it is sure.
    return Verification(str(path), f"consent record {found.record_id}", page, (holds,), bool(found.key))


def _credential(found: Credentials) -> Finding:
    if found.state == "invalid":
        return Finding("c2pa", "failed", f"the file was changed since it was signed: {', '.join(found.faults[:3])}")
    if found.state == "valid":
        remedy = "anybody can have signed it; put his root into trust/c2pa-anchors if you know him"
        return Finding("c2pa", "failed", f"whole, but C2PA does not know the signer here: {found.signer}; {remedy}")
    return Finding("c2pa", "passed", "as it was signed, by a signer known here")


def _by_header(path: Path) -> Verification:
    """What an EXR claims of itself."""
    claims: dict[str, str] = {}
    try:
        with open(path, "rb") as file:
            if file.read(4) == MAGIC:
                parts = read_header(path, str(path))
                names = [name for name in parts[0].values if name.startswith("ffvfx/") or is_labelled({name: "AI-"})]
                claims = {name: text for part in parts for name in names if (text := part.text(name))}
    except (PlateError, OSError) as error:
        return Verification(str(path), "a broken file", (), (Finding("manifest", "failed", str(error)),), False)
    fault = Finding("manifest", "failed", f"{_NO_MANIFEST}, and it has no C2PA credentials; nothing vouches for it")
    claimed = tuple(f"{name}: {text}" for name, text in sorted(claims.items()))
    page = (("claims, unsigned", claimed),) if claimed else ()
    return Verification(str(path), f"a file nobody vouches for, {path.name}", page, (fault,), False)
