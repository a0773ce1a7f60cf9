"""What a publisher wants to know of a finished sequence, as plain data. Read by checking, for integrators, reports."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from ff_vfx.door.delivery.gathering import Gathered
from ff_vfx.plate import sequence_path
from ff_vfx.types.delivery import DeliveredFrame


def facts_of(gathered: Gathered) -> dict[str, object]:
    """Files, size, rate, colour, layers, and where all of it comes from."""
    delivery, manifest = gathered.delivery, gathered.manifest
    path = sequence_path(delivery.pattern)
    facts: dict[str, object] = {
        "folder": str(path.folder),
        "files": [Path(frame.path).name for frame in delivery.frames.values()],
        "padding": path.digits,
        "expected": list(delivery.expected),
        "plate": delivery.plate,
        "layers": delivery.layers,
        "use": delivery.use,
        "colour_space": delivery.colour_space,
        "interop_id": delivery.interop,
    }
    if first := _first_whole(list(delivery.frames.values())):
        facts |= _of_header(first)
    seal = delivery.seal
    facts["manifest"] = {"path": seal.path, "signer": seal.signer, "believed": not (seal.absent or seal.fault)}
    if manifest:
        facts["passed"] = [number for number, record in manifest.frames.items() if record.outcome == "passed"]
        facts["tool"] = sorted({origin.tool for origin in manifest.origins.values()})
        facts["sha256"] = {str(number): digest for number, digest in seal.hashes.items()}
    facts["models"] = [
        {"name": one.name, "sha256": one.sha256, "licence": one.licence, "allowed_use": one.allowed_use}
        for one in delivery.models
    ]
    facts["consents"] = [
        {name: value for name, value in asdict(one).items() if name != "record"} for one in delivery.clearances
    ]
    return facts


def _first_whole(frames: list[DeliveredFrame]) -> DeliveredFrame | None:
    return next((frame for frame in frames if frame.header and not frame.passed), None)


def _of_header(frame: DeliveredFrame) -> dict[str, object]:
    header = frame.header
    assert header
    window = header.display_window
    return {
        "size": [window.width, window.height],
        "pixel_aspect": header.aspect,
        "frames_per_second": header.rate,
        "channels": dict(header.channels),
    }
