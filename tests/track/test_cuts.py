"""Cuts, flashes and ordinary motion."""

from __future__ import annotations

import numpy as np

from ff_vfx.track.cuts import change, cut_score, is_flash, thumbnail
from tests.track.shots import frame_of

RNG = np.random.default_rng(3)
A, B = (RNG.random((3, 32, 32)).astype(np.float32) for _ in range(2))


def test_the_same_picture_has_not_changed_and_another_has():
    assert change(A, A) == 0.0
    assert change(A, 1.0 - A) > 0.4
    assert change(np.zeros_like(A), np.full_like(A, 0.5)) > 0.4


def test_a_change_counts_against_what_is_usual_here():
    assert cut_score(0.2, 0.01) > 0.5 > cut_score(0.2, 0.1)
    assert cut_score(0.01, 0.0) < 0.5


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
