"""ff_vfx.fuse.mesh.reshape: bending the plate around the new face."""

import numpy as np
import torch

from ff_vfx.fuse.mesh.reshape import bend, bend_picture
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.face_mesh import face_mesh, ring_triangles
from ff_vfx.types.fused import to_crop
from tests.synthetic import picture, posed_face

MESH = face_mesh()


def crop_points(wider: float = 0.0) -> np.ndarray:
    shape = MESH.canonical * np.array([1.0 + wider, 1.0, 1.0])
    face = posed_face(shape)
    return to_crop(face.landmarks, torch.from_numpy(posed_face().crop_to_plate @ np.diag([1 / 256, 1 / 256, 1.0])))


def test_the_same_outline_bends_nothing():
    crop, same = picture(5, 256, 256), crop_points()
    bent = bend(same, same, MESH, 256)
    assert bend_picture(crop, bent) is crop
    assert torch.equal(bent.source, pixel_grid(256, 256).permute(2, 0, 1)) and not bent.reach.any()


def test_a_wider_face_pushes_the_cheeks_out_and_leaves_the_far_corners_alone():
    crop = picture(6, 256, 256)
    plate, wide = crop_points(), crop_points(0.1)
    bent = bend(plate, wide, MESH, 256)
    at = np.round(wide[234, :2]).astype(int)
    moved = bent.source[0, at[1], at[0]] - (at[0] + 0.5)
    assert abs(float(moved) - (plate[234, 0] - wide[234, 0])) < 1.0
    out = bend_picture(crop, bent)
    assert torch.equal(out[:, :8, :8], crop[:, :8, :8]) and torch.equal(out[:, -6:, -6:], crop[:, -6:, -6:])


def test_the_rings_close():
    triangles = ring_triangles(MESH, 4)
    assert len(triangles) == 4 * 2 * 36
    edges = {frozenset(e) for t in triangles[:72] for e in zip(t, np.roll(t, 1), strict=True)}
    oval = MESH.loops["oval"]
    assert all(frozenset((a, b)) in edges for a, b in zip(oval, np.roll(oval, -1), strict=True))
