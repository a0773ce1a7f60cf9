"""What to anonymise, as plain data: a job file is this as JSON. Read by the door; loads neither torch nor numpy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ff_vfx.types.settings import OutputSettings, TrackSettings

_LOOKS_HARDER: dict[str, object] = {"confidence": 0.3, "tiles": "always", "max_faces": 32}
Frames = Annotated[int, Field(ge=0, le=1000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cleared(_Part):
    """Somebody who stays as he is, and by what right. At least one of the two is given.

    face: a number from the left, 'x,y', a track's name, or a still of him; a still wants a recogniser. record: his
        consent record; empty: one on file that lists the still. Without a face, the pictures that lie beside the record
        and are listed in it say who he is.
    """

    face: str = Field("", description="Who: a number, 'x,y', a track's name, or a still.")
    record: str = Field("", description="His consent record (*.ffconsent.json).")


class Released(_Part):
    """A track that is no face at all, as a person says who looked at it."""

    track: str = Field(description="The track's name, as in the inspection list.")
    by: str = Field(min_length=1, description="Who looked and answers for it.")


class Covered(_Part):
    """A disc that is covered whatever anybody sees there."""

    x: float = Field(ge=-1e6, le=1e6, description="Middle, plate px.")
    y: float = Field(ge=-1e6, le=1e6, description="Middle, plate px, y down.")
    radius: float = Field(gt=0.0, le=1e5, description="Plate px.")
    frames: str = Field("", description="On which frames; empty: all.")


class AnonymiseSettings(_Part):
    """How faces are found, held and covered. None of these leaves a face open that was found."""

    least: float = Field(0.6, ge=0.1, le=0.9, description="Finder's score from which a box counts as a face, [0, 1].")
    cells: float = Field(5.0, ge=2.0, le=8.0, description="Cells over a face, chin to hairline: fewer hide more.")
    grow: float = Field(1.0, ge=1.0, le=3.0, description="Cover so many times as large as the head.")
    bridge_frames: Frames = Field(48, description="Longest gap within a track that stays covered, frames.")
    tail_frames: Frames = Field(8, description="Frames that stay covered before a track begins and after it ends.")
    synthetic_yaw: float = Field(
        45.0, ge=0.0, le=60.0, description="Turned further a synthetic face is a blur, degrees."
    )
    synthetic_px: float = Field(
        60.0, ge=24.0, description="Smaller than this a synthetic face is a blur, px of a face."
    )


class AnonymiseJob(_Part):
    """One shot's work. Paths are as the user typed them; patterns like `dir/plate.####.exr` name sequences."""

    plate: str = Field(description="Sequence pattern or movie.")
    output: str = Field("", description="Sequence pattern or movie for the result.")
    method: Literal["blur", "pixelate", "synthetic"] = Field("blur", description="What becomes of a face.")
    cleared: tuple[Cleared, ...] = Field((), description="Who stays as he is, with a consent on file.")
    released: tuple[Released, ...] = Field((), description="Tracks that are no faces, as somebody says.")
    covers: tuple[Covered, ...] = Field((), description="Covered by hand.")
    performer: str = Field("", description="Folder of stills of a synthetic performer, for the method synthetic.")
    solve: str = Field("", description="Solve file; made first when empty.")
    frames: str = Field("", description="Frames to write; empty for all. The whole plate is looked at.")
    plate_colour: str = Field("", description="OCIO colour space of the plate; empty: from the file, or ask.")
    models: str = Field("", description="Model folder; empty: the user's.")
    pack: str = Field("", description="Folder of an insightface pack: finds and knows faces.")
    device: str = Field("", description="cpu, cuda, cuda:1; empty: the CPU.")
    project: str = Field("", description="Project the picture is made for; consent is given for projects.")
    shot: str = Field("", description="Name of the shot.")
    use: str = Field("", description="What the picture is for, as the consent calls it.")
    territory: str = Field("", description="Where it will be shown, as the consent calls it.")
    consent: str = Field("", description="Consent record, or a folder of them.")
    sheet: str = Field("", description="Contact sheet of all tracks (.png).")
    list: str = Field("", description="Inspection list (.json or .csv); empty: beside the output, JSON.")
    stop_on_error: bool = Field(False, description="Stop at the first frame that fails; else the others go on.")
    overwrite: bool = Field(False, description="Make frames again that are valid on disk.")
    settings: AnonymiseSettings = AnonymiseSettings()
    track: TrackSettings = TrackSettings.model_validate(_LOOKS_HARDER)
    written: OutputSettings = OutputSettings()

    @field_validator("track", mode="before")
    @classmethod
    def _looks_harder(cls, given: object) -> object:
        """What a job does not say of tracking is as anonymising wants it, not as a fuse does."""
        return {**_LOOKS_HARDER, **given} if isinstance(given, dict) else given
