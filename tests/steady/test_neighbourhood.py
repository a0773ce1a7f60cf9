"""ff_vfx.steady.neighbourhood: who votes, made once."""

import pytest
import torch

from ff_vfx.errors import FrameBroken, TrackLost
from ff_vfx.fuse.crop import take_crop
from ff_vfx.steady.flow import DenseFlow
from ff_vfx.steady.neighbourhood import Neighbourhood, Source
from ff_vfx.types.settings import SteadySettings
from tests.steady.made import new_face
from tests.synthetic import AS_IT_IS, frame_of, picture, posed_face


def near(made: list[int], cuts: tuple[int, ...] = (), **changes: object) -> Neighbourhood:
    """Frames 1 to 12, of which 7 is broken. made: frames whose new face was drawn."""

    def crop_of(number):
        if number == 7:
            raise FrameBroken("frame 7: truncated")
        if not 1 <= number <= 12:
            raise TrackLost("outside")
        return take_crop(frame_of(picture(number), number), posed_face(), 64, AS_IT_IS)

    def make(number, frame):
        crop = crop_of(number)
        made.append(number)
        return crop, new_face(crop.pixels * 1.1, crop.pixels)

    def place(number, frame):
        crop = crop_of(number)
        return crop, new_face(crop.pixels, crop.pixels)

    source = Source(make, place, lambda crop, fused: torch.ones(1, 64, 64), range(1, 13), cuts)
    settings = SteadySettings.model_validate({"window": 2, "flow": "fast", **changes})
    return Neighbourhood(source, settings, DenseFlow("fast", 0.0), 0.01)


def test_a_broken_neighbour_a_cut_and_the_ends_do_not_vote():
    assert near([]).around(6) == [4, 5, 8]
    assert near([], cuts=(5,)).around(5) == [6]
    assert near([]).around(1) == [2, 3]


def test_the_frame_itself_must_be_there():
    with pytest.raises(FrameBroken):
        near([]).at(7)
    with pytest.raises(TrackLost):
        near([]).under(13)


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


def test_keys_are_counted_from_the_takes_first_frame_and_start_again_at_a_cut():
    group = near([], keyframe_interval=3, cuts=(6,))
    assert [n for n in range(1, 13) if group.is_key(n)] == [1, 4, 6, 9, 12]
    assert group.reach == 3 and near([]).reach == 2


def test_between_keys_only_keys_and_trusted_frames_vote_and_no_face_is_drawn():
    made: list[int] = []
    group = near(made, keyframe_interval=3, trusted=(12, 2))
    assert group.around(5) == [2, 4, 12] and made == [2, 4, 12]
    assert torch.equal(group.under(5)[1].picture, group.under(5)[1].surround) and 5 not in made


def test_a_trusted_frame_votes_beyond_the_window_but_not_beyond_its_reach_or_a_cut():
    assert near([], trusted=(12,), trust_reach=6).around(6) == [4, 5, 8, 12]
    assert near([], trusted=(12,), trust_reach=5).around(6) == [4, 5, 8]
    assert near([], trusted=(12,), cuts=(10,)).around(6) == [4, 5, 8]


def test_motion_is_to_the_frames_beside_where_there_are_any():
    steps = {"forward": 1, "backward": -1}
    assert set(near([]).motion(3, steps)) == {"forward", "backward"}
    assert set(near([]).motion(6, steps)) == {"backward"} and set(near([]).motion(1, steps)) == {"forward"}
    assert set(near([], cuts=(4,)).motion(4, steps)) == {"forward"}


def test_a_voter_tells_what_is_seen_only_where_something_hides():
    assert near([]).voter(3).seen is None and near([]).voter(3).number == 3
