"""Are the files there, whole, and alone? Read by table; facts: ff_vfx.types.delivery."""

from __future__ import annotations

from ff_vfx.qc.checks.verdict import failed, passed, where
from ff_vfx.types.delivery import Delivery
from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges

COMPLETE, WHOLE, TIDY = "frames-complete", "files-whole", "folder-tidy"


def frames_complete(delivery: Delivery) -> Finding:
    """Every frame of the range is there, and none besides."""
    expected, found = set(delivery.expected), set(delivery.frames)
    missing, beyond = sorted(expected - found), sorted(found - expected)
    texts = [f"{where(tuple(missing))}missing; render or copy again"] if missing else []
    if beyond:
        texts.append(f"{where(tuple(beyond))}not in the range; delete, or publish another range")
    if texts:
        by = f" (the range is {said_ranges(delivery.expected)}, by {delivery.expected_by})"
        return Finding(
            COMPLETE, "failed", "; ".join(texts) + by, tuple(sorted([*missing, *beyond])),
            values={"missing": missing, "beyond": beyond},
        )  # fmt: skip
    if not found:
        return failed(COMPLETE, (), f"{delivery.pattern}: no frame is there; check the name and the frame token")
    return passed(COMPLETE, f"{said_ranges(delivery.expected)}, {len(found)} frames", frames=len(found))


def files_whole(delivery: Delivery) -> Finding:
    """Every file can be read to its last pixel."""
    broken = {number: frame.fault for number, frame in delivery.frames.items() if frame.fault}
    if broken:
        first = broken[min(broken)]
        return failed(WHOLE, broken, f"cannot be read to the end ({first})", faults=broken)
    return passed(WHOLE, f"{len(delivery.frames)} files read to their last pixel")


def folder_tidy(delivery: Delivery) -> Finding:
    """Nothing half-written and no second file for a frame lies beside the frames."""
    if delivery.strays:
        shown = ", ".join(delivery.strays[:4]) + (", ..." if len(delivery.strays) > 4 else "")
        what = "half-written, or a second file for one frame; delete by hand, or `ff-vfx check --repair folder-tidy`"
        return failed(TIDY, (), f"{shown}: {what}", files=list(delivery.strays))
    return passed(TIDY, "nothing besides the frames")
