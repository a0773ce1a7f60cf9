"""A large picture through a network piece by piece, so that memory is bounded and no seam shows. Read by enhance.

Pieces have one size, lie on a grid fixed to the picture and overlap; beside its own edge, beyond which a network sees
nothing, a piece does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
from torch.nn.functional import pad

_OVERLAP = 48  # px; of a small tile a quarter
_BLIND = 20 / 48  # of the overlap, at either side, where that tile does not count; the reach of Edsr. Between: mixed.


def run_tiled(
    picture: torch.Tensor, tile: int, scale: int, wanted: torch.Tensor, run: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """What `run` makes of the picture, tile by tile.

    Args:
        picture: (3, n, n); one smaller than a tile is continued by its edge. tile: px. scale: how much larger the
            answer is. wanted: (1, n, n), a tile where it is 0 throughout is not run.
        run: (3, tile, tile) -> (3, scale * tile, scale * tile).

    Returns:
        (3, scale * n, scale * n) float32; 0 where nothing was wanted.
    """
    side = picture.shape[-1]
    if side <= tile:
        beyond = (0, tile - side, 0, tile - side)
        made = run(pad(picture[None], beyond, mode="replicate")[0] if side < tile else picture)
        return made[:, : side * scale, : side * scale]
    total = torch.zeros(3, side * scale, side * scale)
    weights = torch.zeros(1, side * scale, side * scale)
    places = starts(side, tile)
    for y, x in product(places, places):
        if not bool(wanted[:, y : y + tile, x : x + tile].any()):
            continue
        rows, columns = (slice(at * scale, (at + tile) * scale) for at in (y, x))
        weight = _ramp(y, tile, side, scale)[:, None] * _ramp(x, tile, side, scale)
        total[:, rows, columns] += weight * run(picture[:, y : y + tile, x : x + tile].contiguous())
        weights[:, rows, columns] += weight
    return total / weights.clamp_min(1e-9)


def starts(length: int, tile: int) -> list[int]:
    """Where tiles begin along one axis: the fewest that overlap enough, evenly; [0] where one holds all."""
    if length <= tile:
        return [0]
    overlap = overlap_of(tile)
    count = -(-(length - overlap) // (tile - overlap))
    return [round(k * (length - tile) / (count - 1)) for k in range(count)]


def overlap_of(tile: int) -> int:
    """Least px that two tiles share."""
    return min(_OVERLAP, tile // 4)


def _ramp(start: int, tile: int, side: int, scale: int) -> torch.Tensor:
    """(scale * tile,) weight along one axis: rises beside each edge that is not the picture's own."""
    parts = (torch.arange(tile * scale, dtype=torch.float32) + 0.5) / (scale * max(overlap_of(tile), 1))
    away = (parts - _BLIND) / (1.0 - 2.0 * _BLIND)
    before = away if start > 0 else torch.ones_like(away)
    after = away.flip(0) if start + tile < side else torch.ones_like(away)
    rise = torch.minimum(before, after).clamp(0.0, 1.0)
    return rise * rise * (3.0 - 2.0 * rise)
