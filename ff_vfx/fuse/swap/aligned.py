"""The face as a swapper network wants it, out of the crop, and what the network changed, back into the crop.

Read by swap_fuser. Positions are in the crop's own pixels; the face is aligned by its steadied landmarks, so that the
network sees it at the same place on every frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import affine_grid, pixel_grid, sample
from ff_vfx.image.square import square_to_picture
from ff_vfx.types.fused import Crop
from ff_vfx.types.template import Template

_BORDER = 0.06  # of the side: over so much a change fades towards the aligned square's edge
_MARGIN_PX = 4  # what the sampling kernel reaches beyond the square
_SHRINK_LIMIT, _BLUR = 1.2, 0.45  # as image.sample
_OCTAVE_PX = 1.0  # of the network: what is finer is the finest that its grid holds
_AROUND_PX = 2.0  # of the network: over how much the kept and the changed are compared
_KEEPS = 0.3  # energy of change beside the picture's own, at which half of the finer detail is taken to be another's
_NOTHING = 0.003**2  # display units squared: less than a code value of 8 bit is no change of detail


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """One frame's view. to_crop: (3, 3) float64, its pixels to the crop's; None: it is the crop itself. side: px.

    times: how many of its pixels are one of the network's, see phases. edged: whether it ends inside the picture, so
    that a change must fade towards its edge.
    """

    to_crop: torch.Tensor | None
    side: int
    times: int
    edged: bool

    def show(self, seen: torch.Tensor) -> torch.Tensor:
        """(3, side, side) of the encoded crop (3, h, w), in [0, 1].

        Blurred first to what the network's own pixels can hold, however many phases there are: each of them is what
        the network would see without the others, and nothing aliases into it.
        """
        if self.to_crop is None:
            return seen
        step = self.times * _step(self.to_crop)
        if step > _SHRINK_LIMIT:
            seen = gaussian(seen, _BLUR * (step * step - 1.0) ** 0.5)
        return sample(seen, affine_grid(self.to_crop, self.side, self.side)).clamp(0.0, 1.0)

    def part(self, size: int) -> tuple[slice, slice]:
        """Rows and columns of the crop (size px) that can be seen or changed; at least one of each."""
        if self.to_crop is None or not self.edged:
            return slice(0, size), slice(0, size)
        corners = torch.tensor([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=torch.float64) * self.side
        corners[:, 2] = 1.0
        landed = (corners @ self.to_crop.T)[:, :2]
        margin = _MARGIN_PX + 4.0 * _BLUR * self.times * _step(self.to_crop)
        low = (landed.amin(0) - margin).floor().clamp(0, size - 1).int().tolist()
        high = (landed.amax(0) + margin).ceil().clamp(1, size).int().tolist()
        return slice(low[1], max(high[1], low[1] + 1)), slice(low[0], max(high[0], low[0] + 1))

    def within(self, part: tuple[slice, slice]) -> Aligned:
        """The same view of that part of the crop alone."""
        if self.to_crop is None:
            return self
        shift = torch.eye(3, dtype=torch.float64)
        shift[0, 2], shift[1, 2] = -part[1].start, -part[0].start
        return replace(self, to_crop=shift @ self.to_crop)

    def carry(self, planes: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """(c, side, side) back on the crop's pixels, (c, height, width); 0 outside. Linear in `planes`."""
        if self.to_crop is None:
            return planes
        back = torch.linalg.inv(self.to_crop)
        step = _step(back)
        if step > _SHRINK_LIMIT:
            planes = gaussian(planes, _BLUR * (step * step - 1.0) ** 0.5)
        return sample(planes, affine_grid(back, height, width), outside="zeros" if self.edged else "border")

    def window(self) -> torch.Tensor:
        """(1, side, side): 1 inside, 0 at the edge."""
        if not self.edged:
            return torch.ones(1, self.side, self.side)
        grid = pixel_grid(self.side, self.side)
        inside = torch.minimum(grid, self.side - grid).amin(-1) - 0.5
        ramp = (inside / (_BORDER * self.side)).clamp(0.0, 1.0)
        return (ramp * ramp * (3.0 - 2.0 * ramp))[None]


def align(crop: Crop, template: Template | None, side: int, times: int = 1) -> Aligned:
    """The view of one crop: by the template, or the whole crop where there is none. side, times: see Aligned."""
    size = crop.pixels.shape[-1]
    whole = template is None and side == size and times == 1
    to_crop = None if whole else square_to_picture(template, crop.points(), size, side)
    return Aligned(to_crop, side, times, edged=template is not None)


def _step(matrix: torch.Tensor) -> float:
    """How far apart neighbouring pixels land."""
    return float(torch.linalg.matrix_norm(matrix[:2, :2], ord=2))


def replaced(seen: torch.Tensor, shown: torch.Tensor, change: torch.Tensor, view: Aligned) -> torch.Tensor:
    """The encoded crop with the network's change in it, (3, h, w).

    Detail of the plate that the network's grid cannot hold is another person's where the network drew another face, and
    the plate's own where it left the detail it saw; told by the finest detail that it did see.

    Args:
        seen: (3, h, w) the encoded crop, or the part of it that the view is of. shown: (3, n, n) what the network saw
            of it. change: (3, n, n), windowed.

    Returns:
        seen's own bits where change is 0 all around.

    Source: ours, docs/decisions/0029.
    """
    if view.to_crop is None:
        return seen + change
    foreign = foreignness(shown, change, view.times) * view.window()
    changed, coarse, foreign = view.carry(torch.cat([change, shown, foreign]), *seen.shape[-2:]).split([3, 3, 1])
    foreign = foreign.clamp(0.0, 1.0)
    return torch.where((changed == 0.0) & (foreign == 0.0), seen, seen + changed - foreign * (seen - coarse))


def foreignness(shown: torch.Tensor, change: torch.Tensor, times: int) -> torch.Tensor:
    """How far the finest detail was drawn anew, (1, n, n) in [0, 1]; 0 where it was left or merely tinted."""
    made, had = _fine_energy(change, times), _fine_energy(shown, times)
    made, had = made.square(), (_KEEPS * had + _NOTHING).square()
    return made / (made + had)


def _fine_energy(picture: torch.Tensor, times: int) -> torch.Tensor:
    fine = picture - gaussian(picture, _OCTAVE_PX * times)
    return gaussian(fine.square().mean(0, keepdim=True), _AROUND_PX * times)
