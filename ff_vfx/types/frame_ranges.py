"""Frame numbers as people say them. Read by messages of checks, exports and reports; loads neither torch nor numpy."""

from __future__ import annotations

from collections.abc import Iterable

_RANGES_SAID = 12


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rising numbers as first and last of each stretch without a gap."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def said_ranges(numbers: Iterable[int]) -> str:
    """'1001-1004, 1007', cut short where there are many."""
    parts = [str(a) if a == b else f"{a}-{b}" for a, b in ranges(numbers)]
    more = len(parts) - _RANGES_SAID
    return ", ".join(parts[:_RANGES_SAID]) + (f" and {more} more" if more > 0 else "")
