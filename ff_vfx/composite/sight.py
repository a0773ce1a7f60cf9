"""What networks see of a face joins what the mesh and the clean face tell. Read by shot and finish.

Two kinds of thing are not the new face. What is loose (a hand, a cup) stays where the plate has it: not a bit of it is
touched. What the head wears or is (hair, glasses, a hat, ears, the neck) is bent with the head's outline, and shows in
the bent plate. Everything here lies in the bent plate, but for `Front.plate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch.nn.functional import max_pool2d

from ff_vfx.composite.aligned import smooth
from ff_vfx.composite.clean_face import CleanFace
from ff_vfx.composite.keyed import smooth_step
from ff_vfx.composite.occluder import Occluder
from ff_vfx.composite.occlusion import Front, FrontOf, front_finder
from ff_vfx.composite.parsing import FACE, PARTS, Parser
from ff_vfx.errors import ModelError
from ff_vfx.image.blur import enlarge, gaussian, shrink
from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.fused import Crop, Fused
from ff_vfx.types.planes import Planes
from ff_vfx.types.recall import Recall
from ff_vfx.types.settings import Settings

AROUND = ("hair", "hat", "glasses", "ears", "neck", "cloth")  # parts that have an id of their own
_WORN = ("hair", "hat", "glasses", "ears", "neck")
_BEFORE = ("hair", "hat", "glasses", "cloth")
_LOW, _HIGH = 0.2, 0.7  # shares between which the plate takes over; below a half: where in doubt the plate shows
_DEEP = 0.03  # of the side: how far inside the outline what is no face is surely before it
_JOINED = 0.04  # of the side: how near to such a thing the outline's own rim belongs to it
_COARSE = 4
_ROUNDS = 5  # of inverting the bend; each leaves a tenth or less of the error before
_BELIEVED = 0.5

Look = Callable[[Crop, Fused], tuple[Planes, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class MatteNetworks:
    """The networks a job names for its mattes; at least one. Immutable, so that several shots may share them."""

    parser: Parser | None = None
    occluder: Occluder | None = None

    def look(self, crop: Crop, fused: Fused) -> tuple[Planes, ...]:
        """What each says, on the bent plate; the parser first. ModelError: one fails on this frame."""
        return tuple(_bent(network.look(crop), fused) for network in (self.parser, self.occluder) if network)

    def by_name(self, seen: Sequence[Planes]) -> dict[str, tuple[str, Planes]]:
        """'parser' and 'occluder' -> the model's name, and what it said."""
        both = (("parser", self.parser), ("occluder", self.occluder))
        there = [(kind, network.aligned.engine.spec.name) for kind, network in both if network]
        return {kind: (name, planes) for (kind, name), planes in zip(there, seen, strict=True)}


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """One frame's mattes, refined. front: with what networks found. kept: (1, s, s) how far the new face may show, by

    what the head wears. before: (1, s, s) what of that lies over the face. around: names of AROUND -> (1, s, s);
    known: (1, s, s) how far they are to be believed. told: for the Report.
    """

    front: Front
    kept: torch.Tensor
    before: torch.Tensor
    around: Mapping[str, torch.Tensor]
    known: torch.Tensor
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """All that tells, in one shot, what is before its face. front: without networks. look: theirs, None: there are

    none. Each is remembered for a few frames.
    """

    front: FrontOf
    look: Look | None
    networks: MatteNetworks | None
    amount: float

    def hidden(self, crop: Crop, fused: Fused) -> Front:
        """What is before the face on one frame, of whatever kind, not held still; where a network fails, without it."""
        front = self.front(crop, fused)
        if self.look is None:
            return front
        try:
            refined = self.refined(self.look(crop, fused), crop, fused)
        except ModelError:
            return front  # the frame itself, when its turn comes, says so
        return replace(refined.front, bent=torch.maximum(refined.front.bent, (1.0 - refined.kept) * _oval(fused)))

    def free(self, crop: Crop, fused: Fused) -> torch.Tensor:
        """(1, s, s) in [0, 1], 1 where nothing is before the face."""
        return 1.0 - self.hidden(crop, fused).bent

    def refined(self, seen: Sequence[Planes], crop: Crop, fused: Fused) -> Refined:
        """A frame's mattes. seen: of this frame, held still or not; () without networks."""
        front = self.front(crop, fused)
        if not seen or self.networks is None:
            nothing = torch.zeros_like(front.plate)
            return Refined(front, nothing + 1.0, nothing, {}, nothing, {})
        return _refined(self.networks.by_name(seen), front, fused, self.amount)


def sight_of(clean: CleanFace | None, networks: MatteNetworks | None, settings: Settings) -> Sight:
    """One shot's. clean: its actor's face. networks: None where there are none."""
    amount, keep = settings.composite.occlusion, settings.held_frames + 1
    front = front_finder(clean, amount, keep)
    if networks is None:
        return Sight(front, None, None, amount)
    known, more = Recall(keep + 2 * settings.composite.matte_window), networks.look
    return Sight(front, lambda crop, fused: known.get(crop.number, lambda: more(crop, fused)), networks, amount)


def _refined(seen: Mapping[str, tuple[str, Planes]], front: Front, fused: Fused, amount: float) -> Refined:
    oval = _oval(fused)
    nothing = torch.zeros_like(oval)
    parts, known, background, face_like = {}, nothing, nothing, nothing
    if "parser" in seen:
        planes = seen["parser"][1]
        parts, known = dict(zip(PARTS, planes.values[:, None], strict=True)), planes.weight
        face_like = planes.values[list(FACE)].sum(0, keepdim=True)
        worn = torch.stack([parts[name] for name in _WORN]).sum(0) * known
        background = (known * (1.0 - face_like) - worn).clamp_min(0.0)
    else:
        worn = nothing
    loose = background
    if "occluder" in seen:
        planes = seen["occluder"][1]
        loose = torch.maximum(loose, (1.0 - planes.values) * planes.weight * (1.0 - worn).clamp_min(0.0))
    loose = smooth_step(loose, _LOW, _HIGH)
    inside = _inside(oval, loose)
    loose = amount * loose * inside
    # Beside the face, where the mesh is too wide, there is background that nothing loose explains.
    kept = 1.0 - amount * smooth_step(worn + background * (1.0 - inside), _LOW, _HIGH)
    around = {name: parts[name] * known for name in AROUND} if parts else {}
    before = torch.stack([around[name] for name in _BEFORE]).sum(0).clamp(0.0, 1.0) * oval if parts else nothing
    both = Front(torch.maximum(front.plate, _unbent(loose, fused)), torch.maximum(front.bent, loose))
    return Refined(both, kept, before, around, known, {kind: _told(*one) for kind, one in seen.items()})


def _told(name: str, planes: Planes) -> str:
    share = f"{name} found {100.0 * planes.found:.0f} % of the face"
    if smooth(planes.found, 0.1, 0.3) >= _BELIEVED:
        return share
    return (
        f"{share} on this frame: "
        + ("that of its neighbours" if planes.weight.any() else "the embedded mattes")
        + (" was used" if planes.weight.any() else " were used")
    )


def _oval(fused: Fused) -> torch.Tensor:
    return polygon_mask(fused.points[face_mesh().loops["oval"], :2], fused.reach.shape[-1])


def _inside(oval: torch.Tensor, loose: torch.Tensor) -> torch.Tensor:
    """(1, s, s): deep in the face, or at its rim beside something that reaches deep into it."""
    size = oval.shape[-1]
    deep = (gaussian(oval, _DEEP * size) * 2.0 - 1.0).clamp(0.0, 1.0)
    if not (loose * deep).any():
        return deep
    reach = max(1, round(_JOINED * size / _COARSE))
    joined = max_pool2d(shrink(loose * deep, _COARSE)[None], 2 * reach + 1, 1, reach)[0]
    return torch.maximum(deep, enlarge(joined, size, size).clamp(0.0, 1.0) * oval)


def _bent(planes: Planes, fused: Fused) -> Planes:
    """What was seen on the plate, where the bent plate has it."""
    if not fused.reach.any():
        return planes
    stack = torch.cat([planes.values, planes.weight])
    moved = sample(stack, fused.source.permute(1, 2, 0), mode="bilinear")
    stack = torch.where(fused.reach > 0.0, moved, stack)
    return replace(planes, values=stack[:-1], weight=stack[-1:])


def _unbent(matte: torch.Tensor, fused: Fused) -> torch.Tensor:
    """The same matte where the plate itself has what it marks: the bend, inverted by going back along it."""
    if not fused.reach.any() or not matte.any():
        return matte
    grid = pixel_grid(*matte.shape[-2:])
    shift = fused.source - grid.permute(2, 0, 1)
    place = grid
    for _ in range(_ROUNDS):
        place = grid - sample(shift, place, mode="bilinear").permute(1, 2, 0)
    return sample(matte, place, mode="bilinear")
