"""Lids that close over an eye of a still, and open again. Read by `example_still` and `draw`.

The skin between brow and upper lid is stretched down over the eye, which stays where it is: one written-down map, so a
blink has exact motion too. (The render's own blink, frame 1011, closes on the plate alone and leaves a slit.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ff_vfx.image.sample import sample
from ff_vfx.types.face_mesh import face_mesh

_EYES = (range(36, 42), range(42, 48))  # of the 68 landmarks: outer corner, two upper, corner, two lower
_SKIN = 0.65  # of the eye's opening: the strip above the lid that stretches
_EYE, _AROUND_PX, _LEAST_SKIN_PX = 4, 10, 8.0
_RIM = 0.17  # of the opening: the wet rim of the lower lid, which the render's mask leaves to the skin
_CORNER_PX = 2.0  # over which the opening tapers to nothing at its corners
_LASH_PX, _LASH_DARK = 1.1, 0.55
_SOFT_PX = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Lid:
    """One eye. left, right: px of its corners. upper, lower: polynomials y(x - left) of the open lids' margins.

    skin: px of lid above the margin that stretch.
    """

    left: float
    right: float
    upper: np.ndarray
    lower: np.ndarray
    skin: float

    def margins(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """y of the open upper lid and the eye's opening below it (0 beyond the corners), px, at each x."""
        at = (x.clamp(self.left + _CORNER_PX, self.right - _CORNER_PX) - self.left).double()
        upper, lower = (_polynomial(curve, at) for curve in (self.upper, self.lower))
        taper = (torch.minimum(x - self.left, self.right - x) / _CORNER_PX).clamp(0.0, 1.0)
        return upper.float(), (lower - upper).float().clamp_min(0.0) * taper


def _polynomial(curve: np.ndarray, at: torch.Tensor) -> torch.Tensor:
    total = torch.zeros_like(at)
    for factor in curve:
        total = total * at + float(factor)
    return total


def lids_of(parts: np.ndarray, marks: np.ndarray) -> tuple[Lid, ...]:
    """Both eyes. parts: (h, w) the render's masks, 4 is an eye. marks: (68, 2) px."""
    made = []
    for eye in _EYES:
        low = np.floor(marks[list(eye)].min(0)).astype(int) - _AROUND_PX
        high = np.ceil(marks[list(eye)].max(0)).astype(int) + _AROUND_PX
        seen = parts[low[1] : high[1], low[0] : high[0]] == _EYE
        columns = np.flatnonzero(seen.any(0))
        top, bottom = seen.argmax(0)[columns] + low[1], low[1] + seen.shape[0] - seen[::-1].argmax(0)[columns]
        x0, x1 = float(columns[0] + low[0]) - _CORNER_PX, float(columns[-1] + low[0] + 1) + _CORNER_PX
        at = columns + low[0] + 0.5 - x0
        opening = float((bottom - top).mean())
        curves = np.polyfit(at, top, 5), np.polyfit(at, bottom + _RIM * opening, 5)
        made.append(Lid(x0, x1, *curves, max(_LEAST_SKIN_PX, _SKIN * opening)))
    return tuple(made)


def lid_cover(places: torch.Tensor, lid: Lid, closed: float) -> tuple[torch.Tensor, torch.Tensor]:
    """(h, w) how much of each place the moving lid covers, and (h, w) y of the still's skin that lies there."""
    upper, opening = lid.margins(places[..., 0])
    edge, top = upper + closed * opening, upper - lid.skin
    drawn = top + (places[..., 1] - top) * lid.skin / (lid.skin + closed * opening)
    cover = ((edge - places[..., 1]) / _SOFT_PX + 0.5).clamp(0.0, 1.0)
    return cover * (places[..., 1] > top) * (opening > 0.0), drawn


def draw_closed(still: torch.Tensor, places: torch.Tensor, lids: tuple[Lid, ...], closed: float) -> torch.Tensor:
    """The still seen at `places` (h, w, 2), with its lids closed by [0, 1]. still: (3, h, w)."""
    picture = sample(still, places)
    if closed == 0.0:
        return picture
    for lid in lids:
        cover, drawn = lid_cover(places, lid, closed)
        skin = sample(still, torch.stack([places[..., 0], drawn], -1))
        upper, opening = lid.margins(places[..., 0])
        away = (places[..., 1] - upper - closed * opening) / _LASH_PX
        lash = torch.exp(-away.square()) * _LASH_DARK * closed * (opening / 4.0).clamp(0.0, 1.0)
        picture = (picture * (1.0 - cover) + skin * cover) * (1.0 - lash)
    return picture


def lid_motion(places: torch.Tensor, lids: tuple[Lid, ...], before: float, after: float) -> torch.Tensor:
    """Where what is seen at `places` with lids closed by `before` lies when they are closed by `after`, (h, w, 2)."""
    y = places[..., 1]
    for lid in lids if before or after else ():
        cover, drawn = lid_cover(places, lid, before)
        upper, opening = lid.margins(places[..., 0])
        top = upper - lid.skin
        moved = top + (drawn - top) * (lid.skin + after * opening) / lid.skin
        y = torch.where(cover > 0.5, moved, y)
    return torch.stack([places[..., 0], y], -1)


def eye_region(lids: tuple[Lid, ...], size: int, margin: float = 5.0) -> torch.Tensor:
    """(1, size, size) {0, 1}: both eyes and the lids' skin."""
    at = torch.arange(size, dtype=torch.float32) + 0.5
    region = torch.zeros(size, size, dtype=torch.bool)
    for lid in lids:
        upper, opening = lid.margins(at)
        beside = (at > lid.left - margin) & (at < lid.right + margin)
        rows = (at[:, None] > upper - lid.skin - margin) & (at[:, None] < upper + opening + margin)
        region |= rows & beside
    return region.float()[None]


def closed_points(points: np.ndarray, closed: float) -> np.ndarray:
    """(478, 3) landmarks with their upper lids let down onto the lower ones by [0, 1]."""
    made = points.copy()
    for name in ("eye_l", "eye_r"):
        ring = face_mesh().loops[name]
        corners = ring[[int(points[ring, 0].argmin()), int(points[ring, 0].argmax())]]
        line = np.interp(points[ring, 0], points[corners, 0], points[corners, 1])
        low = ring[points[ring, 1] >= line]
        order = low[np.argsort(points[low, 0])]
        up = ring[points[ring, 1] < line]
        floor = np.interp(points[up, 0], points[order, 0], points[order, 1])
        made[up, 1] += closed * (floor - points[up, 1])
    return made
