"""Which part of a crop an enhancer is shown, how large, and the way back. Read by enhance.

A view is square. With a template the face lies in it as the network has learned faces; without, it is the crop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.image.blur import enlarge, gaussian, shrink
from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import affine_grid, sample, sample_affine
from ff_vfx.image.square import square_to_picture
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.template import Template

_EDGE = 0.06  # of a view's side, over which what was changed fades out at its edge
_SHRINK_LIMIT, _BLUR = 1.2, 0.45  # as image.sample
_GROWN = 1.2  # the face's oval, for the matte may reach a little beyond it
_COARSE = 4  # times smaller it is drawn
_SOFT = 0.025  # of the crop's side
_FINE_PART = 0.35  # 0.6 to 1.0 in sharp faces, 0.25 in those enlarged 2.5 times, 0.13 in wholly soft ones: measured

_LEAST = 4  # times smaller than the crop that it is shown at most
_NOTHING = 0.001**2  # display value squared: finer than that is no detail at all


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """side: px. to_crop: (3, 3) float64, the view's px to the crop's."""

    side: int
    to_crop: torch.Tensor

    @property
    def plain(self) -> bool:
        """Whether its pixels are the crop's own."""
        return torch.equal(self.to_crop, torch.eye(3, dtype=torch.float64))

    def seen(self, picture: torch.Tensor) -> torch.Tensor:
        """The crop's display picture (3, s, s) as the view has it, (3, side, side) in [0, 1]."""
        if self.plain and self.side == picture.shape[-1]:
            return picture
        return sample_affine(picture, self.to_crop, self.side, self.side).clamp(0.0, 1.0)

    def back(self, change: torch.Tensor, size: int) -> torch.Tensor:
        """A change of the view, (3, k * side, k * side), on the crop's pixels, (3, size, size). Linear in `change`."""
        scale = change.shape[-1] / self.side
        if self.plain and scale == 1.0:
            return change[:, :size, :size]
        larger = torch.diag(torch.tensor([scale, scale, 1.0], dtype=torch.float64))
        into = larger @ torch.linalg.inv(self.to_crop)
        step = float(torch.linalg.matrix_norm(into[:2, :2], ord=2))
        if step > _SHRINK_LIMIT:
            change = gaussian(change, _BLUR * (step * step - 1.0) ** 0.5)
        return sample(change, affine_grid(into, size, size))

    def window(self, size: int) -> torch.Tensor:
        """(1, size, size) on the crop: 1 inside the view, falling to exactly 0 at its edge."""
        place = affine_grid(torch.linalg.inv(self.to_crop), size, size) / self.side
        inside = torch.minimum(place, 1.0 - place).amin(-1)[None]
        return _smooth(inside / _EDGE)


def view_of(points: np.ndarray, size: int, side: int, template: Template | None) -> View:
    """The view of one new face. points: (478, 3) crop px. size: the crop's side. side: the view's.

    template: None: the crop, which fills the view.
    """
    return View(side, square_to_picture(template, points, size, side))


def face_window(points: np.ndarray, size: int) -> torch.Tensor:
    """(1, size, size): 1 on the new face and a little around it, softly falling to exactly 0. points: (478, 3) px."""
    small = -(-size // _COARSE)
    oval = points[face_mesh().loops["oval"], :2] * (small / size)
    middle = oval.mean(0)
    mask = gaussian(polygon_mask(middle + (oval - middle) * _GROWN, small), _SOFT * small)
    return _smooth((enlarge(mask, size, size) - 0.02) / 0.96)


def native_side(pictures: Sequence[torch.Tensor], windows: Sequence[torch.Tensor]) -> int:
    """How many pixels a side these crops' detail needs: their own, or a half or a quarter of it.

    A face from a small network fills a large crop without being finer for it; enlarging that once more helps nobody.

    Args:
        pictures: (3, s, s) display, of one size. windows: (1, s, s), where to look.

    Source: ours, docs/decisions/0032: energy of an octave beside that of the next coarser one.
    """
    size, factor = pictures[0].shape[-1], 1
    while factor < _LEAST and _fine_part(pictures, windows, factor) < _FINE_PART:
        factor *= 2
    return size // factor


def _fine_part(pictures: Sequence[torch.Tensor], windows: Sequence[torch.Tensor], factor: int) -> float:
    fine, coarse = 0.0, 1e-9
    for picture, window in zip(pictures, windows, strict=True):
        grey = shrink(picture.mean(0, keepdim=True), factor)
        # Clipping makes edges that are not the face's.
        cut = ((picture <= 0.0) | (picture >= 1.0)).any(0, keepdim=True).float()
        look = shrink(window * (1.0 - (gaussian(cut, 2.0) * 20.0).clamp(0.0, 1.0)), factor)
        levels = [grey, gaussian(grey, 0.8), gaussian(grey, 1.6)]
        fine += float(((levels[0] - levels[1]).square() * look).sum())
        coarse += float((((levels[1] - levels[2]).square() + _NOTHING) * look).sum())
    return fine / coarse


def _smooth(part: torch.Tensor) -> torch.Tensor:
    part = part.clamp(0.0, 1.0)
    return part * part * (3.0 - 2.0 * part)
