"""Gathers all facts of a finished sequence, for the publish checks. Read by ff_vfx.door.publishing.

It starts from the manifest beside the frames, which names what they were made from; what it cannot find there or on
this machine becomes a fact, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ff_vfx.door.delivery.consent import clearances_today
from ff_vfx.door.delivery.frames import Beneath, read_frames, strays_of
from ff_vfx.door.delivery.label import labels_of
from ff_vfx.door.delivery.track import leaving_sides
from ff_vfx.door.delivery.trust import (
    content_credentials,
    log_faults,
    marked_frames,
    model_facts,
    seal_of,
)
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.door.manifests import only_manifest
from ff_vfx.door.outputs import MOVIES
from ff_vfx.errors import BadInput, FfVfxError, TrustError
from ff_vfx.plate import SequencePath, parse_frames, sequence_path
from ff_vfx.plate.exr_header import read_header
from ff_vfx.plate.exr_layout import interop_id
from ff_vfx.trust.manifest import ENDING, read_manifest
from ff_vfx.types.delivery import DeliveredFrame, Delivery
from ff_vfx.types.delivery_job import DeliveryJob
from ff_vfx.types.manifest import Manifest, Origin
from ff_vfx.types.plate import Plate
from ff_vfx.types.report import ProgressCall

_ANONYMISED = "ffvfx/anonymised"  # of `ff-vfx anonymise`: nothing is fused there, and no layer of ours is in it


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A delivery's facts, and the manifest they start from; None where there is none to believe."""

    delivery: Delivery
    manifest: Manifest | None


def gather_delivery(job: DeliveryJob, progress: ProgressCall) -> Gathered:
    """Read everything that a publish check may ask about, but for quality control.

    Raises:
        BadInput: the pattern, the frames asked for or the day make no sense, or it is no EXR sequence.
    """
    pattern, today = pattern_of(job.output), day_of(job.today)
    path = _numbered_exr(pattern)
    files = path.found()
    seal, manifest = seal_of(pattern)
    plate, fault = _open_plate(job, manifest, path.folder)
    expected, by = _expected(job.frames, manifest, plate, files)
    layers = _layers(manifest, files)
    frames = _told(read_frames(files, Beneath(plate, fault, layers == "face"), progress), manifest, pattern)
    read = tuple(frames.values())
    if any(frame.header and _ANONYMISED in frame.header.attributes for frame in read):
        raise BadInput(
            f"{pattern}: is an anonymised plate, not a new face; look at its inspection list, and `verify` it"
        )
    use = job.use or (_said(manifest, "use") if manifest else "")
    delivery = Delivery(
        pattern=pattern,
        plate=plate.name if plate else "",
        expected=expected,
        expected_by=by,
        frames=frames,
        strays=strays_of(path, files),
        layers=layers,
        colour_space=plate.colour_space if plate else "",
        interop=interop_id(plate.colour_space) if plate else "",
        use=use,
        labels=labels_of(manifest, read),
        marked=marked_frames(manifest, read),
        seal=seal,
        audit=log_faults(),
        c2pa=content_credentials(seal, read),
    )
    if manifest:
        models = model_facts(manifest, read, job.models)
        delivery = replace(delivery, models=models, clearances=clearances_today(manifest, use, today))
    return Gathered(delivery, manifest)


def pattern_of(named: str) -> str:
    """The pattern of what a person names: itself, a manifest's, or that of the one sequence in a folder.

    Raises:
        BadInput: nothing of the kind.
    """
    path = Path(named)
    if path.is_dir():
        path = only_manifest(path)
    elif not named.endswith(ENDING):
        return named
    try:
        return str(path.parent / read_manifest(path).pattern)
    except TrustError as error:
        raise BadInput(f"{error}; name the frames themselves, such as {path.parent}/comp.####.exr") from error


def day_of(text: str) -> date:
    """The day that is meant; this one where none is.

    Raises:
        BadInput: no such day.
    """
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError as error:
        raise BadInput(f"day '{text}': is none; write it as 2026-11-21") from error


def _numbered_exr(pattern: str) -> SequencePath:
    path = sequence_path(pattern)
    if Path(pattern).suffix.lower() in MOVIES:
        raise BadInput(
            f"{pattern}: is a movie; publish checks are for EXR sequences, `ff-vfx verify` and `qc` take movies"
        )
    if not path.numbered or not pattern.lower().endswith(".exr"):
        raise BadInput(f"{pattern}: names no EXR sequence; give a pattern such as out/comp.####.exr")
    return path


def _open_plate(job: DeliveryJob, manifest: Manifest | None, folder: Path) -> tuple[Plate | None, str]:
    """The plate that was rendered over, or why it is not here. folder: of the frames, for relative names."""
    said = _said(manifest, "plate") if manifest else ""
    if not job.plate and not said:
        return None, "no plate is named, and there is no manifest that names it"
    colour = job.plate_colour or (_said(manifest, "plate_colour") if manifest else "")
    names = [job.plate] if job.plate else [said, str(folder / said)]
    fault = ""
    for name in dict.fromkeys(names):
        try:
            return open_plate_to_render(name, colour), ""
        except (FfVfxError, OSError) as error:
            fault = fault or str(error)
    return None, fault


def _expected(
    asked: str, manifest: Manifest | None, plate: Plate | None, files: Mapping[int, Path]
) -> tuple[tuple[int, ...], str]:
    """The frames that must be there, and who says so."""
    made = set(manifest.frames if manifest else ())
    theirs = set(plate.numbers) if plate else set[int]()
    known = sorted(made | theirs | set(files))
    if asked:
        whole = range(known[0], known[-1] + 1) if known else ()
        return tuple(parse_frames(asked, list(whole))), "you"
    for numbers, by in ((theirs, "the plate"), (made, "the manifest"), (set(files), "the files")):
        if numbers:
            return tuple(range(min(numbers), max(numbers) + 1)), by
    return (), "nobody"


def _told(frames: Mapping[int, DeliveredFrame], manifest: Manifest | None, pattern: str) -> dict[int, DeliveredFrame]:
    """Whether the plate passed through each, by manifest or layers; and over which sides its face leaves the plate."""
    found = {}
    leaving = leaving_sides(manifest, pattern, frames.values())
    for number, frame in frames.items():
        record = manifest.frames.get(number) if manifest else None
        by_layers = bool(frame.pixels and not frame.pixels.generated)
        passed = record.outcome == "passed" if record else by_layers
        found[number] = replace(frame, passed=passed, leaving=leaving.get(number, ()))
    return found


def _layers(manifest: Manifest | None, files: Mapping[int, Path]) -> str:
    """'face' or 'all': by the manifest, or without one by the layers of the first file that says."""
    origin = _origin(manifest)
    output = origin.settings.get("output") if origin else None
    if isinstance(output, Mapping):
        return str(output.get("layers", "all"))
    for file in files.values():
        try:
            names = {name for part in read_header(file, file.name) for name in part.channels}
        except (FfVfxError, OSError):
            continue
        if "ffMatte.red" in names:
            return "all" if "ffFace.A" in names else "face"
    return "all"


def _said(manifest: Manifest, name: str) -> str:
    origin = _origin(manifest)
    return str(origin.job.get(name) or "") if origin else ""


def _origin(manifest: Manifest | None) -> Origin | None:
    """What most frames were made from."""
    if not manifest or not manifest.frames:
        return None
    names = [record.origin for record in manifest.frames.values()]
    return manifest.origins[max(set(names), key=names.count)]
