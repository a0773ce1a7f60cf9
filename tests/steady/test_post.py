"""ff_vfx.steady.post and .steadier: any frame from its own neighbours alone."""

import pytest
import torch

from ff_vfx.errors import FrameBroken, TrackLost
from ff_vfx.steady.live import LiveSteadier
from ff_vfx.steady.post import PostSteadier
from tests.steady.stream import LAST, Stream, off, still_plate


def test_the_settings_say_which_steadier():
    assert isinstance(Stream().steadier(), PostSteadier) and isinstance(Stream().steadier(causal=True), LiveSteadier)


def test_flicker_falls_with_the_window():
    made = {w: off(Stream().steadier(window=w).hold(7).held.picture) for w in (0, 1, 4)}
    assert made[4] < made[1] < made[0] and made[4] < 0.5 * made[0]


def test_no_window_and_no_amount_are_the_frames_own_picture():
    for changes in ({"window": 0}, {"amount": 0.0}):
        held = Stream().steadier(**changes).hold(5)
        assert held.held.picture is held.fused.picture


def test_any_order_gives_the_same_bits_and_a_range_makes_each_face_once():
    stream = Stream()
    steadier = stream.steadier()
    whole = {n: steadier.hold(n).held.picture for n in range(1, LAST + 1)}
    assert len(stream.drawn) == len(set(stream.drawn)) == LAST
    other = Stream().steadier()
    for number in (9, 2, 13, 3):
        assert torch.equal(other.hold(number).held.picture, whole[number])


def test_nothing_crosses_a_cut_or_comes_from_a_broken_frame():
    short = Stream(last=6).steadier().hold(5).held.picture
    assert torch.equal(Stream().steadier(cuts=(7,)).hold(5).held.picture, short)
    broken = Stream(broken=6).steadier()
    assert torch.isfinite(broken.hold(5).held.picture).all()
    with pytest.raises(FrameBroken, match="frame 6"):
        broken.hold(6)
    with pytest.raises(TrackLost):
        broken.hold(LAST + 1)


def test_a_wild_frame_is_filled_from_its_neighbours_where_the_curve_says_so():
    raw = off(Stream(wild=(7,)).raw(7))
    assert off(Stream(wild=(7,)).steadier(weights={6: 1.0, 7: 0.0, 8: 1.0}).hold(7).held.picture) < 0.05 * raw
    assert off(Stream(wild=(7,)).steadier(merge="median").hold(7).held.picture) < 0.1 * raw
    assert off(Stream(wild=(7,)).steadier(merge="median").hold(8).held.picture) < 0.1 * raw


def test_a_trusted_frame_pulls_its_neighbours_within_its_reach_beyond_the_window():
    stream = Stream(wild=(9,))
    pulled = {n: off(stream.steadier(window=1, trusted=(9,), trust_reach=4).hold(n).held.picture) for n in (3, 6)}
    plain = {n: off(Stream(wild=(9,)).steadier(window=1).hold(n).held.picture) for n in (3, 6)}
    assert pulled[6] > plain[6] + 0.1 and pulled[3] == plain[3]


def test_a_weight_function_of_the_users_own_is_used():
    asked = []

    def mine(scale):
        asked.append(len(scale.votes))
        return torch.ones_like(scale.trust)

    one = Stream().steadier(weigh=mine).hold(7).held.picture
    assert asked == [9] * 3 and not torch.equal(one, Stream().steadier().hold(7).held.picture)


def test_between_key_frames_no_face_is_drawn_and_both_sides_are_blended():
    stream = Stream()
    steadier = stream.steadier(keyframe_interval=3, window=1)
    made = {n: steadier.hold(n) for n in range(1, 11)}
    assert stream.drawn == sorted(stream.drawn) and set(stream.drawn) == {1, 4, 7, 10, 13}
    assert off(made[5].held.picture) < 0.06
    assert torch.equal(made[5].fused.picture, made[5].held.picture)
    assert made[5].held.votes.mean() > 1.5


def test_keys_start_again_after_a_cut():
    stream = Stream()
    steadier = stream.steadier(keyframe_interval=4, cuts=(7,))
    for number in range(5, 9):
        steadier.hold(number)
    assert set(stream.drawn) == {1, 5, 7, 11}


def test_a_frame_that_the_keys_cannot_tell_is_drawn_after_all():
    def changed(number: int) -> torch.Tensor:
        return still_plate(number) * (0.1 if number == 6 else 1.0)

    stream = Stream(changed)
    made = stream.steadier(keyframe_interval=4).hold(6)
    assert 6 in stream.drawn and off(made.held.picture, stream.raw(6)) < 0.05


def test_motion_is_told_to_both_sides():
    assert set(Stream().steadier().hold(5).motion) == {"forward", "backward"}
    assert set(Stream().steadier().hold(1).motion) == {"forward"}
