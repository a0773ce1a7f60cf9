"""From a steadied crop to a frame's layers: mattes, look, over, planes. Read by shot; this is composite's story."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.grain import grain_gain
from ff_vfx.composite.look import Look, apply_look, measure_look
from ff_vfx.composite.mattes import Mattes, coverage_of, face_mattes
from ff_vfx.composite.occlusion import Front, FrontOf
from ff_vfx.composite.over import Finished, Placement, carry, change_over, novelty_of, place
from ff_vfx.composite.planes import (
    DATA_PLANES,
    Sources,
    crop_planes,
    cryptomattes,
    face_planes,
    motion_planes,
    st_planes,
)
from ff_vfx.composite.sight import Refined, Sight
from ff_vfx.composite.style import apply_style, style_of
from ff_vfx.composite.sureness import header_of, sureness
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.fused import Crop, Fused, Held, Motion
from ff_vfx.types.layers import Layers
from ff_vfx.types.planes import Planes
from ff_vfx.types.settings import FuseSettings, Settings
from ff_vfx.types.solve import Grain
from ff_vfx.types.window import Window

Matte = Callable[[int, Window], torch.Tensor | None]  # the artist's own, over a frame's data window
Person = Callable[[torch.Tensor], torch.Tensor]  # (3, s, s) scene-linear crop -> (1, s, s) who is person in it
_PERSON_LOW, _PERSON_HIGH = 0.1, 0.5  # person matte values between which the face fades out of the background


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One frame's work so far. held: the new face, steadied. person: (1, s, s) who is person in the bent plate.

    motion: see Steadied. name: the person's, for Cryptomatte. seen: what networks say, held still, see sight.
    """

    frame: Frame
    crop: Crop
    fused: Fused
    held: Held
    person: torch.Tensor
    motion: Mapping[str, Motion]
    name: str
    seen: tuple[Planes, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ShotLook:
    """What holds for the whole shot. look, sight: see there. grain: the plate's. key: seeds it.

    to_light, from_light: the plate's encoding to scene-linear and back; for a scene-linear plate they do nothing.
    """

    look: Look
    sight: Sight
    grain: Grain
    key: str
    to_light: Transform
    from_light: Transform


def finish_frame(work: Work, shot: ShotLook, settings: Settings, artist: torch.Tensor | None) -> Layers:
    """The frame's layers.

    Args:
        artist: (1, h, w) the artist's own matte over the frame's data window; where given it is the coverage.
    """
    refined = shot.sight.refined(work.seen, work.crop, work.fused)
    mattes = masked_mattes(work, refined, settings)
    done = finish_crop(work, mattes, refined.front, shot, settings)
    placement = place(done.coverage, work.crop.to_plate, work.frame.data_window)
    if placement.window.empty:
        return passed_through(work.frame, "the face lies outside the picture")
    rows, columns = placement.window.slices(work.frame.data_window)
    plate = work.frame.pixels[:3, rows, columns].float()
    ours = carry(done.coverage, placement).clamp(0.0, 1.0) if artist is None else artist[:, rows, columns]
    coverage = ours * (work.crop.face.weight * settings.composite.opacity)
    grain = (shot.grain.scaled(settings.composite.grain**2), shot.key)
    light = shot.to_light(torch.nan_to_num(plate, nan=0.0, posinf=65504.0, neginf=-65504.0))
    change = change_over(light, work.crop, done, placement, coverage, grain)
    # Where nothing changed the plate's own bits, nan and -0.0 included: adding 0 would not keep them.
    fused = torch.where((change == 0.0) | (coverage == 0.0), plate, shot.from_light(light + change))
    layers = _layers(work, (mattes, refined), (plate, fused, coverage), placement, (settings, shot))
    told = sureness(work.held, work.fused, mattes.parts, done.coverage, settings.steady)
    networks = {"mattes": dict(refined.told)} if refined.told else {}
    return replace(layers, decisions={**layers.decisions, **told, **networks}, attributes=header_of(told))


def shot_look(seen: Sequence[tuple[Crop, Fused]], front: FrontOf, settings: Settings, floor: float) -> Look:
    """The look of a whole shot, see measure_look. seen: frames spread over it. floor: scene-linear."""
    fineness = settings.fuse.detail / FuseSettings().detail
    return measure_look(look_samples(seen, front, settings), settings.composite, floor, fineness)


def look_samples(seen: Sequence[tuple[Crop, Fused]], front: FrontOf, settings: Settings) -> list[tuple[Fused, Mattes]]:
    """What the shot's look is measured on: new faces and their mattes, light kept off what is in front."""
    samples = []
    for crop, fused in seen:
        mattes = face_mattes(fused.points, crop.pixels.shape[-1], face_mesh(), settings.composite)
        samples.append((fused, replace(mattes, skin=mattes.skin * (1.0 - front(crop, fused).bent))))
    return samples


def masked_mattes(work: Work, refined: Refined, settings: Settings) -> Mattes:
    """The face's mattes, kept off what is not a person and what the head wears; light is measured on neither."""
    size = work.held.picture.shape[-1]
    mattes = face_mattes(work.fused.points, size, face_mesh(), settings.composite)
    person = ((work.person - _PERSON_LOW) / (_PERSON_HIGH - _PERSON_LOW)).clamp(0.0, 1.0)
    kept = refined.kept
    return replace(mattes, face=mattes.face * person * kept, skin=mattes.skin * (1.0 - refined.front.bent) * kept)


def finish_crop(work: Work, mattes: Mattes, front: Front, shot: ShotLook, settings: Settings) -> Finished:
    """The finished crop: the lit face over the bent plate, and what of it is new.

    What is in front is cut out of the coverage alone: the face goes on behind it, so that its edge is mixed once.
    """
    size, fused, look = work.held.picture.shape[-1], work.fused, shot.look
    # The plate's grain in it is neither lit nor sharpened, but for its strength, which follows the light.
    clean = work.held.picture - work.held.grain
    lit = apply_look(clean, fused.surround, mattes, look, settings.composite)
    grain = work.held.grain * grain_gain(clean, lit, shot.grain)
    fineness = settings.fuse.detail / FuseSettings().detail
    lit = apply_style(lit, mattes, style_of(settings.enhance), look.floor, fineness) + grain
    picture = fused.surround + mattes.face * (lit - fused.surround)
    covered = coverage_of(mattes.face, fused.source, fused.reach, pixel_grid(size, size))
    coverage = covered * uncovered(mattes.parts["oval"], front)
    return Finished(picture, coverage, novelty_of(picture, work.crop.pixels, look.floor), work.held.votes)


def uncovered(oval: torch.Tensor, front: Front) -> torch.Tensor:
    """Where the plate may be changed, (1, s, s): not on what is in front, nor, around the face, where it was bent to.

    On the face itself the place that something was bent to is the new face's.
    """
    return (1.0 - front.plate) * (1.0 - (1.0 - oval) * (front.bent - front.plate).clamp(0.0, 1.0))


def _layers(
    work: Work,
    masks: tuple[Mattes, Refined],
    pictures: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    placement: Placement,
    shot: tuple[Settings, ShotLook],
) -> Layers:
    (plate, fused, coverage), (settings, look), (mattes, refined) = pictures, shot, masks
    held, weight = work.held, work.crop.face.weight
    seen = (refined.front.plate, refined.before, refined.around, refined.known)
    sources = Sources(work.crop, work.fused, mattes, work.person, *seen, held.confidence, work.motion, weight)
    planes = face_planes(plate, fused, coverage)
    planes |= crop_planes(sources, coverage, placement, look.from_light)
    planes |= st_planes(sources, placement, work.frame.display_window)
    if settings.output.motion:
        planes |= motion_planes(sources, placement)
    around = refined.around
    ids = cryptomattes(work.name, mattes, coverage, placement, around) if settings.output.cryptomatte else ()
    face = work.crop.face
    decisions = {"face": work.name, "status": face.status, "reason": face.reason, "weight": face.weight}
    return Layers(work.frame, placement.window, fused, coverage, planes, DATA_PLANES, ids, {}, decisions)


def passed_through(frame: Frame, reason: str) -> Layers:
    """Layers of a frame without a face: an empty window, so that the plate is written through untouched."""
    corner = (frame.data_window.x0, frame.data_window.y0)
    nothing = torch.zeros(3, 0, 0), torch.zeros(1, 0, 0)
    return Layers(frame, Window(*corner, *corner), *nothing, decisions={"passed": reason})
