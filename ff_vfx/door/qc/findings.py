"""Findings about whole files: there, finite, mattes sound, plate untouched. Read by judging.

The rules are those of the publish checks; here they are judged for a shot that is no delivery yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ff_vfx.door.qc.frames import Seen
from ff_vfx.door.qc.inputs import Inputs
from ff_vfx.qc.checks import pixels
from ff_vfx.types.delivery import DeliveredFrame, Delivery, PixelFacts
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges

_SHOWN = 3


def file_findings(inputs: Inputs, seen: Sequence[Seen], *, lossy: bool) -> list[Finding]:
    """One finding a check of files. lossy: a movie, whose pixels are never the plate's."""
    found = {one.number: one.facts for one in seen if one.facts}
    delivery = _delivery(inputs, found)
    layers = any(facts.generated for facts in found.values())
    checks: Mapping[str, Callable[[], Finding]] = {
        "finite": lambda: pixels.finite(delivery),
        "matte-range": lambda: pixels.matte_range(delivery) if layers else _no_layers("matte-range"),
        "matte-present": lambda: _present(inputs, delivery) if layers else _no_layers("matte-present"),
        "plate-untouched": lambda: pixels.plate_untouched(delivery) if layers and not lossy else _lossy(lossy),
    }
    return [_frames(seen), *(check() for check in checks.values())]


def _frames(seen: Sequence[Seen]) -> Finding:
    """Every frame there and whole."""
    broken = [one for one in seen if one.fault]
    if not broken:
        return Finding("frames", "passed", f"{len(seen)} frames, all there and whole")
    texts = "; ".join(one.fault for one in broken[:_SHOWN])
    more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    return Finding("frames", "failed", texts + more, tuple(one.number for one in broken))


def _delivery(inputs: Inputs, found: Mapping[int, PixelFacts]) -> Delivery:
    """What was measured, as the checks want it."""
    frames = {
        n: DeliveredFrame(n, "", pixels=facts, passed=n in inputs.passed if inputs.passed is not None else False)
        for n, facts in found.items()
    }
    return Delivery(inputs.job.output, inputs.job.plate, tuple(inputs.numbers), frames=frames)


def _present(inputs: Inputs, delivery: Delivery) -> Finding:
    """Every frame that should show the new face does; without a manifest the solve says which."""
    finding = pixels.matte_present(delivery)
    if finding.stops or inputs.passed is not None or inputs.solve is None:
        return finding
    bare = [n for n, frame in delivery.whole.items() if frame.pixels and not frame.pixels.generated]
    tracks = inputs.solve.tracks
    absent = [n for n in bare if any(not track.why_lost(n) and track.face(n).weight > 0.0 for track in tracks)]
    if not absent:
        return finding
    text = f"{said_ranges(absent)} are the plate alone though the solve has a face there; render them again"
    return Finding("matte-present", "failed", text, tuple(absent))


def _no_layers(check: str) -> Finding:
    return Finding(check, "skipped", "the files hold no layers of ours, so there is no matte to judge")


def _lossy(lossy: bool) -> Finding:
    why = "a movie holds no pixel as it was" if lossy else "the files hold no matte, so where the plate ends is unknown"
    return Finding("plate-untouched", "skipped", why)
