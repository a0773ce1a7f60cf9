"""Does it look right? What quality control found, but for what other checks here own. Read by table."""

from __future__ import annotations

from ff_vfx.qc.checks.verdict import passed, skipped
from ff_vfx.types.delivery import Delivery
from ff_vfx.types.finding import Finding

QUALITY = "quality"


def quality(delivery: Delivery) -> Finding:
    """Flicker, pops, smears, colour and identity stay within the limits, or somebody has signed for it by name."""
    if delivery.quality is None:
        return skipped(QUALITY, "quality control was not run")
    stopping = [finding for finding in delivery.quality if finding.stops]
    waived = [finding for finding in delivery.quality if finding.outcome == "waived"]
    waiver = "; ".join(f"{finding.check}: {finding.waiver}" for finding in waived)
    if stopping:
        texts = "; ".join(f"{finding.check}: {finding.message}" for finding in stopping[:4])
        more = f"; and {len(stopping) - 4} more" if len(stopping) > 4 else ""
        frames = tuple(sorted({number for finding in stopping for number in finding.frames}))
        limits = [finding.check for finding in stopping]
        return Finding(QUALITY, "failed", f"{texts}{more}", frames, waiver, {"limits": limits})
    if waived:
        frames = tuple(sorted({number for finding in waived for number in finding.frames}))
        limits = [finding.check for finding in waived]
        return Finding(
            QUALITY, "waived", f"outside its limits, and waived: {waiver}", frames, waiver, {"limits": limits}
        )
    judged = sum(finding.outcome == "passed" for finding in delivery.quality)
    return passed(QUALITY, f"{judged} limits kept")
