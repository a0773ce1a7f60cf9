"""Tracker4, CornerPin2D and Roto: pasted into our reader and held against the solve."""

import numpy as np
import pytest

from ff_vfx.errors import BadInput
from ff_vfx.export import Request, export_text
from ff_vfx.export.beziers import bezier
from ff_vfx.export.marks import POINTS, SHAPES, chosen_shapes
from ff_vfx.export.nuke_tracker import COLUMNS
from tests.export.made import LOST, WORST_PX, made_known
from tests.export.nk import Node, keys, paste, roto_shapes, switched


def node_of(known, **wanted) -> Node:
    (node,) = paste(export_text(known, Request(**wanted)))
    assert node.knobs["label"].startswith(f"ff-vfx export {wanted['format']}")
    assert node.knobs["selected"] == "true"
    return node


def plate(known, x: float, y: float) -> np.ndarray:
    """Nuke's place as plate px."""
    return np.array([x, known.size[1] - y])


def homography(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(3, 3) that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    return np.linalg.svd(np.array(rows, float))[2][-1].reshape(3, 3)


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    out = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
    return out[:, :2] / out[:, 2:]


def tracks_of(node: Node) -> list[list]:
    assert node.kind == "Tracker4"
    (one, columns, count), heads, rows = node.knobs["tracks"]
    assert (one, columns) == ("1", "31") and int(count) == len(rows) and len(heads) == 31 == len(COLUMNS)
    assert [head[3] for head in heads] == [column[3] for column in COLUMNS]
    assert all(len(row) == 31 for row in rows)
    return rows


@pytest.mark.parametrize("offset", [0, -1001, 37])
def test_every_track_lies_on_its_landmark_on_every_known_frame(offset):
    known = made_known(offset)
    rows = tracks_of(node_of(known, format="nuke-tracker", points=("all",), offset=offset))
    assert [row[1] for row in rows] == list(POINTS)
    worst = 0.0
    for row in rows:
        x, y = keys(row[2]), keys(row[3])
        assert list(x) == list(y) == known.numbers.tolist()
        places = np.array([plate(known, x[n], y[n]) for n in x])
        worst = max(worst, np.abs(places - known.points[:, POINTS[row[1]]]).max())
    assert worst < 1e-3 < WORST_PX


def test_a_track_is_enabled_where_the_face_is_known_and_never_keyed_where_it_is_lost():
    known = made_known()
    for row in tracks_of(node_of(known, format="nuke-tracker")):
        assert {n for n in range(1001, 1017) if not switched(row[0], n)} == set(LOST)
        assert not set(LOST) & set(keys(row[2]))


def test_the_trackers_own_transform_follows_the_points_that_expression_hardly_moves():
    rows = tracks_of(node_of(made_known(), format="nuke-tracker"))
    used = {row[1] for row in rows if row[6:9] == ["1", "1", "1"]}
    assert used == {"eye_l_outer", "eye_l_inner", "eye_r_inner", "eye_r_outer", "nose_bridge"}
    assert all(row[6:9] == ["0", "0", "0"] for row in rows if row[1] not in used)


def test_a_person_who_is_always_there_is_enabled_by_one_key():
    rows = tracks_of(node_of(made_known(lost=()), format="nuke-tracker", points=("chin",)))
    assert rows[0][0] == ["curve", "K", "x1001", "1"]


def pins_of(known, node: Node) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """`from` (4, 2), and `to` by frame, plate px."""
    assert node.kind == "CornerPin2D" and node.knobs["invert"] == "false"
    still = np.array([plate(known, *map(float, node.knobs[f"from{k}"])) for k in (1, 2, 3, 4)])
    curves = [[keys(axis) for axis in node.knobs[f"to{k}"]] for k in (1, 2, 3, 4)]
    return still, {n: np.array([plate(known, x[n], y[n]) for x, y in curves]) for n in curves[0][0]}


def test_a_pin_lays_the_picture_upright_on_the_crop():
    known = made_known()
    still, to = pins_of(known, node_of(known, format="nuke-cornerpin"))
    w, h = known.size
    assert still.tolist() == [[0, h], [w, h], [w, 0], [0, 0]], "bottom left, bottom right, top right, top left"
    assert list(to) == known.numbers.tolist()
    unit = np.array([[0, 1], [1, 1], [1, 0], [0, 0]])
    for crop, corners in zip(known.crops, to.values(), strict=True):
        assert np.abs(corners - (unit @ crop[:2, :2].T + crop[:2, 2])).max() < 1e-3


def test_a_pin_with_a_reference_carries_the_crop_along_and_stands_still_on_it():
    known = made_known(offset=-1001)
    still, to = pins_of(known, node_of(known, format="nuke-cornerpin", reference=1006, offset=-1001))
    assert (to[5] == still).all()
    around = moved(known.crops[5], np.random.default_rng(2).random((20, 2)))
    unit = moved(np.linalg.inv(known.crops[5]), around)
    for row, number in enumerate(known.numbers.tolist()):
        matrix = homography(still, to[number])
        assert np.abs(moved(matrix, around) - moved(known.crops[row], unit)).max() < WORST_PX


def test_a_reference_without_a_face_is_refused():
    with pytest.raises(BadInput, match="reference 1009"):
        node_of(made_known(), format="nuke-cornerpin", reference=1009)


@pytest.mark.parametrize("offset", [0, -1001])
def test_every_roto_shape_lies_on_its_ring_with_its_tangents(offset):
    known = made_known(offset)
    node = node_of(known, format="nuke-roto", offset=offset)
    assert node.kind == "Roto" and node.knobs["output"] == "alpha"
    shapes = roto_shapes(node.knobs["curves"])
    assert tuple(shapes) == SHAPES
    worst = 0.0
    for name, ring in chosen_shapes(()).items():
        expected = bezier(known, ring)
        assert list(shapes[name].keys) == known.numbers.tolist()
        for row, key in enumerate(shapes[name].keys.values()):
            points, tangents = key[:, 1] * (1, -1) + (0, known.size[1]), key[:, [0, 2]] * (1, -1)
            worst = max(worst, np.abs(points - expected[row][:, 1]).max())
            worst = max(worst, np.abs(tangents - expected[row][:, [0, 2]]).max())
    assert worst < 1e-3 < WORST_PX


def test_a_roto_shape_is_off_where_the_face_is_lost():
    known = made_known()
    (shape,) = roto_shapes(node_of(known, format="nuke-roto", shapes=("oval",)).knobs["curves"]).values()
    assert shape.opacity == dict(known.presence())
    assert {frame for frame, value in shape.opacity.items() if not value} == set(LOST)
    always = made_known(lost=())
    (shape,) = roto_shapes(node_of(always, format="nuke-roto", shapes=("oval",)).knobs["curves"]).values()
    assert shape.opacity == {}


def test_a_name_that_an_artist_gave_cannot_break_the_text():
    known = made_known(name='Eve } "1" [exec rm] $x \\')
    for format in ("nuke-tracker", "nuke-cornerpin", "nuke-roto"):
        assert "exec rm" in node_of(known, format=format).knobs["label"]
