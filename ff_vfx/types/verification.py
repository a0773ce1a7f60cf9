"""What a finished thing says of itself and whether it can be believed, as plain data. Read by the command line, hosts.

It loads neither torch nor numpy. Exit codes: docs/reports.md.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ff_vfx.types.finding import Finding


@dataclass(frozen=True, slots=True)
class Verification:
    """One thing. what: in a line. told: the page: a heading and its lines, in order. findings: what was looked at.

    believed: False where nothing it says can be trusted: no manifest and no credentials, or they were altered.
    """

    path: str
    what: str
    told: tuple[tuple[str, tuple[str, ...]], ...]
    findings: tuple[Finding, ...]
    believed: bool = True

    @property
    def intact(self) -> bool:
        return self.believed and not any(one.outcome == "failed" for one in self.findings)

    @property
    def exit_code(self) -> int:
        """0 all is as it was made, by known hands, with consent that holds; 3 something is not; 4 nothing is sure."""
        if not self.believed:
            return 4
        return 0 if self.intact else 3

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "intact": self.intact, "exit_code": self.exit_code}
