"""ff_vfx.fuse.enhance.tiles: pieces that show no seam."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from ff_vfx.engine.architectures import Edsr
from ff_vfx.fuse.enhance.tiles import overlap_of, run_tiled, starts
from tests.synthetic import picture

ALL = torch.ones(1, 300, 300)


@pytest.mark.parametrize(("length", "tile"), [(300, 128), (640, 64), (257, 256), (2048, 256)])
def test_tiles_cover_all_and_overlap_enough(length, tile):
    found = starts(length, tile)
    assert found[0] == 0 and found[-1] == length - tile
    steps = [after - before for before, after in pairwise(found)]
    assert max(steps) <= tile - overlap_of(tile)


def test_one_tile_holds_a_small_picture():
    assert starts(200, 256) == [0]
    shapes = []

    def twice(shown: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(shown.shape))
        return torch.nn.functional.interpolate(shown[None], scale_factor=2.0)[0]

    small = picture(4, 200, 200)
    made = run_tiled(small, 256, 2, torch.ones(1, 200, 200), twice)
    assert shapes == [(3, 256, 256)] and torch.equal(made[:, ::2, ::2], small)


def test_a_network_gives_the_same_in_tiles_as_whole():
    network = Edsr(2, seed=3)
    shown = picture(5, 300, 300)

    def run(part: torch.Tensor) -> torch.Tensor:
        return network(part[None])[0]

    with torch.no_grad():
        network.get_parameter("tail.weight").normal_(0.0, 0.05, generator=torch.Generator().manual_seed(1))
        whole, tiled = run(shown), run_tiled(shown, 200, 2, ALL, run)
    assert whole.std() > 0.4
    assert (whole - tiled).abs().max() < 1e-5


def test_a_tile_that_nobody_wants_is_not_run():
    ran = []

    def itself(shown: torch.Tensor) -> torch.Tensor:
        ran.append(shown)
        return shown

    wanted = torch.zeros(1, 300, 300)
    wanted[:, 20:40, 20:40] = 1.0
    made = run_tiled(picture(6, 300, 300), 128, 1, wanted, itself)
    assert len(ran) == 1
    assert torch.allclose(made[:, 20:40, 20:40], picture(6, 300, 300)[:, 20:40, 20:40], atol=1e-6)
    assert not made[:, 200:].any()
