"""Tests of the drawing of a measure."""

import re

from ff_vfx.qc.page.curves import curve_svg, outside
from ff_vfx.types.qc_report import Curve


def drawn(values, least=None, most=None):
    return curve_svg(Curve("pop", "tone", "stops", values, least, most), "Tone")


def test_every_frame_has_a_point_with_its_value_in_words():
    text = drawn({1001: 0.25, 1002: 0.5})
    assert re.findall(r'data-text="([^"]*)"', text) == ["frame 1001: 0.25 stops", "frame 1002: 0.5 stops"]


def test_frames_outside_the_limit_are_marked_and_the_limit_is_drawn():
    text = drawn({1001: 0.1, 1002: 0.5}, most=0.3)
    assert text.count('class="out"') == 1 and text.count('class="limit"') == 1
    assert "frame 1002: 0.5 stops, outside its limit" in text and "most 0.3" in text


def test_a_frame_without_a_value_breaks_the_line():
    assert drawn({1001: 0.1, 1002: 0.1, 1004: 0.2, 1005: 0.1}).count("<polyline") == 2


def test_one_frame_and_equal_values_can_be_drawn():
    for values in ({7: 0.0}, {1: 1.0, 2: 1.0}):
        places = [float(v) for v in re.findall(r'c[xy]="([-\d.]+)"', drawn(values))]
        assert all(0.0 <= place <= 660.0 for place in places)


def test_points_lie_inside_the_drawing():
    text = drawn({n: (-1.0) ** n * n for n in range(-5, 20)}, -3.0, 30.0)
    assert all(0.0 <= float(y) <= 190.0 for y in re.findall(r'cy="([-\d.]+)"', text))


def test_a_limit_itself_is_still_inside():
    curve = Curve("x", "x", "", {}, 1.0, 2.0)
    assert not outside(curve, 1.0) and not outside(curve, 2.0) and outside(curve, 2.01) and outside(curve, 0.99)
