"""Are the pixels sound, the mattes usable, and the plate untouched? Read by table; measured by ff_vfx.qc.delivered."""

from __future__ import annotations

from collections.abc import Mapping

from ff_vfx.qc.checks.verdict import failed, passed, skipped
from ff_vfx.types.delivery import DeliveredFrame, Delivery
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges

FINITE, RANGE, PRESENT, EDGE, PLATE = "finite", "matte-range", "matte-present", "matte-edge", "plate-untouched"
MOST_AT_EDGE = 0.05
"""Coverage that may lie against the edge of the picture: the end of a soft border, which nobody sees cut.

Source: ours; the example shot's face nears the top edge with 0.02."""


def finite(delivery: Delivery) -> Finding:
    """No NaN and no Inf that the plate has not."""
    wrong = {
        number: dict(frame.pixels.not_finite)
        for number, frame in delivery.whole.items()
        if frame.pixels and frame.pixels.not_finite
    }
    if wrong:
        channels = sorted({name for found in wrong.values() for name in found})
        count = sum(sum(found.values()) for found in wrong.values())
        what = f"{count} value{'s are' if count > 1 else ' is'} NaN or Inf in {', '.join(channels[:4])}"
        return failed(
            FINITE, wrong, f"{what}; render again; where it comes back, look at the plate there", **_by(wrong)
        )
    return passed(FINITE, "no NaN, no Inf")


def matte_range(delivery: Delivery) -> Finding:
    """Every matte stays between 0 and 1."""
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        pixels = frame.pixels
        if pixels and (pixels.matte_low < 0.0 or pixels.matte_high > 1.0):
            wrong[number] = f"{pixels.matte_worst} goes from {pixels.matte_low:.4g} to {pixels.matte_high:.4g}"
    if wrong:
        return failed(RANGE, wrong, f"{_first(wrong)}; a matte stays between 0 and 1: render again", **_by(wrong))
    return passed(RANGE, "every matte is in [0, 1]")


def matte_present(delivery: Delivery) -> Finding:
    """Every frame that was given a face has one to show; a shot without any is no delivery."""
    empty = [number for number, frame in delivery.whole.items() if _generated(frame) and not _covered(frame)]
    if empty:
        fix = "render again, or look at the track there (`ff-vfx track --sheet`)"
        return failed(PRESENT, empty, f"the matte is empty, so the new face is nowhere; {fix}")
    passed_through = [number for number, frame in delivery.whole.items() if frame.passed]
    if delivery.whole and len(passed_through) == len(delivery.whole):
        return failed(PRESENT, (), "no frame shows the new face: the plate went through everywhere; look at the track")
    without = f"; {said_ranges(passed_through)} are the plate itself" if passed_through else ""
    return passed(PRESENT, f"a face in every frame that has one{without}", passed=passed_through)


def matte_edge(delivery: Delivery) -> Finding:
    """The face is not cut off by the edge of the picture, but where it leaves the plate."""
    wrong: dict[int, str] = {}
    for number, frame in delivery.whole.items():
        sides = [
            side
            for side, value in (frame.pixels.at_edge.items() if frame.pixels else ())
            if value > MOST_AT_EDGE and not _may_touch(delivery, frame, side)
        ]
        if sides:
            wrong[number] = " and ".join(sides)
    if wrong:
        what = f"the matte is cut off at the edge of the data window: {_first(wrong)}"
        fix = "render with a wider plate, or name a waiver where the cut cannot be seen"
        return failed(EDGE, wrong, f"{what}; {fix}", **_by(wrong))
    return passed(EDGE, "no matte is cut off")


def plate_untouched(delivery: Delivery) -> Finding:
    """Where the matte is 0 the picture is the plate, bit for bit, and so are the plate's other channels everywhere."""
    wrong = {
        n: dict(frame.pixels.changed) for n, frame in delivery.whole.items() if frame.pixels and frame.pixels.changed
    }
    if wrong:
        frame = delivery.frames[min(wrong)]
        at = f", first at {frame.pixels.changed_at}" if frame.pixels and frame.pixels.changed_at else ""
        most = max(max(found.values()) for found in wrong.values())
        names = ", ".join(sorted({name for found in wrong.values() for name in found})[:4])
        what = f"{most} pixel{'s' if most > 1 else ''} outside the matte not as in the plate ({names}{at})"
        return failed(PLATE, wrong, f"{what}; render again from this plate", **_by(wrong))
    if not delivery.plate and not delivery.seal.hashes:
        return skipped(PLATE, "no plate is known: the manifest names it, and cannot be believed")
    unknown = [n for n, frame in delivery.whole.items() if frame.pixels and not frame.pixels.compared]
    if unknown:
        why = next((delivery.frames[n].plate_fault for n in unknown if delivery.frames[n].plate_fault), "")
        return failed(
            PLATE, unknown, f"cannot be compared with the plate ({why or 'no plate is known'}); name it with --plate"
        )
    return passed(PLATE, "outside the matte every bit is the plate's")


def _generated(frame: DeliveredFrame) -> bool:
    return bool(frame.pixels and frame.pixels.generated and not frame.passed)


def _covered(frame: DeliveredFrame) -> bool:
    return bool(frame.pixels and frame.pixels.covered)


def _may_touch(delivery: Delivery, frame: DeliveredFrame, side: str) -> bool:
    """Where the face leaves the plate its matte must reach that edge of it."""
    if side not in frame.leaving:
        return False
    if delivery.layers == "all" or not frame.header or not frame.plate:
        return True
    made, plate = frame.header.data_window, frame.plate.data_window
    edges = {"left": made.x0 == plate.x0, "top": made.y0 == plate.y0}
    edges |= {"right": made.x1 == plate.x1, "bottom": made.y1 == plate.y1}
    return edges[side]


def _first(wrong: Mapping[int, str]) -> str:
    """What is wrong with the first of them, and which that is where there are several."""
    first = min(wrong)
    return f"{wrong[first]} at {first}" if len(wrong) > 1 else wrong[first]


def _by(wrong: object) -> dict[str, object]:
    return {"by_frame": wrong}
