"""The face mesh is one closed story: indices in range, loops closed, mirror its own inverse."""

import numpy as np
import pytest

from ff_vfx.types.face_mesh import face_mesh


def test_every_triangle_has_three_points_of_the_surface():
    triangles = face_mesh().triangles
    assert triangles.min() >= 0 and triangles.max() < 468
    assert all(len(set(triangle)) == 3 for triangle in triangles.tolist())


def test_the_mirror_of_the_mirror_is_the_point_itself():
    mirror = face_mesh().mirror
    assert (mirror[mirror] == np.arange(len(mirror))).all()


def test_every_edge_of_the_mesh_belongs_to_at_most_two_triangles():
    edges: dict[tuple[int, int], int] = {}
    for a, b, c in face_mesh().triangles.tolist():
        for edge in ((a, b), (b, c), (c, a)):
            key = (min(edge), max(edge))
            edges[key] = edges.get(key, 0) + 1
    assert max(edges.values()) == 2


def test_the_nose_is_nearer_than_the_eyes_and_the_face_upright():
    canonical = face_mesh().canonical
    assert canonical[4, 2] < canonical[33, 2]
    assert canonical[152, 1] > canonical[10, 1]  # chin below forehead, y down
    assert np.linalg.norm(canonical[33, :2] - canonical[263, :2]) == pytest.approx(1.0, abs=0.02)


def test_the_mesh_cannot_be_written_into():
    with pytest.raises(ValueError, match="read-only"):
        face_mesh().canonical[0, 0] = 1.0
