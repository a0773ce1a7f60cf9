"""ff_vfx.fuse.swap.phases: a picture larger than the network, and back."""

import pytest
import torch

from ff_vfx.fuse.swap.phases import join, join_levelled, split
from ff_vfx.image.sample import pixel_grid
from tests.synthetic import picture


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_split_and_join_are_each_others_way_back_bit_for_bit(times):
    whole = picture(1, 24 * times, 24 * times)
    phases = split(whole, times)
    assert phases.shape == (times * times, 3, 24, 24)
    assert torch.equal(join(phases, times), whole)


def test_each_phase_is_the_whole_picture_from_another_sub_pixel_place():
    phases = split(pixel_grid(8, 8).permute(2, 0, 1), 2)
    assert phases[0, :, 0, 0].tolist() == [0.5, 0.5] and phases[1, :, 0, 0].tolist() == [1.5, 0.5]
    assert phases[2, :, 0, 1].tolist() == [2.5, 1.5]


@pytest.mark.parametrize("times", [2, 3, 4])
def test_phases_that_are_brighter_than_others_leave_no_grid(times):
    own = torch.randn(times * times, 3, 1, 1, generator=torch.Generator().manual_seed(2)).expand(-1, -1, 32, 32)
    assert join(own, times).std() > 0.3
    inner = join_levelled(own, times)[:, 8 * times : -8 * times, 8 * times : -8 * times]
    assert inner.std((1, 2)).max() < 0.02


@pytest.mark.parametrize("times", [2, 3])
def test_phases_that_agree_keep_their_detail(times):
    """Detail at the network's own limit, half a cycle a network pixel, is not a disagreement."""
    grid = pixel_grid(32 * times, 32 * times)
    wave = torch.sin(3.14159 * grid[..., 0] / times + 0.7)[None].expand(3, -1, -1)
    inner = slice(8 * times, -8 * times)
    lost = (join_levelled(split(wave, times), times) - wave)[:, inner, inner]
    assert lost.abs().max() < 0.06


def test_no_change_stays_none():
    assert not join_levelled(torch.zeros(9, 3, 16, 16), 3).any()
