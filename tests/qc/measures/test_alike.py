"""Tests of SSIM and FLIP: known numbers, and FLIP's authors' own program."""

import numpy as np
import pytest
import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.qc.measures.alike import flip, flip_map, ssim

ALL = torch.ones(1, 64, 80)


def pictures(seed=0, change=0.05):
    noise = torch.Generator().manual_seed(seed)
    one = gaussian(torch.rand(3, 64, 80, generator=noise), 2.0)
    one = (one - one.min()) / (one.max() - one.min())
    other = one + change * gaussian(torch.randn(3, 64, 80, generator=noise), 1.0) * 4.0
    return one, other.clamp(0.0, 1.0)


def test_two_equal_pictures_are_alike():
    one, _ = pictures()
    assert ssim(one, one, ALL) == pytest.approx(1.0)
    assert flip(one, one, ALL) == 0.0


def test_more_change_is_less_alike():
    small, large = pictures(change=0.02), pictures(change=0.2)
    assert 1.0 > ssim(small[0], small[1], ALL) > ssim(large[0], large[1], ALL)
    assert 0.0 < flip(small[0], small[1], ALL) < flip(large[0], large[1], ALL) < 1.0


def test_black_against_white_is_as_unlike_as_it_gets():
    black, white = torch.zeros(3, 64, 80), torch.ones(3, 64, 80)
    assert flip(black, white, ALL) > 0.9
    assert ssim(black, white, ALL) < 0.01


def test_what_lies_outside_the_mask_does_not_count():
    one, other = pictures()
    other = torch.cat([one[..., :40], other[..., 40:]], -1)
    left = torch.zeros(1, 64, 80)
    left[..., :20] = 1.0
    assert flip(one, other, left) < 0.01 < flip(one, other, ALL)


@pytest.mark.parametrize("seed", range(4))
def test_flip_agrees_with_its_authors_program(seed):
    evaluate = pytest.importorskip("flip_evaluator", reason="flip-evaluator is a development extra").evaluate
    one, other = pictures(seed, 0.03 * (seed + 1))
    pair = [np.ascontiguousarray(p.permute(1, 2, 0).numpy()) for p in (one, other)]
    theirs = evaluate(*pair, "LDR", applyMagma=False, computeMeanError=False)[0][..., 0]
    assert np.abs(flip_map(one, other)[0].numpy() - theirs).max() < 5e-4
