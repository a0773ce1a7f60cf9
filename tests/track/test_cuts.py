"""Cuts, flashes and ordinary motion."""

from __future__ import annotations

import numpy as np
import pytest

from ff_vfx.track.cuts import change, cut_score, is_flash, thumbnail
from tests.track.shots import frame_of, picture_of

RNG = np.random.default_rng(3)
A, B = (RNG.random((3, 32, 32)).astype(np.float32) for _ in range(2))


def test_the_same_picture_has_not_changed_and_another_has():
    assert change(A, A) == 0.0
    assert change(A, B) > 0.3
    assert change(np.zeros_like(A), A) > 0.3


def test_what_moves_or_is_lit_is_no_cut():
    smooth = np.repeat(np.repeat(RNG.random((3, 10, 10)), 4, 1), 4, 2).astype(np.float32)
    here, moved = smooth[:, 4:36, 4:36], smooth[:, 7:39, 1:33]
    assert change(here, moved) < 0.05
    assert change(here, here * 0.6) < 0.05


def test_a_head_that_walks_in_or_out_is_no_cut():
    empty = np.full_like(A, 0.3)
    head = empty.copy()
    head[:, 6:26, 23:] = A[:, 6:26, 23:]
    assert change(empty, head) < 0.1 > change(head, empty)


@pytest.mark.parametrize("order", [("s010", "s020"), ("s020", "s010")])
def test_a_cut_between_two_heads_alike_in_place_counts_and_their_motion_does_not(shots, order):
    seen = {s: [thumbnail(frame_of(picture_of(s, n)), 0.9) for n in (1003, 1004)] for s in order}
    usual = change(*seen[order[0]])
    assert cut_score(usual, usual) < 0.3
    assert cut_score(change(seen[order[0]][1], seen[order[1]][0]), usual) > 0.5


def test_a_change_counts_against_what_is_usual_here():
    assert cut_score(0.4, 0.05) > 0.5 > cut_score(0.4, 0.3)
    assert cut_score(0.1, 0.0) < 0.5


def test_a_flash_comes_back_and_a_cut_does_not():
    flash = np.ones_like(A)
    assert is_flash({0: A, 1: flash, 2: A * 0.98}, 1, 2)
    assert not is_flash({0: A, 1: B, 2: flash}, 1, 2)
    assert not is_flash({0: A, 1: flash, 9: A}, 1, 9)
    assert not is_flash({1: flash, 2: A}, 1, 2)


def test_a_thumbnail_is_of_the_whole_frame_in_any_shape():
    picture = np.zeros((90, 200, 3))
    picture[:, 100:] = 1.0
    small = thumbnail(frame_of(picture), 0.0)
    assert small.shape == (3, 32, 32)
    assert small[:, :, :15].max() < 0.01 and small[:, 2:-2, 17:-2].min() > 0.99
