"""What to check before it is published, and what came of it, as plain data. Loads neither torch nor numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from ff_vfx.types.finding import Finding
from ff_vfx.types.verdict import Verdict


class DeliveryJob(BaseModel):
    """One finished sequence to be judged. What is empty is taken from the manifest beside the frames."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    output: str = Field(description="Sequence pattern of the result, its manifest, or a folder with one sequence.")
    plate: str = Field("", description="Sequence pattern or movie of the plate.")
    plate_colour: str = Field("", description="OCIO colour space of the plate; empty: as it was rendered.")
    frames: str = Field("", description="Frames that must be there; empty: all of the plate.")
    use: str = Field("", description="What it is published for, as the consent calls it; empty: as it was rendered.")
    models: str = Field("", description="Model folder; empty: the user's.")
    limits: str = Field("", description="Limits file of quality control; empty: the package's own.")
    waivers: str = Field("", description="File of named waivers.")
    only: tuple[str, ...] = Field((), description="Checks to run; empty: all.")
    skip: tuple[str, ...] = Field((), description="Checks not to run.")
    today: str = Field("", description="Date that consents and waivers are held against, YYYY-MM-DD; empty: this day.")


@dataclass(frozen=True, slots=True)
class DeliveryReport(Verdict):
    """A sequence, judged. pattern: of its frames. numbers: those that are there. findings: one a check, in order.

    faults: what kept it from starting. facts: what a publisher wants to know of the files: window, rate, colour,
    layers, who signed, which models and consents, the manifest's path.
    """

    job: DeliveryJob
    pattern: str = ""
    numbers: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    faults: tuple[str, ...] = ()
    version: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        verdict = {"verb": "check-delivery", "passed": self.passed, "exit_code": self.exit_code}
        told = {"findings": [asdict(finding) for finding in self.findings], "faults": list(self.faults)}
        rest = {"pattern": self.pattern, "numbers": list(self.numbers), "facts": dict(self.facts)}
        return {**verdict, "version": self.version, "job": self.job.model_dump(mode="json"), **rest, **told}
