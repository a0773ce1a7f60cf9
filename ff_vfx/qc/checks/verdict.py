"""How a check says what it found: where, what, how to mend it, in words for an artist. Read by every check here."""

from __future__ import annotations

from collections.abc import Iterable

from ff_vfx.types.finding import Finding
from ff_vfx.types.frame_ranges import said_ranges


def passed(check: str, message: str, **values: object) -> Finding:
    """All well."""
    return Finding(check, "passed", message, values=values)


def failed(check: str, frames: Iterable[int], message: str, **values: object) -> Finding:
    """Nothing may be published. frames: those at fault, none where it is the whole."""
    numbers = tuple(sorted(set(frames)))
    return Finding(check, "failed", f"{where(numbers)}{message}", numbers, values=values)


def skipped(check: str, message: str) -> Finding:
    """It could not be judged, and another check says why."""
    return Finding(check, "skipped", message)


def where(frames: tuple[int, ...]) -> str:
    """'frames 1001-1004, 1009: ', 'frame 1005: ', or nothing."""
    if not frames:
        return ""
    return f"frame{'s' if len(frames) > 1 else ''} {said_ranges(frames)}: "
