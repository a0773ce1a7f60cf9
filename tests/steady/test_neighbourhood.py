"""ff_vfx.steady.neighbourhood and .recall: who votes, made once."""

import numpy as np
import pytest
import torch

from ff_vfx.errors import FrameBroken, TrackLost
from ff_vfx.fuse.crop import take_crop
from ff_vfx.image.sample import pixel_grid
from ff_vfx.steady.neighbourhood import Neighbourhood
from ff_vfx.types.fused import Fused
from ff_vfx.types.recall import Recall
from ff_vfx.types.settings import SteadySettings
from ff_vfx.types.solve import Solve
from tests.synthetic import AS_IT_IS, frame_of, picture, posed_face


def near(made: list[int], cuts: tuple[int, ...] = (), window: int = 2) -> Neighbourhood:
    def make(number, frame):
        if number == 7:
            raise FrameBroken("frame 7: truncated")
        if not 1 <= number <= 12:
            raise TrackLost("outside")
        made.append(number)
        crop = take_crop(frame_of(picture(number), number), posed_face(), 64, AS_IT_IS)
        grid = pixel_grid(64, 64).permute(2, 0, 1)
        return crop, Fused(crop.pixels, crop.pixels, grid, torch.zeros(1, 64, 64), np.zeros((478, 3)))

    solve = Solve("key", "", (240, 240), "ACEScg", (), cuts)
    return Neighbourhood(make, solve, SteadySettings(window=window, flow="fast"), 0.01)


def test_a_broken_neighbour_a_cut_and_the_ends_do_not_vote():
    assert sorted(near([]).around(6)) == [4, 5, 8]
    assert sorted(near([], cuts=(5,)).around(5)) == [6]
    assert sorted(near([]).around(1)) == [2, 3]


def test_the_frame_itself_must_be_there():
    with pytest.raises(FrameBroken):
        near([]).at(7)


def test_a_range_makes_each_face_once():
    made: list[int] = []
    group = near(made)
    for number in (1, 2, 3, 4, 5):
        group.at(number)
        group.around(number)
    assert len(made) == len(set(made)) == 6


def test_the_flow_is_the_same_whichever_end_asks_first():
    one, two = near([]), near([])
    two.flow(3, 2)
    assert torch.equal(one.flow(2, 3).there, two.flow(2, 3).there)
    assert not torch.equal(one.flow(2, 3).there, one.flow(3, 2).there)


def test_recall_keeps_what_it_may_and_forgets_the_oldest():
    recall, made = Recall(2), []
    for key in (1, 2, 1, 3, 1, 2):
        assert recall.get(key, lambda key=key: made.append(key) or key) == key
    assert made == [1, 2, 3, 2]
