"""ff_vfx.image.raster: drawing triangle meshes."""

import numpy as np
import torch

from ff_vfx.image.raster import polygon_mask, spread, triangle_map

SQUARE = np.array([[4.0, 4.0], [28.0, 4.0], [28.0, 28.0], [4.0, 28.0]])
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def test_a_linear_function_is_spread_exactly():
    ids = triangle_map(SQUARE, TWO, np.zeros(4), 32)
    values = np.stack([SQUARE[:, 0] * 2 + SQUARE[:, 1], SQUARE[:, 1]], 1)
    drawn = spread(ids, SQUARE, TWO, values)
    assert abs(float(drawn[0, 10, 12]) - (12.5 * 2 + 10.5)) < 1e-4
    assert drawn[:, 0, 0].tolist() == [0.0, 0.0]


def test_the_nearer_triangle_hides_the_farther():
    points = np.concatenate([SQUARE, SQUARE])
    triangles = np.concatenate([TWO, TWO + 4])
    ids = triangle_map(points, triangles, np.array([5.0] * 4 + [1.0] * 4), 32)
    assert set(np.unique(ids[8:24, 8:24])) <= {2, 3}


def test_a_sliver_without_area_does_not_run_away():
    points = np.array([[4.0, 4.0], [28.0, 4.0001], [16.0, 4.00005]])
    ids = triangle_map(points, np.array([[0, 1, 2]]), np.zeros(3), 32)
    drawn = spread(ids, points, np.array([[0, 1, 2]]), np.array([[0.0], [1.0], [2.0]]))
    assert torch.isfinite(drawn).all() and drawn.max() <= 2.0 and drawn.min() >= 0.0


def test_a_polygon_has_its_area():
    assert abs(float(polygon_mask(SQUARE, 32).sum()) - 24 * 24) < 30
