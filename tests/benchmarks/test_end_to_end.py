from __future__ import annotations

import math

import pytest
import torch

from benchmarks.steadiness.end_to_end import uncovered_ratio
from tests.benchmarks.made_clip import SIDE, brighter, clip_of_moving_texture


def thing_over(numbers, left: int, right: int):
    """Alpha 1 in a band of columns on these frames, 0 on all others."""
    alpha = {}
    for n in range(1, 17):
        alpha[n] = torch.zeros(1, SIDE, SIDE)
        alpha[n][..., left:right] = float(n in numbers)
    return alpha


@pytest.mark.parametrize(("late", "ratio"), [(0.1, 1.0), (0.3, 3.0)])
def test_a_place_just_uncovered_is_compared_with_itself_long_before(late, ratio):
    clip, covered = clip_of_moving_texture(), (9, 10)
    made = {n: brighter(p, late if 11 <= n <= 14 else 0.1) for n, p in clip.truth.items()}
    assert uncovered_ratio(made, clip, thing_over(covered, 40, 50)) == pytest.approx(ratio, rel=0.01)


def test_a_thing_that_never_leaves_tells_nothing():
    clip = clip_of_moving_texture()
    assert math.isnan(uncovered_ratio(clip.truth, clip, thing_over(range(1, 17), 40, 50)))
