"""Tests of the cut edge of a matte: whatever window cut it."""

import torch

from ff_vfx.image.blur import gaussian
from ff_vfx.qc.measures.matte import cut_edge
from ff_vfx.types.window import Window

PICTURE = Window(0, 0, 100, 80)


def disc(radius=25, soft=3.0, centre=(50, 40)):
    y, x = torch.meshgrid(torch.arange(80.0), torch.arange(100.0), indexing="ij")
    hard = (((x - centre[0]) ** 2 + (y - centre[1]) ** 2).sqrt() < radius).float()[None]
    return gaussian(hard, soft)


def test_a_round_matte_is_not_cut():
    assert cut_edge(disc(), PICTURE, PICTURE) < 0.4
    assert cut_edge(disc(soft=0.0), PICTURE, PICTURE) < 0.4


def test_a_matte_that_a_window_cut_ends_in_a_straight_line():
    matte = disc()
    matte[:, :, 65:] = 0.0
    assert cut_edge(matte, PICTURE, PICTURE) > 0.6


def test_the_pictures_own_edge_may_cut():
    assert cut_edge(disc(centre=(50, 10)), PICTURE, PICTURE) < 0.4
    inside = Window(-20, -20, 200, 200)
    assert cut_edge(disc(centre=(50, 10)), PICTURE, inside) > 0.6


def test_an_empty_matte_is_not_cut():
    assert cut_edge(torch.zeros(1, 80, 100), PICTURE, PICTURE) == 0.0


def test_what_is_no_number_covers_nothing():
    matte = disc()
    matte[:, 0, :] = torch.nan
    assert cut_edge(matte, PICTURE, PICTURE) < 0.4
