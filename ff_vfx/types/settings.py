"""Every knob, with its unit and range. Read by each stage (its own group), the door, hosts and docs/settings.md.

Loads neither torch nor numpy. A preset is a whole Settings; a settings file is JSON that names only what differs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ff_vfx.errors import BadInput


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Unit = Annotated[float, Field(ge=0.0, le=1.0)]


class TrackSettings(_Group):
    """Pass 1: find and follow the face."""

    confidence: Unit = Field(0.5, description="Lowest detector score that counts as a face, [0, 1].")
    tiles: Literal["auto", "never", "always"] = Field(
        "auto", description="Search in overlapping tiles for small faces."
    )
    max_faces: int = Field(4, ge=1, le=32, description="Most people followed at once.")
    crop_variants: int = Field(8, ge=1, le=16, description="Fixed crops averaged a frame: more is steadier and slower.")
    smoother: Literal["zero_phase", "one_euro", "none"] = Field(
        "zero_phase", description="Over the whole shot and led by its motion; from the past alone (live); or raw."
    )
    min_cutoff_hz: float = Field(2.0, gt=0.0, le=100.0, description="one_euro at rest: lower is firmer and lags, Hz.")
    beta: float = Field(
        10.0, ge=0.0, le=1000.0, description="one_euro in motion: Hz gained at one face height a second."
    )
    flow_sigma_px: float = Field(0.2, gt=0.0, le=5.0, description="Trust in the plate's own motion, px rms.")
    landmark_sigma_px: float = Field(1.0, gt=0.0, le=20.0, description="Expected detection noise, px rms.")
    hold_frames: int = Field(6, ge=0, le=100, description="Longest gap bridged from both sides, frames.")
    ramp_frames: int = Field(3, ge=0, le=50, description="Fade in and out beside a longer gap, frames.")
    cut_threshold: float = Field(0.5, gt=0.0, le=1.0, description="Picture change that counts as a hard cut, [0, 1].")
    detector: str = Field("", description="Name of a face detector model; empty: the pack's, else the embedded one.")
    detector_px: int = Field(640, ge=128, le=2048, description="Side of the picture such a detector is shown, px.")
    recogniser: str = Field("", description="Name of a recogniser model; empty: the pack's, else none.")
    same_person: float = Field(
        0.35, ge=-1.0, le=1.0, description="Cosine of embeddings from which two faces are one person."
    )
    agreement: float = Field(
        0.15, gt=0.0, le=1.0, description="How far two landmark networks may disagree, parts of the eyes' distance."
    )

    @property
    def causal(self) -> bool:
        """Whether a frame's solve depends on earlier frames alone."""
        return self.smoother == "one_euro"


class FuseSettings(_Group):
    """The new face, in a canonical crop."""

    crop_px: int = Field(0, ge=0, le=2048, description="Crop side in px; 0 chooses from the face's size for the shot.")
    detail: float = Field(
        1.25, ge=0.25, le=2.0, description="Crop px a plate px, where crop_px is 0: below 1.25 is faster and softer."
    )
    shape: Unit = Field(1.0, description="How much of the performer's proportions to carry, [0, 1].")
    expression: float = Field(1.0, ge=0.0, le=1.5, description="Strength of the plate's expression on the new face.")
    scale: float = Field(1.0, gt=0.2, lt=5.0, description="Size of the new face beside the plate's, no unit.")
    offset_x: float = Field(0.0, ge=-1.0, le=1.0, description="Move the new face right, outer-eye distances.")
    offset_y: float = Field(0.0, ge=-1.0, le=1.0, description="Move the new face down, outer-eye distances.")
    neutral_frame: int | None = Field(
        None, description="A frame where the plate's actor rests; none: found from the shot."
    )
    still_sharpness: float = Field(
        24.0, gt=0.0, le=64.0, description="How firmly the best-fitting still wins, no unit."
    )
    boost: int = Field(
        0, ge=0, le=8, description="Swapper: times its own size that it is run at; 0 from the face's size in the shot."
    )
    batch: int = Field(4, ge=1, le=64, description="Swapper: most frames run at once, where that changes no pixel.")


class EnhanceSettings(_Group):
    """A network that restores or sharpens the new face, kept from changing who it is."""

    model: str = Field("", description="Name of an enhancer or upscaler model; empty: none.")
    strength: Unit = Field(0.8, description="How far the network's picture replaces the new face, [0, 1].")
    fidelity: Unit = Field(0.7, description="For networks with such an input: 0 better looking, 1 truer.")
    identity_floor: float = Field(
        0.98, ge=-1.0, le=1.0, description="Cosine to the face before it that must be kept; strength falls until it is."
    )
    look: Literal["natural", "crisp", "cinematic"] = Field("natural", description="Starting point of the two below.")
    sharpness: float = Field(0.0, ge=-1.0, le=1.0, description="Added to the look's sharpening; 0 leaves it.")
    saturation: float = Field(
        0.0, ge=-1.0, le=1.0, description="Added to the look's saturation, in stops; 0 leaves it."
    )


class SteadySettings(_Group):
    """Make it hold still over time."""

    causal: bool = Field(False, description="Look back alone, from frame to frame: fast, and ORDER-DEPENDENT (live).")
    window: int = Field(4, ge=0, le=4, description="Frames on each side that vote; 0 switches steadying off.")
    merge: Literal["window", "attention", "median"] = Field(
        "window", description="How votes become one: robust mean, attention over 5 frames, or weighted median."
    )
    keyframe_interval: int = Field(
        1, ge=1, le=16, description="Make the new face on every n-th frame, carry it to the others along the flow."
    )
    scales: int = Field(3, ge=1, le=5, description="Bands of detail that are merged apart, coarse ones more freely.")
    align_px: float = Field(
        4.0, ge=0.0, le=16.0, description="Largest jitter of the new face against the plate that is undone, px; 0: off."
    )
    flow: Literal["fast", "medium", "fine", "finest", "network"] = Field("fine", description="Optical flow quality.")
    flow_model: str = Field("", description="Name of the flow network (RAFT layout) for flow = network.")
    gate_px: float = Field(0.3, gt=0.0, le=10.0, description="Forward-backward error at which a vote fades, px.")
    gate_stops: float = Field(0.25, gt=0.0, le=4.0, description="Plate difference at which a vote fades, stops.")
    amount: Unit = Field(1.0, description="0 changes nothing, 1 steadies fully.")
    skin_amount: Unit = Field(1.0, description="Amount on skin, times `amount`.")
    eyes_amount: Unit = Field(1.0, description="Amount on the eyes, times `amount`.")
    mouth_amount: Unit = Field(1.0, description="Amount on lips and mouth, times `amount`.")
    memory: float = Field(0.9, ge=0.0, le=0.98, description="Part of the past that `causal` keeps a frame, no unit.")
    code_memory: float = Field(
        0.95, ge=0.0, le=0.98, description="The same for a network's code of the face; in post a window of like length."
    )
    code_gate: float = Field(3.0, gt=0.0, le=20.0, description="Change of code that counts as real, robust deviations.")
    weights: dict[int, Unit] = Field(
        default_factory=dict, description="Frame: how much its own new face counts, linear between; 0 for a bad frame."
    )
    trusted: tuple[int, ...] = Field((), description="Frames that are right; they pull their neighbours to them.")
    trust_reach: int = Field(8, ge=1, le=48, description="How far a trusted frame pulls, frames.")

    @property
    def reach(self) -> int:
        """Frames on each side that are read for one; trusted ones lie up to `trust_reach` away."""
        if self.causal:
            return 1
        return self.window if self.keyframe_interval == 1 else max(self.window, self.keyframe_interval)


class CompositeSettings(_Group):
    """Lay it over the plate."""

    relight: Unit = Field(1.0, description="How far the plate's low-frequency light replaces the stills', [0, 1].")
    relight_sigma: float = Field(0.06, gt=0.0, le=0.5, description="Size of that light's blur, part of the crop side.")
    colour_match: Unit = Field(1.0, description="Shot-constant colour match, [0, 1].")
    skin_tone: Unit = Field(0.0, description="0: the plate actor's tone (neck and ears match); 1: the performer's.")
    skin_stops: float = Field(0.0, ge=-6.0, le=6.0, description="Brighten the performer's tone, stops (skin_tone > 0).")
    feather: float = Field(0.03, ge=0.0, le=0.3, description="Softness of the matte's edge, part of the crop side.")
    erode: float = Field(0.0, ge=-0.1, le=0.2, description="Shrink (+) or grow (-) the matte, part of the crop side.")
    eyes: Literal["performer", "plate"] = Field("performer", description="Whose eyeballs; the plate's gaze either way.")
    mouth: Literal["auto", "plate", "performer"] = Field(
        "auto", description="Whose mouth interior shows when lips part; auto: a swapper's own, else the plate's."
    )
    grain: Unit = Field(1.0, description="How much of the plate's grain the face is given, [0, 1].")
    focus: Unit = Field(1.0, description="How far the face is blurred to the plate's focus, [0, 1].")
    occlusion: Unit = Field(1.0, description="How far what crosses the face stays in front, by itself, [0, 1].")
    parser: str = Field(
        "", description="Name of a face parsing model (19 classes) for the mattes; empty: from the mesh."
    )
    occluder: str = Field("", description="Name of an occlusion model for the mattes; empty: none.")
    matte_window: int = Field(1, ge=0, le=4, description="Frames on each side that steady such a network's mattes.")
    opacity: Unit = Field(1.0, description="The whole effect, [0, 1].")


class OutputSettings(_Group):
    """What is written."""

    layers: Literal["all", "face"] = Field(
        "all", description="all: fused plate with layers; face: only the face's window."
    )
    compression: Literal["none", "zips", "zip", "piz"] = Field("zip", description="EXR compression; lossless only.")
    cryptomatte: bool = Field(True, description="Write Cryptomatte of people and parts.")
    motion: bool = Field(True, description="Write forward and backward motion.")
    invisible_mark: bool = Field(
        False, description="Lay an invisible mark into the new face, to be found again in what became of it."
    )
    mark_key: Literal["public", "studio"] = Field(
        "public", description="Who can find that mark: anybody with ff-vfx, or who has the studio's key."
    )
    producer: str = Field(
        "ff-vfx",
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Who answers for the picture, as its AI label names him: the studio.",
    )
    c2pa: Literal["none", "sequence", "frames"] = Field(
        "sequence", description="C2PA sidecar files of EXR: none; one for the sequence's manifest; one a frame too."
    )


class Settings(_Group):
    """All groups. `live` and `post` are the presets."""

    preset: Literal["live", "post"] = "post"
    track: TrackSettings = TrackSettings()
    fuse: FuseSettings = FuseSettings()
    enhance: EnhanceSettings = EnhanceSettings()
    steady: SteadySettings = SteadySettings()
    composite: CompositeSettings = CompositeSettings()
    output: OutputSettings = OutputSettings()

    @property
    def reach(self) -> int:
        """Frames on each side that are read for one, for steadying and for a network's mattes."""
        networks = self.composite.parser or self.composite.occluder
        return max(self.steady.reach, self.composite.matte_window if networks else 0)

    @property
    def held_frames(self) -> int:
        """Plate frames to remember so that, in ascending order, each is decoded once: from first asked to rendered."""
        ahead = max(self.reach, self.steady.trust_reach if self.steady.trusted and not self.steady.causal else 0)
        return self.reach + ahead + 1


_PRESETS: dict[str, dict[str, object]] = {
    "post": {},
    "live": {
        "track": {"crop_variants": 1, "smoother": "one_euro"},
        "fuse": {"detail": 0.8},
        "steady": {"causal": True, "flow": "fast", "scales": 1},
    },
}


def settings_from(preset: str = "post", changes: dict[str, object] | None = None) -> Settings:
    """A preset with changes on top, checked.

    Args:
        preset: 'live' or 'post'. changes: nested dict as in a settings file, {"fuse": {"shape": 0.5}}.

    Raises:
        BadInput: an unknown preset or name, or a value out of range; the message names the field and its range.
    """
    if preset not in _PRESETS:
        raise BadInput(f"preset '{preset}' is unknown; use one of {', '.join(sorted(_PRESETS))}")
    merged: dict[str, object] = {"preset": preset}
    for layer in (_PRESETS[preset], changes or {}):
        for name, value in layer.items():
            old = merged.get(name)
            merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    try:
        return Settings.model_validate(merged)
    except ValueError as error:
        raise BadInput(f"settings: {error}") from error
