"""Tests of pops, flicker and jumps as rows of numbers."""

import pytest

from ff_vfx.qc.measures.over_time import beside_usual, flicker, lasting, least_beside, pops


def row(values, first=1001):
    return dict(enumerate(values, first))


def test_what_stands_out_alone_is_a_pop_and_no_flicker():
    apart = row([0.0, 0.01, 0.2, 0.01, 0.0, 0.0])
    assert pops(apart)[1003] == 0.2
    assert max(value for n, value in pops(apart).items() if n != 1003) == 0.0
    assert max(flicker(apart).values()) == 0.0


def test_what_stands_out_again_and_again_is_flicker_and_no_pop():
    apart = row([0.0, 0.1, 0.15, 0.12, 0.1, 0.0, 0.0])
    assert [n for n, value in flicker(apart).items() if value > 0.05] == [1002, 1003, 1004, 1005]
    assert max(pops(apart).values()) == 0.0


def test_two_pops_far_from_each_other_are_two_pops():
    apart = row([0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.3, 0.0])
    assert [n for n, value in pops(apart).items() if value > 0.0] == [1002, 1007]
    assert max(flicker(apart).values()) == 0.0


def test_a_frame_beside_a_great_pop_is_not_accused_of_it():
    apart = row([0.0, 0.0, 0.012, 0.2, 0.012, 0.0])
    assert [n for n, value in {**pops(apart)}.items() if value > 0.0] == [1004]
    assert flicker(apart)[1003] == flicker(apart)[1005] == 0.0


def test_what_lies_between_two_frames_is_only_its_frames_when_both_sides_say_so():
    assert least_beside({1002: 1.0, 1003: 3.0, 1004: 2.5, 1005: 1.0}) == {
        1001: 1.0,
        1002: 1.0,
        1003: 2.5,
        1004: 1.0,
        1005: 1.0,
    }


def test_a_change_that_stays_is_a_jump_on_its_first_frame():
    found = lasting(row([(0.0,), (0.0,), (0.05,), (0.0,), (0.0,)], 1002))
    assert found == pytest.approx({1002: 0.0, 1003: 0.0, 1004: 0.05, 1005: 0.0, 1006: 0.0})


def test_a_change_that_is_taken_back_is_no_jump():
    found = lasting(row([(0.0,), (0.0,), (0.2,), (-0.2,), (0.0,), (0.0,)], 1002))
    assert max(found.values()) == 0.0


def test_the_worst_channel_counts_for_a_jump():
    assert lasting(row([(0.0, 0.0, 0.0), (0.01, -0.08, 0.0), (0.0, 0.0, 0.0)]))[1002] == pytest.approx(0.08)


def test_a_hole_in_the_row_ends_what_is_looked_at():
    found = lasting({1002: (0.0,), 1003: (0.1,), 1008: (-0.1,), 1009: (0.0,)})
    assert found[1003] == pytest.approx(0.1) and found[1008] == pytest.approx(0.1)


def test_slow_drift_is_no_jump_though_it_goes_far():
    assert max(lasting(row([(0.005,)] * 40)).values()) == pytest.approx(0.005)


def test_what_is_unusual_is_told_beside_its_neighbours():
    found = beside_usual(row([0.8] * 5 + [0.4] + [0.8] * 6))
    assert found[1006] == pytest.approx(0.5)
    assert [value for n, value in found.items() if n != 1006] == pytest.approx([1.0] * 11)


def test_what_is_there_from_first_to_last_is_usual_and_three_frames_are_too_few():
    assert beside_usual(row([0.3] * 20)) == pytest.approx(dict.fromkeys(range(1001, 1021), 1.0))
    assert beside_usual(row([0.3] * 3)) == {}


def test_nothing_gives_nothing():
    assert pops({}) == flicker({}) == lasting({}) == least_beside({}) == beside_usual({}) == {}
