"""ff_vfx.composite.mattes: where the new face shows."""

import numpy as np
import torch

from ff_vfx.composite.mattes import coverage_of, face_mattes
from ff_vfx.image.raster import polygon_mask
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.settings import CompositeSettings
from tests.composite.test_light import S, mattes, points

MESH = face_mesh()


def test_the_matte_is_whole_on_the_nose_zero_outside_the_oval_and_in_range():
    made = mattes()
    nose = np.round(points()[4, :2]).astype(int)
    oval = polygon_mask(points()[MESH.loops["oval"], :2], S)
    assert made.face[0, nose[1], nose[0]] == 1.0
    assert made.face.min() >= 0.0 and made.face.max() <= 1.0
    assert made.face[oval == 0].max() < 0.02


def test_feather_and_erode_do_what_they_say():
    area = {
        key: float(mattes(CompositeSettings(**dict([key]))).face.sum()) for key in (("erode", 0.0), ("erode", 0.03))
    }
    assert area[("erode", 0.03)] < 0.97 * area[("erode", 0.0)]
    soft, hard = mattes(CompositeSettings(feather=0.1)).face, mattes(CompositeSettings(feather=0.01)).face
    partial = lambda m: ((m > 0.02) & (m < 0.98)).sum()  # noqa: E731
    assert partial(soft) > 2 * partial(hard)


def test_the_plates_mouth_and_eyes_stay_where_asked():
    open_ = points().copy()
    open_[MESH.loops["lips_inner"][1:10], 1] += 12.0
    at = np.round(open_[[13, 14], :2].mean(0)).astype(int)
    for mouth, shows in (("plate", 0.0), ("performer", 1.0)):
        made = face_mattes(open_, S, MESH, CompositeSettings(mouth=mouth))
        assert abs(float(made.face[0, at[1], at[0]]) - shows) < 0.05
    eye = np.round(points()[468, :2]).astype(int)
    assert mattes(CompositeSettings(eyes="plate")).face[0, eye[1], eye[0]] < 0.2 < mattes().face[0, eye[1], eye[0]]


def test_skin_for_measuring_leaves_out_brows_eyes_and_lips():
    skin = mattes().skin
    for name in ("brow_l", "brow_r", "eye_l", "eye_r", "lips_outer"):
        ring = points()[MESH.loops[name], :2].mean(0).round().astype(int)
        assert skin[0, ring[1], ring[0]] < 0.05


def test_what_is_bent_counts_as_covered_and_what_is_not_is_not():
    grid = pixel_grid(S, S)
    source = grid.permute(2, 0, 1).clone()
    source[0, :, 150:] += 3.0
    covered = coverage_of(torch.zeros(1, S, S), source, torch.ones(1, S, S), grid)
    assert covered[..., 150:].min() == 1.0 and covered[..., :150].max() == 0.0
