"""ff_vfx.steady.parts: the artist's say."""

import pytest
import torch

from ff_vfx.steady.parts import TRUSTED, amount_over, curve_at, parts_mean, word_of
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.settings import SteadySettings
from tests.steady.made import S, points_in


def at(plane: torch.Tensor, loop: str) -> float:
    """The plane's value in the middle of a part."""
    x, y = points_in()[face_mesh().loops[loop], :2].mean(0)
    return float(plane[0, int(y), int(x)])


def test_equal_amounts_are_one_number():
    assert (
        amount_over(points_in(), S, SteadySettings(amount=0.5, skin_amount=0.5, eyes_amount=0.5, mouth_amount=0.5))
        == 0.25
    )


def test_each_amount_acts_on_its_own_part():
    plane = amount_over(points_in(), S, SteadySettings(skin_amount=1.0, eyes_amount=0.25, mouth_amount=0.0, amount=0.8))
    assert isinstance(plane, torch.Tensor) and plane.shape == (1, S, S) and plane.dtype == torch.float32
    assert at(plane, "lips_outer") == pytest.approx(0.0, abs=0.02)
    assert at(plane, "eye_l") == pytest.approx(0.2, abs=0.06) and at(plane, "eye_r") == pytest.approx(0.2, abs=0.06)
    assert plane[0, -3:, -3:].min() == pytest.approx(0.8)
    assert plane.min() >= 0.0 and plane.max() <= 0.8 + 1e-6


def test_the_mean_over_parts_is_that_of_each_part():
    plane = torch.zeros(1, S, S)
    x, y = points_in()[face_mesh().loops["lips_outer"], :2].T
    plane[:, int(y.min()) - 2 : int(y.max()) + 3, int(x.min()) - 2 : int(x.max()) + 3] = 1.0
    told = parts_mean(plane, points_in())
    assert set(told) == {"oval", "eye_l", "eye_r", "lips_outer"}
    assert told["lips_outer"] == pytest.approx(1.0) and told["eye_l"] == told["eye_r"] == 0.0
    assert 0.0 < told["oval"] < 0.5


def test_nearer_frames_have_more_of_a_word_and_none_beyond_reach():
    words = [word_of(n, 10, 4, SteadySettings()) for n in range(10, 16)]
    assert words[0] == 1.0 and words == sorted(words, reverse=True) and words[4] > 0.0 == words[5]
    assert word_of(7, 10, 4, SteadySettings()) == word_of(13, 10, 4, SteadySettings())


def test_a_trusted_frame_outweighs_all_others_within_its_own_reach():
    settings = SteadySettings(trusted=(16,), trust_reach=8)
    assert word_of(16, 11, 4, settings) > 5.0 and word_of(16, 16, 4, settings) == TRUSTED
    assert 0.0 < word_of(16, 8, 4, settings) < 1.0 and word_of(16, 25, 4, settings) == 0.0


def test_the_curve_is_linear_between_its_points_and_level_beyond():
    curve = SteadySettings(weights={10: 1.0, 14: 0.0})
    assert [curve_at(n, curve) for n in (1, 10, 11, 14, 99)] == [1.0, 1.0, 0.75, 0.0, 0.0]
    assert curve_at(5, SteadySettings()) == 1.0
    assert word_of(14, 13, 4, curve) == 0.0
