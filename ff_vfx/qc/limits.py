"""How far a measure may go, and what a limits file may say. Read by rules and the door; loads neither torch nor numpy.

Defaults were measured: docs/qc.md has what the originals show beside each, and how small a fault is still found.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ff_vfx.errors import BadInput

Limit = float | None


class Limits(BaseModel):
    """All limits. A limits file is JSON that names only what differs; null switches one off."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    tone_stops: Limit = Field(0.01, ge=0.0, description="Tone of the face that comes and goes in a frame, stops.")
    patch_stops: Limit = Field(0.22, ge=0.0, description="The same at the worst place of the face, stops.")
    slip_px: Limit = Field(0.3, ge=0.0, description="Face off its head on a frame, plate px.")
    jump_stops: Limit = Field(
        0.02, ge=0.0, description="Tone that changes from one frame to the next and stays, stops."
    )
    warp_least: Limit = Field(0.75, ge=0.0, description="E_warp over the plate's own: less is smeared or frozen.")
    warp_most: Limit = Field(1.5, ge=0.0, description="E_warp over the plate's own: more is restless.")
    sharpness_least: Limit = Field(0.8, ge=0.0, description="Detail of the face over the plate's own.")
    sharpness_most: Limit = Field(1.5, ge=0.0, description="The same: more is oversharpened or too grainy.")
    softest_least: Limit = Field(
        0.35, ge=0.0, description="Finest detail at the face's softest place, over the plate's."
    )
    softest_usual: Limit = Field(0.82, ge=0.0, description="The same over what is usual within six frames.")
    track_eyes: Limit = Field(0.03, ge=0.0, description="Jump of the track, parts of the outer-eye distance.")
    negatives_px: Limit = Field(150.0, ge=0.0, description="Pixels below black that the plate has not.")
    negatives_depth: Limit = Field(0.1, ge=0.0, description="How far below black, parts of the face's white.")
    cut_most: Limit = Field(0.6, ge=0.0, le=1.0, description="Part of a side of the matte that is a straight cut.")
    identity_least: Limit = Field(0.3, ge=-1.0, le=1.0, description="Cosine of the face to the performer's stills.")
    ssim_least: Limit = Field(None, ge=-1.0, le=1.0, description="SSIM to the previous version.")
    flip_most: Limit = Field(None, ge=0.0, le=1.0, description="FLIP to the previous version.")


def limits_from(data: Mapping[str, object], where: str) -> Limits:
    """Defaults with a file's words on top. where: start of the message.

    Raises:
        BadInput: an unknown limit, or a value that is none.
    """
    try:
        return Limits.model_validate(dict(data))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput(f"{where}: {faults}; see docs/qc.md for the limits there are") from error
