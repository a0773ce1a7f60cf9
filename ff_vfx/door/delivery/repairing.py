"""Mends what can be mended in a finished sequence without touching a pixel. Read by ff_vfx.door.publishing.

A header is put back to what the plate and the signed manifest say, and only if the file is then, to the last byte, the
one that was rendered: the manifest's hash decides. Everything that is done is in the audit log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ff_vfx.door.auditing import audited
from ff_vfx.door.delivery.frames import half_written
from ff_vfx.door.delivery.gathering import gather_delivery
from ff_vfx.door.delivery.label import expected_label
from ff_vfx.door.stamp import file_hash
from ff_vfx.errors import BadInput, FfVfxError, TrustError
from ff_vfx.plate import output_path, sequence_path
from ff_vfx.plate.atomic import write_atomically
from ff_vfx.plate.exr_attributes import Attribute, copy_with_attributes
from ff_vfx.plate.exr_header import PartHeader, read_header
from ff_vfx.plate.exr_read import picture_channels
from ff_vfx.plate.spaces import EXR_ATTRIBUTES
from ff_vfx.qc.checks import CHECKS, refuse_unknown, run_checks
from ff_vfx.types.delivery import DeliveredFrame, Delivery
from ff_vfx.types.delivery_job import DeliveryJob
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges
from ff_vfx.types.manifest import Manifest

_OLD_SECONDS = 3600.0  # a half-written file so old is nobody's work in progress
_TIMING = ("framesPerSecond", "timeCode")
Changes = Mapping[str, Attribute | None]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A sequence to be mended. manifest: None: there is none to believe, and no header can be mended."""

    delivery: Delivery
    manifest: Manifest | None


def repair_sequence(job: DeliveryJob, checks: Sequence[str]) -> list[str]:
    """See ff_vfx.door.repair_delivery."""
    refuse_unknown(checks)
    if hopeless := [check.name for check in CHECKS if check.name in checks and not check.repair]:
        can = ", ".join(check.name for check in CHECKS if check.repair)
        raise BadInput(f"repair {hopeless[0]}: cannot be mended without rendering; these can: {can}")
    lines: list[str] = []
    with audited("repair", must=True, output=job.output, checks=list(checks)) as act:
        for check in [one.name for one in CHECKS if one.name in checks]:
            gathered = gather_delivery(job, _silent)
            (finding,) = run_checks(gathered.delivery, only=(check,))
            if finding.stops:
                lines += _REPAIRS[check](Scene(gathered.delivery, gathered.manifest), finding)
            else:
                lines.append(f"{check}: nothing to mend")
        act.result(done=lines)
    return lines


def _tidy(scene: Scene, finding: Finding) -> list[str]:
    """Delete what a broken run left half-written; what may be somebody's work, or a finished frame, stays."""
    path = sequence_path(scene.delivery.pattern)
    lines = []
    for name in scene.delivery.strays:
        file = path.folder / name
        if not half_written(name):
            lines.append(f"{finding.check}: {name} is whole and may be wanted; decide which of the two is, and delete")
        elif time.time() - file.stat().st_mtime < _OLD_SECONDS:
            lines.append(f"{finding.check}: {name} is younger than an hour and may be being written; try again later")
        else:
            file.unlink()
            lines.append(f"{finding.check}: deleted {name}")
    return lines


def _headers(wanted: Callable[[Scene, DeliveredFrame], Changes]) -> Callable[[Scene, Finding], list[str]]:
    """A repair that puts attributes back, frame by frame. wanted: what a frame's header should hold."""

    def repair(scene: Scene, finding: Finding) -> list[str]:
        if scene.manifest is None:
            raise TrustError(f"repair {finding.check}: the manifest cannot be believed, and nothing else says what was")
        mended, lines = [], []
        for number in finding.frames:
            fault = _put_back(scene, scene.delivery.frames[number], wanted)
            if fault:
                lines.append(f"{finding.check}: frame {number}: {fault}")
            else:
                mended.append(number)
        if mended:
            told = f"{finding.check}: frames {said_ranges(mended)} are again, to the last byte, what was rendered"
            lines.insert(0, told)
        return lines

    return repair


def _put_back(scene: Scene, frame: DeliveredFrame, wanted: Callable[[Scene, DeliveredFrame], Changes]) -> str:
    """Why a frame could not be mended; '' where it was."""
    sealed = scene.delivery.seal.hashes.get(frame.number)
    if sealed is None:
        return "is not in the manifest, so nobody knows what it was; render it again"
    if frame.sha256 == sealed:
        return "is as it was rendered, so the fault is the render's or the plate's; mend it there and render again"
    path = Path(frame.path)
    header = read_header(path, frame.path)
    main = picture_channels(header, frame.path)[0]

    def write(hidden: Path) -> None:
        copy_with_attributes(path, hidden, main, wanted(scene, frame))
        if file_hash(hidden) != sealed:
            raise TrustError("more was changed than this, and a repair would hide it; render it again")

    try:
        write_atomically(path, write)
    except (FfVfxError, OSError) as error:
        return str(error)
    return ""


def _label(scene: Scene, frame: DeliveredFrame) -> Changes:
    assert scene.manifest
    return {name: ("string", text.encode()) for name, text in expected_label(scene.manifest, frame).items()}


def _timing(scene: Scene, frame: DeliveredFrame) -> Changes:
    plate = _plate_header(scene, frame)
    return {name: plate.values.get(name) for name in _TIMING}


def _colour(scene: Scene, frame: DeliveredFrame) -> Changes:
    """As the plate has it; the interop id as the writer puts it where the plate says none."""
    plate = _plate_header(scene, frame)
    changes: dict[str, Attribute | None] = {
        name: plate.values.get(name) for name in ("chromaticities", *EXR_ATTRIBUTES)
    }
    if changes["colorInteropID"] is None and scene.delivery.interop:
        changes["colorInteropID"] = ("string", scene.delivery.interop.encode())
    return changes


def _plate_header(scene: Scene, frame: DeliveredFrame) -> PartHeader:
    """Of the plate's file of this frame.

    Raises:
        BadInput: the plate is no EXR sequence that could be read.
    """
    if frame.plate is None:
        raise BadInput("its plate is no EXR that can be read here, so what it said is not known; render it again")
    path = output_path(scene.delivery.plate, frame.number)
    header = read_header(path, str(path))
    return header[picture_channels(header, str(path))[0]]


def _silent(stage: str, done: int, total: int) -> None:
    pass


_REPAIRS: Mapping[str, Callable[[Scene, Finding], list[str]]] = {
    "folder-tidy": _tidy,
    "label": _headers(_label),
    "timing": _headers(_timing),
    "colour-space": _headers(_colour),
}
