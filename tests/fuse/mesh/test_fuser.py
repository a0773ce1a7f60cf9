"""ff_vfx.fuse.mesh.fuser: the performer's stills on the plate's pose."""

import numpy as np
import torch

from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.mesh.fuser import prepare_mesh_fuser
from ff_vfx.fuse.mesh.stills import prepare_still, rotation_of, still_weights
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.settings import FuseSettings
from tests.synthetic import AS_IT_IS, frame_of, picture, posed_face, track_of

MESH = face_mesh()


def test_a_still_of_the_plate_itself_gives_the_plates_skin_back():
    pixels, face = picture(7), posed_face()
    fuser = prepare_mesh_fuser(((pixels, face),), track_of({1: face, 2: face}), FuseSettings(), 0.01)
    crop = take_crop(frame_of(pixels, 1, torch.float32), face, 256, AS_IT_IS)
    fused = fuser.fuse(crop)
    cheek = np.round(fused.points[50, :2]).astype(int)
    patch = slice(cheek[1] - 6, cheek[1] + 6), slice(cheek[0] - 6, cheek[0] + 6)
    assert (fused.picture[:, patch[0], patch[1]] - crop.pixels[:, patch[0], patch[1]]).abs().max() < 0.02
    assert (fused.surround - crop.pixels).abs().mean() < 0.005


def test_the_same_crop_gives_the_same_bits_and_arguments_stay():
    face = posed_face(yaw=0.2)
    fuser = prepare_mesh_fuser(((picture(8), posed_face()),), track_of({1: face}), FuseSettings(), 0.01)
    crop = take_crop(frame_of(picture(7), 1), face, 192, AS_IT_IS)
    before = crop.pixels._version
    assert torch.equal(fuser.fuse(crop).picture, fuser.fuse(crop).picture)
    assert crop.pixels._version == before


def test_the_still_nearest_in_pose_wins_and_weights_change_without_a_jump():
    stills = tuple(prepare_still(picture(9), posed_face(yaw=yaw), MESH) for yaw in (-0.5, 0.0, 0.5))
    at = np.array(
        [still_weights(stills, rotation_of(posed_face(yaw=y)), 24.0)[:, 4] for y in np.linspace(-0.5, 0.5, 41)]
    )
    assert at[0].argmax() == 0 and at[20].argmax() == 1 and at[-1].argmax() == 2
    assert np.abs(np.diff(at, axis=0)).max() < 0.25
    assert np.allclose(at.sum(1), 1.0)


def test_an_eye_that_closes_hides_its_eyeball():
    face = posed_face()
    fuser = prepare_mesh_fuser(((picture(10), face),), track_of({1: face}), FuseSettings(), 0.01)
    assert len(fuser.balls) == 2 and all(torch.isfinite(ball.patch).all() for ball in fuser.balls)
