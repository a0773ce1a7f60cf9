"""Numbers, curves and strings of Nuke's script text."""

import numpy as np
import pytest

from ff_vfx.export.nuke_text import curve, hex_number, label, node_name, number, quoted, switch, y_up
from tests.export.made import made_known
from tests.export.nk import bits, keys, switched, words


def test_only_y_turns():
    assert y_up(made_known(), np.array([10.25, 7.5])).tolist() == [10.25, 1107 - 7.5]


def test_a_curve_names_the_first_two_frames_of_a_stretch():
    text = curve(np.array([1001, 1002, 1003, 1007, 1008, 1009]), np.array([1.0, 2.5, -0.00001, 4, 5, 6.12345]))
    assert text == "{curve x1001 1 x1002 2.5 0 x1007 4 x1008 5 6.1235}"


def test_a_curve_reads_the_same_by_one_frame_on_and_by_the_last_step():
    numbers = np.array([-3, -2, -1, 0, 4, 9, 10, 11, 12, 20, 22, 24])
    (read,) = words(curve(numbers, numbers * 1.5))
    expected = {n: n * 1.5 for n in numbers.tolist()}
    assert keys(read) == keys(read, by_last_step=True) == expected


def test_a_switch_holds_from_key_to_key():
    (read,) = words(switch([(1001, 1), (1008, 1), (1009, 0), (1012, 1)]))
    assert [switched(read, n) for n in (1000, 1001, 1005, 1009, 1011, 1012, 2000)] == [1, 1, 1, 0, 0, 1, 1]


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1920.0, 0.0001, -517.1234, 16383.9999])
def test_a_hex_number_is_the_float32_nearest(value):
    assert bits(hex_number(value)) == np.float32(value)


def test_decimals_are_plain():
    assert [number(v) for v in (1e-9, -1e-9, 1000.0, 0.1234499, -3.1)] == ["0", "0", "1000", "0.1234", "-3.1"]


def test_nothing_in_a_string_is_run_or_closes_the_node():
    hostile = 'a[exit]{b}"c"\\$d\ne'
    assert quoted(hostile) == '"aexitbcd\\ne"'
    assert words(f"label {quoted(hostile)} name x") == ["label", "aexitbcd\ne", "name", "x"]


def test_the_label_says_what_is_held_and_what_is_lost():
    assert words(label(made_known(), "nuke-x"))[1].splitlines() == [
        "ff-vfx export nuke-x", "face0 1001-1008, 1012-1016", "held 1004-1005", "lost 1009-1011",
    ]  # fmt: skip


def test_a_node_name_is_letters_digits_and_underscores():
    assert node_name(made_known(name="Eve's [double]"), "pin") == "ff_Eve_s_double__pin"
