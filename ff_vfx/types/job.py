"""What to do, as plain data: a job file is this as JSON. Read by the door; loads neither torch nor numpy."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ff_vfx.types.settings import Settings


class Part(BaseModel):
    """One person of a shot with several: whose face in the plate, and who goes on it. Fields as in Job."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    face: str = Field(description="Whose face in the plate: a number, 'x,y', a track's name or a still.")
    performer: str = Field(description="Folder of stills of the performer.")
    swapper: str = Field("", description="Manifest of the swapper for this one; empty: the job's.")
    matte: str = Field("", description="The artist's own matte sequence for this one; wins over ours.")


class Job(BaseModel):
    """One shot's work. Paths are as the user typed them; patterns like `dir/plate.####.exr` name sequences.

    frames: '' for all, '1001-1016', '1001-1016x2' or '1001,1005,1010-1012'.
    face: which face: '' the largest, a number counts from the left, 'x,y' the nearest to that plate pixel (first frame
        that has a face), or a path to a reference still of the plate's actor.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    plate: str = Field(description="Sequence pattern or movie.")
    performer: str = Field("", description="Folder of stills of the performer.")
    cast: tuple[Part, ...] = Field((), description="Several people, each with a performer; instead of performer, face.")
    swapper: str = Field("", description="Manifest of a swapper network, or its name; empty: stills on a mesh.")
    solve: str = Field("", description="Solve file; made first when empty.")
    output: str = Field("", description="Sequence pattern for the result.")
    frames: str = Field("", description="Frame range; empty for all.")
    face: str = Field("", description="Whose face in the plate: largest, number, 'x,y' or a still.")
    matte: str = Field("", description="The artist's own matte sequence; wins over ours.")
    plate_colour: str = Field("", description="OCIO colour space of the plate; empty: from the file, or ask.")
    stills_colour: str = Field("", description="OCIO colour space of the stills; empty: from each file.")
    models: str = Field("", description="Model folder; empty: the user's.")
    pack: str = Field("", description="Folder of an insightface pack: detector, landmarks and recogniser come from it.")
    device: str = Field("", description="cpu, cuda, cuda:1, 'cuda:0,cuda:1', cuda/tensorrt/fp16; empty: the CPU.")
    project: str = Field("", description="Project the picture is made for; consent is given for projects.")
    shot: str = Field("", description="Name of the shot; a consent may hold for some shots only.")
    use: str = Field("", description="What the picture is for, as the consent calls it: theatrical, trailer, test.")
    territory: str = Field("", description="Where it will be shown, as the consent calls it: worldwide, EU, US.")
    consent: str = Field("", description="Consent record, or a folder of them; those beside the stills count too.")
    label: str = Field(
        "",
        max_length=200,
        description="Visible label of movies and sheets; empty: AI-GENERATED on those to watch; 'none': on none.",
    )
    stop_on_error: bool = Field(False, description="Stop at the first frame that fails; else the others go on.")
    overwrite: bool = Field(False, description="Render frames that are already valid on disk.")
    settings: Settings = Settings()
