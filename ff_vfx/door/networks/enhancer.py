"""The enhancer a job names, checked early and opened late, and as strong as identity bears. Read by preparing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ff_vfx.colour import Bridge, Transform, working_space
from ff_vfx.door.networks.opening import Opener, opener
from ff_vfx.engine import models_folder, read_manifest
from ff_vfx.errors import BadInput
from ff_vfx.fuse.crop import crop_side, readable_crops
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.fuse.enhance.fuser import Told, enhanced
from ff_vfx.fuse.enhance.guard import Embed, Guarded, embedding, guard
from ff_vfx.fuse.enhance.spec import ports_of
from ff_vfx.fuse.enhance.view import face_window, native_side
from ff_vfx.track.look import exposure_of
from ff_vfx.types.engine import Engine
from ff_vfx.types.face import FaceTrack
from ff_vfx.types.fused import Fused, Fuser
from ff_vfx.types.job import Job
from ff_vfx.types.plate import Plate

_SAMPLES = 5  # frames, spread over the shot; the same whatever range is rendered


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Who looks on. embed: a recogniser, see fuse.enhance.guard.Embed; None: identity is not guarded.

    told: hears the cosine between the face before and after, of every frame as it is made; needs embed.
    open: how networks are opened; None: for this one alone.
    """

    embed: Embed | None = None
    told: Callable[[int, float], None] | None = None
    open: Opener | None = None


def enhancer_key(job: Job) -> str:
    """The hash of the network that enhances, for the stamp; '' where there is none.

    Raises:
        BadInput: a path where a name is needed. ModelError: its manifest cannot be read, or is of another kind.
    """
    name, folder = job.settings.enhance.model, models_folder(job.models)
    if not name or job.settings.enhance.strength == 0.0:
        return ""
    if Path(name).name != name:
        raise BadInput(f"enhance.model {name}: is a path; give the name of a model in {folder}")
    manifest = read_manifest(folder / f"{name}.json")
    ports_of(manifest.spec)
    return manifest.sha256


def wrap_with_enhancer(
    job: Job, fuser: Fuser, plate: Plate, track: FaceTrack, witness: Witness | None = None
) -> tuple[Fuser, dict[str, object]]:
    """The fuser with its faces enhanced as the job says, and what was decided, for the Report.

    Args:
        fuser: made for this track. plate: read on a few frames spread over the shot.

    Returns:
        The same fuser and nothing told where no model is named, or the strength is 0.

    Raises:
        ModelError: the network cannot be opened, is of another kind, or fails on a sample. BadInput: see enhancer_key.
    """
    if not enhancer_key(job):
        return fuser, {}
    witness, wanted = witness or Witness(), job.settings.enhance
    engine = (witness.open or opener(job))(models_folder(job.models) / f"{wanted.model}.json")
    samples = _samples(job, fuser, plate, track)
    enhancer = _fitted(engine, working_space(plate.colour_space), wanted.fidelity, samples)
    found = Guarded(wanted.strength, wanted.strength)
    if witness.embed:
        found = guard(enhancer, samples, witness.embed, wanted.strength, wanted.identity_floor)
    told = _teller(enhancer.bridge, witness)
    return enhanced(fuser, enhancer, found.strength, told), {"enhance": _decided(job, track, enhancer, found)}


def _samples(job: Job, fuser: Fuser, plate: Plate, track: FaceTrack) -> list[Fused]:
    """New faces of a few frames. What looks back alone must not know the shot's later frames."""
    numbers = track.spread(1 if job.settings.steady.causal else _SAMPLES)
    to_light = Transform.between(plate.colour_space, working_space(plate.colour_space))
    size = crop_side(track, job.settings.fuse)
    return [fuser.fuse(crop) for crop in readable_crops(plate, track, numbers, size, to_light)]


def _fitted(engine: Engine, space: str, fidelity: float, samples: Sequence[Fused]) -> Enhancer:
    """The network with the exposure and the size that suit this shot's new faces."""
    windows = [face_window(fused.points, fused.picture.shape[-1]) for fused in samples]
    light = [f.picture.amax(0)[window[0] > 0.5].numpy() for f, window in zip(samples, windows, strict=True)]
    exposure = exposure_of(np.concatenate(light)) if light else 0.0
    encoding = "linear" if ports_of(engine.spec).taken.encoding == "linear" else "srgb"
    enhancer = Enhancer(engine, Bridge(space, exposure, encoding), fidelity)
    if not (samples and enhancer.by_tiles and enhancer.scale > 1):
        return enhancer
    pictures = [enhancer.bridge.encode(fused.picture) for fused in samples]
    shown = native_side(pictures, windows)
    return Enhancer(engine, enhancer.bridge, fidelity, shown)


def _teller(bridge: Bridge, witness: Witness) -> Told | None:
    embed, told = witness.embed, witness.told
    if embed is None or told is None:
        return None

    def hear(number: int, before: Fused, after: Fused) -> None:
        was, now = (embedding(bridge, before, picture, embed) for picture in (before.picture, after.picture))
        told(number, float(was @ now))

    return hear


def _decided(job: Job, track: FaceTrack, enhancer: Enhancer, found: Guarded) -> dict[str, object]:
    wanted = job.settings.enhance
    told: dict[str, object] = {"model": wanted.model, "strength": round(found.strength, 4), "asked": found.asked}
    if not np.isnan(found.at_asked):
        told |= {"cosine_asked": round(found.at_asked, 4), "cosine": round(found.at_used, 4)}
        told["identity_floor"] = wanted.identity_floor
    if enhancer.shown:
        told["shown_px"] = enhancer.shown
        if enhancer.shown == crop_side(track, job.settings.fuse):
            told["note"] = f"the face is as fine as its crop of {enhancer.shown} px: an upscaler has little to add"
    return {**told, "told": found.told}
