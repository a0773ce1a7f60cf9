"""ff_vfx.image.square: where in a picture the square lies that a network is shown."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.image.square import square_to_picture
from ff_vfx.types.template import TEMPLATES, five_points
from tests.synthetic import posed_face


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_templates_points_land_near_those_of_the_face(name):
    face, template = posed_face(), TEMPLATES[name]
    matrix = square_to_picture(template, face.landmarks, 400, 128).numpy()
    own = np.array(template.points) * 128
    found = own @ matrix[:2, :2].T + matrix[:2, 2]
    five = five_points(face.landmarks)
    off = np.linalg.norm(found - five, axis=1).mean() / np.linalg.norm(five[1] - five[0])
    assert off < 0.15, "a similarity, so that another face's proportions are not bent"
    assert np.allclose(matrix[:2, :2] @ matrix[:2, :2].T, np.eye(2) * np.linalg.det(matrix[:2, :2])), "and no mirror"


def test_without_a_template_the_square_is_the_whole_picture():
    matrix = square_to_picture(None, posed_face().landmarks, 400, 100)
    assert torch.equal(matrix, torch.diag(torch.tensor([4.0, 4.0, 1.0], dtype=torch.float64)))
