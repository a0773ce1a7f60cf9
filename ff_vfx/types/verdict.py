"""Whether what was judged may leave, said alike by quality control and publish checks. Read by their reports."""

from __future__ import annotations

from collections.abc import Mapping

from ff_vfx.types.finding import Finding

NOT_FIT = 5


class Verdict:
    """What a report of findings says as a whole. faults: what kept it from starting; facts: 'interrupted' is one."""

    __slots__ = ()

    findings: tuple[Finding, ...]
    faults: tuple[str, ...]
    facts: Mapping[str, object]

    @property
    def passed(self) -> bool:
        """Whether it could be judged and nothing stops it; what was skipped or waived stops nothing."""
        return not self.faults and not any(finding.stops for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 fit; 2 could not be judged; 5 judged, and not fit; 130 interrupted. See docs/reports.md."""
        if self.facts.get("interrupted"):
            return 130
        if self.faults:
            return 2
        return 0 if self.passed else NOT_FIT
