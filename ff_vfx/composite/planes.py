"""The layers a compositor gets beside the fused picture, by their EXR channel names. Read by shot.

docs/layers.md says what each is; names and grouping follow Nuke's limits (four channels a layer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ff_vfx.colour import Transform
from ff_vfx.composite.mattes import Mattes
from ff_vfx.composite.over import Placement, carry
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.types.fused import Crop, Fused, Motion
from ff_vfx.types.layers import CryptoIds
from ff_vfx.types.window import Window

DATA_PLANES = frozenset({"ffSt.u", "ffSt.v", "forward.u", "forward.v", "backward.u", "backward.v"})
_TRUST_PX = 0.5  # crop px by which there and back misses the start where a motion is hardly to be trusted
_PARTS = {"lips": "lips_outer", "brow_l": "brow_l", "brow_r": "brow_r", "eye_l": "eye_l", "eye_r": "eye_r"}


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What the planes are made from. fused: of the crop. motion: see Steadied. person: (1, s, s).

    front, before, around, known: what is in front of the face and around it, see sight.Refined; front in the plate.
    confidence: (1, s, s). weight: the frame's, [0, 1].
    """

    crop: Crop
    fused: Fused
    mattes: Mattes
    person: torch.Tensor
    front: torch.Tensor
    before: torch.Tensor
    around: Mapping[str, torch.Tensor]
    known: torch.Tensor
    confidence: torch.Tensor
    motion: Mapping[str, Motion]
    weight: float


def face_planes(plate: torch.Tensor, fused: torch.Tensor, coverage: torch.Tensor) -> dict[str, torch.Tensor]:
    """ffFace: what a compositor lays over the plate with 'over' to get the fused picture.

    Args:
        plate, fused: (3, h, w) float32, the window. coverage: (1, h, w).
    """
    inside = coverage > 0.0
    premult = torch.where(inside, fused - torch.nan_to_num(plate) * (1.0 - coverage), torch.zeros_like(fused))
    return {f"ffFace.{name}": plane for name, plane in zip("RGBA", [*premult, coverage[0]], strict=True)}


def crop_planes(
    sources: Sources, coverage: torch.Tensor, placement: Placement, from_light: Transform
) -> dict[str, torch.Tensor]:
    """ffRaw, ffMatte, ffAux on the plate's pixels. coverage: (1, h, w), the one used. from_light: to the plate's."""
    fused, mattes = sources.fused, sources.mattes
    head = (fused.reach * sources.person * (1.0 - mattes.parts["oval"])).clamp(0.0, 1.0)
    if sources.around:
        head = (1.0 - sources.known) * head + sources.around["hair"]
    occluded = torch.maximum(mattes.parts["oval"] * (1.0 - sources.person), sources.front)
    occluded = torch.maximum(occluded, sources.before)
    free = 1.0 - sources.front
    stack = torch.cat([mattes.parts["oval"], mattes.face * free, head * free, occluded, sources.confidence])
    oval, skin, hair, occlusion, confidence = carry(stack, placement)
    raw = from_light(sample(fused.picture, placement.to_crop)) * oval
    planes = {f"ffRaw.{name}": plane for name, plane in zip("RGBA", [*raw, oval], strict=True)}
    planes |= {"ffMatte.red": coverage[0], "ffMatte.green": skin, "ffMatte.blue": hair, "ffMatte.alpha": occlusion}
    weight = (coverage[0] > 0).float() * sources.weight
    return planes | {"ffAux.weight": weight, "ffAux.confidence": confidence}


def st_planes(sources: Sources, placement: Placement, display: Window) -> dict[str, torch.Tensor]:
    """ffSt: where in the plate each pixel was taken from before the face was laid over it, as Nuke's STMap reads it.

    u, v = (x + 0.5) / width, (y + 0.5) / height from the bottom left of the display window, exactly that of the pixel
    itself where nothing was bent.
    """
    size = sources.crop.pixels.shape[-1]
    shift = sources.fused.source - pixel_grid(size, size).permute(2, 0, 1)
    moved = torch.einsum("ij,jhw->ihw", sources.crop.to_plate[:2, :2].float(), carry(shift, placement))
    h, w = placement.window.height, placement.window.width
    here = pixel_grid(h, w).double().permute(2, 0, 1)
    x = here[0] + placement.window.x0 + moved[0] - display.x0
    y = here[1] + placement.window.y0 + moved[1] - display.y0
    return {"ffSt.u": (x / display.width).float(), "ffSt.v": (1.0 - y / display.height).float()}


def motion_planes(sources: Sources, placement: Placement) -> dict[str, torch.Tensor]:
    """forward and backward: the face's motion to the next and from the previous frame, plate px, x right and y UP.

    The sign of y is Nuke's. 0 where nothing is covered, and at a shot's or take's end. ffAux.forward, ffAux.backward:
    how far to trust it, 1 where there and back meets the start. Source: TIME sheet, section 3.
    """
    planes: dict[str, torch.Tensor] = {}
    size = sources.crop.pixels.shape[-1]
    grid = pixel_grid(size, size)
    inside = (sources.fused.reach + sources.mattes.parts["oval"]).clamp(0.0, 1.0)
    for name in ("forward", "backward"):
        moved, trust = torch.zeros(2, size, size), torch.zeros(1, size, size)
        if name in sources.motion:
            motion = sources.motion[name]
            moved = _to_plate(grid + motion.there.permute(1, 2, 0), motion.to_plate)
            moved = moved - _to_plate(grid, sources.crop.to_plate)
            trust = torch.exp(-(motion.error_px / _TRUST_PX).square())
        u, v, sure = carry(torch.cat([moved, trust]) * inside, placement)
        planes |= {f"{name}.u": u, f"{name}.v": -v, f"ffAux.{name}": sure.clamp(0.0, 1.0)}
    return planes


def _to_plate(grid: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    m = matrix.double()
    moved = torch.einsum("ij,hwj->ihw", m[:2, :2], grid.double()) + m[:2, 2, None, None]
    return moved.float()


def cryptomattes(
    name: str,
    mattes: Mattes,
    coverage: torch.Tensor,
    placement: Placement,
    around: Mapping[str, torch.Tensor] | None = None,
) -> tuple[CryptoIds, CryptoIds]:
    """Who covers the window, and which parts of the face, for Cryptomatte.

    Args:
        name: the person's. coverage: (1, h, w), the one used. around: hair, ears and the like, see sight.Refined; what
            they cover is no part of the face.
    """
    covered = carry(torch.cat([mattes.parts[mask] for mask in [*_PARTS.values(), "lips_inner", "oval"]]), placement)
    beside: dict[str, torch.Tensor] = {}
    whole = coverage
    if around:
        beside = dict(zip(around, carry(torch.cat(list(around.values())), placement).clamp(0.0, 1.0) * whole[0]))
        coverage = (whole - torch.stack(list(beside.values())).sum(0)).clamp_min(0.0)
    *parts, mouth, oval = (plane * coverage[0] for plane in covered)
    parts[0] = (parts[0] - mouth).clamp_min(0.0)
    found = dict(zip(_PARTS, parts, strict=True)) | {"mouth": mouth}
    taken = torch.stack(list(found.values())).sum(0)
    found["skin"] = (oval - taken).clamp_min(0.0)
    found["surround"] = (coverage[0] - oval).clamp_min(0.0)
    return CryptoIds("ffPeople", {name: whole[0]}), CryptoIds("ffParts", found | beside)
