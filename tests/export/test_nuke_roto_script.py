"""The builder, run in a Nuke that is not Nuke."""

import ast
import json
from importlib.resources import files

import numpy as np
import pytest

from ff_vfx.export import Request, export_text
from ff_vfx.export.beziers import bezier
from ff_vfx.export.marks import SHAPES, chosen_shapes
from ff_vfx.export.nuke_roto_builder import build
from tests.export.fake_nuke import Shape, installed
from tests.export.made import LOST, WORST_PX, made_known


def worst_px(known, shapes: dict[str, Shape]) -> float:
    """How far the shapes lie off, points and tangents, on every known frame."""
    worst = 0.0
    for name, ring in chosen_shapes(()).items():
        for row, number in enumerate(known.numbers.tolist()):
            got, wanted = shapes[name].at(float(number)), bezier(known, ring)[row]
            worst = max(worst, np.abs(got[:, 1] * (1, -1) + (0, known.size[1]) - wanted[:, 1]).max())
            worst = max(worst, np.abs(got[:, [0, 2]] * (1, -1) - wanted[:, [0, 2]]).max())
    return worst


def run(text: str) -> None:
    exec(compile(text, "exported.py", "exec"), {"__name__": "__main__"})


def test_the_script_alone_builds_one_roto_that_lies_on_the_solve(monkeypatch):
    known, nodes = made_known(), installed(monkeypatch)
    run(export_text(known, Request("nuke-roto-script")))
    (node,) = nodes
    assert node.kind == "Roto" and node.called == "ff_face0_roto" and "held 1004-1005" in node["label"].value
    shapes = {shape.name: shape for shape in node["curves"].rootLayer}
    assert tuple(shapes) == SHAPES and node["curves"].told
    assert worst_px(known, shapes) < 1e-3 < WORST_PX
    opacity = shapes["oval"].getAttributes().getCurve("opc", "main")
    assert {n for n in range(1001, 1017) if opacity.evaluate(float(n)) == 0.0} == set(LOST)


def test_thinned_keys_are_straight_and_stay_within_the_tolerance(monkeypatch):
    known, nodes = made_known(), installed(monkeypatch)
    run(export_text(known, Request("nuke-roto-script", tolerance_px=0.8)))
    shapes = {shape.name: shape for shape in nodes[0]["curves"].rootLayer}
    keys = shapes["oval"][0].center.getPositionAnimCurve(0)
    assert keys.getNumberOfKeys() < 13
    assert {key.interpolationType for key in keys.keys} == {2}
    assert worst_px(known, shapes) < 0.81


def test_places_have_a_one_behind_them_and_offsets_a_zero(monkeypatch):
    nodes = installed(monkeypatch)
    build(json.loads(export_text(made_known(), Request("nuke-roto-json", shapes=("eye_l",)))))
    point = nodes[0]["curves"].rootLayer[0][0]
    parts = (point.leftTangent, point.center, point.rightTangent)
    assert [{key.value for key in part.getPositionAnimCurve(2).keys} for part in parts] == [{0.0}, {1.0}, {0.0}]


def test_a_cancelled_build_leaves_no_node(monkeypatch):
    nodes = installed(monkeypatch, cancelled=True)
    assert build(json.loads(export_text(made_known(), Request("nuke-roto-json")))) is None
    assert nodes == []


@pytest.mark.parametrize("change", [{"format": "other"}, {"version": 2}])
def test_data_of_another_kind_is_refused_before_anything_is_made(monkeypatch, change):
    nodes = installed(monkeypatch)
    data = json.loads(export_text(made_known(), Request("nuke-roto-json"))) | change
    with pytest.raises(ValueError, match="export them again"):
        build(data)
    assert nodes == []


def test_script_and_builder_are_python_3_9_and_the_standard_library():
    builder = files("ff_vfx.export").joinpath("nuke_roto_builder.py").read_text()
    script = export_text(made_known(name='a """ \\" b'), Request("nuke-roto-script", shapes=("oval",)))
    for text in (builder, script):
        tree = ast.parse(text, feature_version=(3, 9))
        found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        found |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert found == {"__future__", "importlib", "json", "typing"}


def test_a_name_that_an_artist_gave_arrives_in_the_label(monkeypatch):
    nodes = installed(monkeypatch)
    run(export_text(made_known(name='a """ \\" [b]'), Request("nuke-roto-script", shapes=("oval",))))
    assert 'a """ \\" [b]' in nodes[0]["label"].value and nodes[0].called == "ff_a_b__roto"
