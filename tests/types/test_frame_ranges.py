"""Frame numbers as people say them."""

from ff_vfx.types.frame_ranges import ranges, said_ranges


def test_frames_are_said_as_ranges_and_a_long_list_is_cut_short():
    assert ranges([-2, -1, 0, 4]) == [(-2, 0), (4, 4)]
    assert said_ranges([1, 2, 3, 7]) == "1-3, 7"
    assert said_ranges(range(0, 60, 2)).endswith("22 and 18 more")
