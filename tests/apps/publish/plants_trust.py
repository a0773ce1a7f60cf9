"""Faults of label, seal, models, consent, log and credentials, each planted into a small delivery."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ff_vfx import door
from ff_vfx.door.audit_places import audit_folders
from ff_vfx.door.auditing import audited
from ff_vfx.trust.consent import new_record, record_of, sha256_of, user_records
from ff_vfx.trust.content_credentials import sidecar_of
from ff_vfx.trust.keyring import user_keys
from ff_vfx.trust.signed_text import write_signed
from ff_vfx.trust.signing import Signer, key_content, key_file_name, signed
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import FileHash
from tests.apps.publish.made_delivery import Channels, Delivered
from tests.apps.publish.plants_files import FRAME, Header, Plant
from tests.conftest import ROOT


def label_taken_out(made: Delivered) -> None:
    made.header(FRAME, {"ffvfx/label": None, "AIGC": None}, sealed=False)


def label_that_lies(made: Delivered) -> None:
    text = b"not AI-generated here: the plate, unchanged (ff-vfx 0.1.0)"
    made.header(FRAME, {"ffvfx/label": ("string", text)}, sealed=False)


def label_without_consent(made: Delivered) -> None:
    made.header(FRAME, {"ffvfx/consent": None})


def edited_header(made: Delivered) -> None:
    made.header(FRAME, {"comments": ("string", b"shot on the day")}, sealed=False)


def edited_face(made: Delivered) -> None:
    made.pixels(FRAME, _brighter, sealed=False)


def manifest_gone(made: Delivered) -> None:
    made.manifest.unlink()


def manifest_edited(made: Delivered) -> None:
    data = json.loads(made.manifest.read_text())
    data["frames"][1]["made"]["size"] += 1
    made.manifest.write_text(json.dumps(data))


def manifest_torn(made: Delivered) -> None:
    made.manifest.write_bytes(made.manifest.read_bytes()[:-200])


def manifest_of_a_stranger(made: Delivered) -> None:
    made.seal(_new_key("nobody we know"))


def frame_that_nobody_signed_for(made: Delivered) -> None:
    path = made.file(FRAME)
    path.rename(made.folder / "aside")
    made.seal()
    (made.folder / "aside").rename(path)


def wrong_model_hash(made: Delivered) -> None:
    file = model_of(made, "any")
    file.write_bytes(file.read_bytes() + b"\0")


def header_of_another_model(made: Delivered) -> None:
    model_of(made, "any")
    made.header(FRAME, {"ffvfx/models": ("string", b"swap " + b"9" * 64 + b" MIT any")}, sealed=False)


def non_commercial_model(made: Delivered) -> None:
    model_of(made, "non-commercial")


def consent_expired(made: Delivered) -> None:
    made.seal(clearances=(_consent(valid_until="2021-12-31"),))


def consent_revoked(made: Delivered) -> None:
    clearance = _consent()
    made.seal(clearances=(clearance,))
    notice = {"schema": "ff-vfx consent revocation 1", "record": clearance.record_id, "subject": "Ada"}
    notice |= {"revoked_on": "2021-11-01", "reason": ""}
    user_records().mkdir(parents=True, exist_ok=True)
    write_signed(user_records() / "ada.ffrevoke.json", notice)


def consent_out_of_scope(made: Delivered) -> None:
    made.seal(clearances=(_consent(uses=("theatrical", "test")),))
    made.job = made.job.model_copy(update={"use": "advertising"})


def consent_forged(made: Delivered) -> None:
    clearance = _consent()
    record = json.loads(json.dumps(clearance.record))
    record["scope"]["territories"] = ["EU", "US", "worldwide"]
    made.seal(clearances=(replace(clearance, record=record),))


def consent_by_an_unknown_key(made: Delivered) -> None:
    made.seal(clearances=(_consent(known=False),))


def consent_for_other_stills(made: Delivered) -> None:
    made.seal(clearances=(_consent(listed=False),))


def marked_frames(made: Delivered) -> None:
    none = Clearance("Ada", False, "no consent on file for Ada", "get one")
    made.seal(clearances=(none,), stills=(FileHash("ada.png", "7" * 64),))


def marked_frames_whose_consent_came_later(made: Delivered) -> None:
    clearance = _consent()
    made.seal(clearances=(Clearance("Ada", False, "no consent on file for Ada", "get one"),))
    user_records().mkdir(parents=True, exist_ok=True)
    write_signed(user_records() / "ada.ffconsent.json", clearance.record)


def broken_chain(made: Delivered) -> None:
    for word in ("one", "two", "three"):
        with audited("test", word=word):
            pass
    (log,) = sorted(audit_folders()[0][0].glob("*.jsonl"))
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:-2], lines[-1]]))


def log_taken_away(made: Delivered) -> None:
    with audited("test", word="one"):
        pass
    shutil.rmtree(audit_folders()[0][0])


def credentials_of_other_files(made: Delivered) -> None:
    before = sidecar_of(made.manifest).read_bytes()
    made.pixels(FRAME, _brighter)
    sidecar_of(made.manifest).write_bytes(before)


def credentials_damaged(made: Delivered) -> None:
    path = sidecar_of(made.manifest)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _brighter(header: Header, channels: Channels) -> None:
    """One pixel of the face."""
    channels["R"][250, 250] *= np.float16(1.5)


def _consent(
    *, known: bool = True, listed: bool = True, uses: tuple[str, ...] = ("*",), valid_until: str | None = None
) -> Clearance:
    """What a job found of a performer whose record this user's rights key signed."""
    signer = _new_key("rights")
    if known:
        folder = user_keys() / "rights"
        folder.mkdir(parents=True, exist_ok=True)
        write_signed(folder / key_file_name(signer.public), key_content(signer))
    stills = sorted((ROOT / "examples" / "s010" / "performer").iterdir()) if listed else [Path(__file__)]
    fields = {
        "kind": "performer", "subject": "Ada", "grantor": {"name": "Ada", "authority": "self", "contact": ""},
        "replica": "employment-based", "description": "her face on a stunt double's",
        "scope": {"projects": ["*"], "shots": ["*"], "uses": list(uses), "territories": ["worldwide"]},
        "valid_from": "2020-01-01", "valid_until": valid_until,
    }  # fmt: skip
    data = signed(new_record(fields, stills, []), signer)
    record = record_of(data, "ada")
    return Clearance(
        "Ada", True, "", "", record.id, record.kind, signer.fingerprint, signer.name, sha256_of(data), (), data
    )


def _new_key(name: str) -> Signer:
    return Signer(name, Ed25519PrivateKey.generate())


def model_of(made: Delivered, use: str) -> Path:
    """A network in a folder of the test's own, and frames that say they were made with it; gives its file."""
    source, folder = Path(door.models_folder()), made.folder.parent / "models"
    folder.mkdir()
    data = json.loads((source / "iris_landmark.json").read_text()) | {"name": "swap", "allowed_use": use}
    shutil.copy(source / data["file"], folder / data["file"])
    (folder / "swap.json").write_text(json.dumps(data))
    made.seal(models=({name: data[name] for name in ("name", "kind", "licence", "allowed_use", "sha256")},))
    made.job = made.job.model_copy(update={"models": str(folder)})
    return folder / str(data["file"])


PLANTS: dict[Plant, str] = {
    label_taken_out: "label", label_that_lies: "label", label_without_consent: "label", edited_header: "intact",
    edited_face: "intact", manifest_gone: "manifest", manifest_edited: "manifest", manifest_torn: "manifest",
    manifest_of_a_stranger: "manifest", frame_that_nobody_signed_for: "manifest", wrong_model_hash: "model-hash",
    header_of_another_model: "model-hash", non_commercial_model: "model-licence", consent_expired: "consent",
    consent_revoked: "consent", consent_out_of_scope: "consent", consent_forged: "consent",
    consent_by_an_unknown_key: "consent", consent_for_other_stills: "consent", marked_frames: "consent",
    marked_frames_whose_consent_came_later: "consent",
    broken_chain: "audit", log_taken_away: "audit", credentials_of_other_files: "c2pa", credentials_damaged: "c2pa",
}  # fmt: skip
"""What is planted, and the check that must turn red, and no other."""

WHOLE = {plant for plant, check in PLANTS.items() if check in ("manifest", "model-licence", "audit", "c2pa")}
WHOLE = (WHOLE | {wrong_model_hash}) - {frame_that_nobody_signed_for, non_commercial_model}
"""Faults of the whole, which name no frame."""
EVERY = {plant for plant, check in PLANTS.items() if check == "consent"} | {non_commercial_model}
"""Faults of every frame that shows him, or that it made."""
