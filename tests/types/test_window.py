"""Rectangles of whole pixels."""

import numpy as np
import pytest

from ff_vfx.errors import BadInput
from ff_vfx.types.window import Window


def test_two_windows_share_what_is_in_both():
    assert Window(0, 0, 10, 10).intersect(Window(4, -5, 20, 3)) == Window(4, 0, 10, 3)


def test_windows_that_do_not_meet_share_an_empty_one():
    assert Window(0, 0, 4, 4).intersect(Window(10, 10, 12, 12)).empty


def test_the_union_holds_both_and_an_empty_one_adds_nothing():
    assert Window(0, 0, 2, 2).union(Window(-3, 5, 1, 6)) == Window(-3, 0, 2, 6)
    assert Window(0, 0, 2, 2).union(Window(90, 90, 90, 90)) == Window(0, 0, 2, 2)


def test_slices_find_the_window_in_an_array_of_a_larger_one():
    data = np.arange(20).reshape(4, 5)
    rows, columns = Window(-1, 2, 1, 3).slices(Window(-2, 0, 3, 4))
    assert (data[rows, columns] == [[11, 12]]).all()


def test_corners_out_of_order_are_refused():
    with pytest.raises(BadInput, match="x1 < x0"):
        Window(3, 0, 1, 4)
