"""Whether a name is covered by what a record lists. Read by decide."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

_ALL = {"*", "worldwide", "world"}


def not_covered(asked: str, patterns: Sequence[str]) -> str:
    """The first name that no pattern covers; '' where all are.

    Args:
        asked: one name or several with commas between; none at all is covered only where everything is.
        patterns: names, in which * stands for anything; * or 'worldwide' alone covers everything. Case does not count.
    """
    wanted = [pattern.strip().casefold() for pattern in patterns]
    if any(pattern in _ALL for pattern in wanted):
        return ""
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if not names:
        return "(none named)"
    covered = (any(fnmatchcase(name.casefold(), pattern) for pattern in wanted) for name in names)
    return next((name for name, fits in zip(names, covered, strict=True) if not fits), "")
