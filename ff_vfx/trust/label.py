"""What each frame says of itself in its header: that it is AI-made, of what, by what, with whose consent.

Read by the door, which has these texts written as attributes, and by whoever reads them back. Nothing here depends on
time, machine or frame range. What the laws ask: docs/provenance.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ff_vfx.trust.signed_text import canonical
from ff_vfx.types.clearance import Clearance
from ff_vfx.types.manifest import FileHash, Origin

STAMP = "ffvfx/stamp"
VERSION = "ffvfx/version"
MODELS = "ffvfx/models"
LABEL = "ffvfx/label"
PLATE = "ffvfx/plate"
SOLVE = "ffvfx/solve"
SETTINGS = "ffvfx/settings"
CONSENT = "ffvfx/consent"
LAYERS = "ffvfx/layers.digitalSourceType"
AIGC = "AIGC"  # GB 45438-2025, implicit label in a file's metadata: name and fields
SOURCE_TYPE = "Iptc4xmpExt:DigitalSourceType"  # IPTC Photo Metadata, Digital Source Type: its XMP name
_SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = f"{_SCHEME}compositeWithTrainedAlgorithmicMedia"
GENERATED = f"{_SCHEME}trainedAlgorithmicMedia"
MADE = "AI-manipulated: a face was replaced"
MADE_ALONE = "AI-generated: a face made to replace one in a film"
UNCHANGED = "not AI-generated here: the plate, unchanged"
HIDDEN = "not AI-generated here: faces were covered, so that nobody knows them"
MARKED = "none: marked"
NO_PIXELS = ("c2pa",)  # of settings.output: what changes no frame's file
_OURS = "ffvfx/"
_TOLD_OF_EARLIER = ("label", "consent", "models", "plate", "solve", "settings", "stamp", "version")


@dataclass(frozen=True, slots=True)
class Label:
    """What all frames of a job share.

    tool: name and version. stamp: the job's, see ff_vfx.door.stamp. producer: who answers for the picture.
    solve, settings: sha256. models: as Origin has them. face_only: the files hold the new face alone.
    hidden: no face was made; faces were covered.
    """

    tool: str
    stamp: str
    producer: str
    solve: str
    settings: str
    models: tuple[Mapping[str, str], ...]
    clearances: tuple[Clearance, ...]
    face_only: bool
    hidden: bool = False


def label_of(origin: Origin, stamp: str) -> Label:
    """The label of frames that were made from this: the same when it is written and when it is checked."""
    output = origin.settings.get("output")
    output = output if isinstance(output, Mapping) else {}
    return Label(
        origin.tool,
        stamp,
        str(output.get("producer", "")),
        origin.solve.sha256,
        settings_sha256(origin.settings),
        origin.models,
        origin.clearances,
        output.get("layers") == "face",
        origin.job.get("method") in ("blur", "pixelate"),
    )


def settings_sha256(settings: Mapping[str, object]) -> str:
    """Of what in the settings decides a frame's file; tracking is in the solve."""
    kept = {name: group for name, group in settings.items() if name not in ("track", "preset")}
    output = kept.get("output")
    if isinstance(output, Mapping):
        kept["output"] = {name: value for name, value in output.items() if name not in NO_PIXELS}
    return hashlib.sha256(canonical(kept)).hexdigest()


def attributes_of(
    label: Label, number: int, plate: FileHash, *, passed: bool, earlier: Mapping[str, object]
) -> dict[str, str]:
    """A frame's header attributes.

    Args:
        plate: the plate frame's file. passed: it went through unchanged. earlier: the plate's own attributes; what an
            earlier render said of itself is kept under 'ffvfx/earlier.*', and a label of its own outlives a frame that
            passed.
    """
    told = {STAMP: label.stamp, VERSION: label.tool.rpartition(" ")[2]}
    told |= {SOLVE: _digest(label.solve), SETTINGS: _digest(label.settings)}
    if label.models:
        rows = ("{name} {sha256} {licence} {allowed_use}".format(**model) for model in label.models)
        told[MODELS] = "; ".join(rows)
    if plate.sha256:
        told[PLATE] = f"{plate.file} {_digest(plate.sha256)}"
    if passed or label.hidden:
        told[LABEL] = f"{UNCHANGED if passed else HIDDEN} ({label.tool})"
        if is_labelled(earlier):
            told[LABEL] += "; it was AI-labelled before"
    else:
        told[LABEL] = f"{MADE_ALONE if label.face_only else MADE} ({label.tool})"
        told[SOURCE_TYPE] = GENERATED if label.face_only else COMPOSITE
        told[LAYERS] = f"ffFace, ffRaw: {GENERATED}"
        told[AIGC] = aigc(label.producer, f"{label.stamp}-{number}")
        told[CONSENT] = consent_text(label.clearances)
    return {**told, **_earlier(earlier)}


def movie_attributes(label: Label) -> dict[str, str]:
    """The same for a movie as a whole: its container's metadata."""
    told = attributes_of(label, 0, FileHash("", ""), passed=False, earlier={})
    return {name: text for name, text in told.items() if name != LAYERS} | {AIGC: aigc(label.producer, label.stamp)}


def aigc(producer: str, produce_id: str) -> str:
    """The AIGC text: '1' is 'certainly AI-made'. The propagator's fields are the propagator's to fill."""
    fields = {
        "Label": "1",
        "ContentProducer": producer,
        "ProduceID": produce_id,
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def consent_text(clearances: Sequence[Clearance]) -> str:
    """Each performer's record: id, kind, its hash and who vouches for it; or that there is none. No names of people."""
    return "; ".join(dict.fromkeys(map(_consent, clearances))) or "none needed: no performer was named"


def is_labelled(attributes: Mapping[str, object]) -> bool:
    """Whether a header says that its picture is AI-made, by any of the marks we know."""
    return bool(
        attributes.get(AIGC)
        or "lgorithmic" in str(attributes.get(SOURCE_TYPE, ""))
        or str(attributes.get(LABEL, "")).startswith("AI-")
    )


def _consent(one: Clearance) -> str:
    return f"{one.record_id} {one.kind} {_digest(one.sha256)} key {one.key}" if one.cleared else MARKED


def _earlier(attributes: Mapping[str, object]) -> dict[str, str]:
    """What an earlier render of ours said, under other names: who was in it, and with which consent, is not lost."""
    if not str(attributes.get(LABEL, "")):
        return {}
    kept: dict[str, str] = {}
    for name in _TOLD_OF_EARLIER:
        said = [str(attributes[key]) for key in (f"{_OURS}{name}", f"{_OURS}earlier.{name}") if attributes.get(key)]
        if said:
            kept[f"{_OURS}earlier.{name}"] = " | ".join(said)
    return kept


def _digest(sha256: str) -> str:
    return f"sha256:{sha256}"
