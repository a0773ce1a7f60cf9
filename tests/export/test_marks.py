"""Points and shapes by name."""

import pytest

from ff_vfx.errors import BadInput
from ff_vfx.export.marks import POINTS, SHAPES, chosen_points, chosen_shapes, is_hard
from ff_vfx.types.face_mesh import face_mesh


def test_left_and_right_of_every_pair_mirror_each_other():
    mirror = face_mesh().mirror
    pairs = [(name, name.replace("_l", "_r", 1)) for name in POINTS if "_l_" in name or name.endswith("_l")]
    assert len(pairs) == 7
    for left, right in pairs:
        assert mirror[POINTS[left]] == POINTS[right], left
        assert face_mesh().canonical[POINTS[left], 0] < face_mesh().canonical[POINTS[right], 0], left


def test_nothing_named_gives_the_usual_points_and_all_shapes():
    assert {"eye_l_outer", "nose_tip", "mouth_l", "chin", "brow_r_outer"} <= set(chosen_points([]))
    assert tuple(chosen_shapes([])) == SHAPES


def test_points_are_named_or_numbered():
    assert chosen_points(["chin", "159"]) == {"chin": 152, "point_159": 159}
    assert chosen_points(["all"]) == POINTS


def test_a_group_of_shapes_is_its_parts():
    assert list(chosen_shapes(["eyes", "lips"])) == ["eye_l", "eye_r", "lips_outer"]


@pytest.mark.parametrize("name", ["478", "-1", "ear", "²", ""])
def test_a_point_that_is_none_is_refused_with_those_there_are(name):
    with pytest.raises(BadInput, match="eye_l_outer"):
        chosen_points([name])


def test_a_shape_that_is_none_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match="oval, lips_outer"):
        chosen_shapes(["ear"])


def test_points_that_expression_moves_do_not_tell_the_heads_motion():
    assert is_hard("eye_l_inner") and not is_hard("chin") and not is_hard("point_33")
