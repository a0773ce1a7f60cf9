"""What to judge, as plain data. Read by the door; loads neither torch nor numpy."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class QcJob(BaseModel):
    """One delivered shot to be judged against its plate. What is empty is taken from the manifest beside the frames."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    output: str = Field(description="Sequence pattern or movie of the result, or its manifest.")
    plate: str = Field("", description="Sequence pattern or movie of the plate.")
    solve: str = Field("", description="Solve file; without it jumps of the track are not judged.")
    previous: str = Field("", description="Sequence pattern or movie of an earlier version, to compare with.")
    limits: str = Field("", description="Limits file; empty: the package's own.")
    waivers: str = Field("", description="File of named waivers.")
    frames: str = Field("", description="Frame range; empty for all.")
    plate_colour: str = Field("", description="OCIO colour space of the plate; empty: from the file.")
    performer: str = Field("", description="Folder of stills of the performer, for the identity score.")
    recogniser: str = Field("", description="Name of a recogniser model; empty: identity is not scored.")
    pack: str = Field("", description="Folder of an insightface pack: recogniser and landmarks come from it.")
    models: str = Field("", description="Model folder; empty: the user's.")
    today: str = Field("", description="Date that waivers are held against, YYYY-MM-DD; empty: this day.")
