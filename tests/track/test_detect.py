"""Faces on one frame."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.errors import FaceNotFound
from ff_vfx.track import detect_faces, detect_still, person_matte
from ff_vfx.track.look import display_patch
from ff_vfx.track.pose import angles_deg
from ff_vfx.types.face_mesh import face_mesh
from ff_vfx.types.frame import Frame
from ff_vfx.types.settings import TrackSettings
from ff_vfx.types.window import Window
from tests.track.shots import DATA, MESH_68, frame_of, grey, paste, picture_of, read_exr, read_srgb, truth_of

QUICK = TrackSettings(crop_variants=2)


def test_the_points_lie_on_the_true_face_within_five_percent_of_the_eyes(engines, shots):
    truth = truth_of("s010")[0][0]
    face = detect_faces(frame_of(picture_of("s010", 1001)), engines, TrackSettings())[0]
    inner = slice(17, 68)
    miss = np.linalg.norm(face.landmarks[MESH_68][inner, :2] - truth[inner], axis=1)
    assert miss.mean() < 0.05 * np.linalg.norm(truth[36] - truth[45])
    assert face.confidence > 0.8
    assert face.status == "tracked"


def test_a_portrait_and_old_paintings_have_one_face_each(engines):
    if not (DATA / "paintings").is_dir():
        pytest.skip("the paintings do not lie beside the checkout")
    for path in (DATA / "photos" / "astronaut_nasa_512.png", *sorted((DATA / "paintings").glob("*.jpg"))):
        assert len(detect_faces(read_srgb(path), engines, QUICK)) == 1, path.name


def test_where_nobody_is_nobody_is_found(engines, shots):
    noise = np.random.default_rng(0).random((256, 320, 3))
    for picture in (grey(256, 320), noise, np.full((128, 128, 3), np.nan)):
        assert detect_faces(frame_of(picture), engines, QUICK) == []
    desk = DATA / "exr" / "Desk.exr"
    if desk.is_file():
        assert detect_faces(frame_of(read_exr(desk)), engines, QUICK) == []


def test_tiles_find_a_face_that_is_two_percent_of_a_4k_frame(engines, shots):
    frame = frame_of(paste(grey(2160, 3840), picture_of("s010", 1001), 2900, 1300, 0.28))
    assert detect_faces(frame, engines, TrackSettings(crop_variants=1, tiles="never")) == []
    faces = detect_faces(frame, engines, QUICK)
    assert len(faces) == 1
    assert np.abs(faces[0].landmarks[:468, :2].mean(0) - (2900 + 0.28 * 260, 1300 + 0.28 * 230)).max() < 15


def test_two_people_are_two_faces_the_larger_first(engines, shots):
    canvas = paste(paste(grey(400, 800), picture_of("s010", 1001), 20, 20, 0.5), picture_of("s020", 1001), 420, 20, 0.7)
    faces = detect_faces(frame_of(canvas), engines, QUICK)
    assert len(faces) == 2
    assert faces[0].landmarks[4, 0] > 420 > faces[1].landmarks[4, 0]
    with pytest.raises(FaceNotFound, match=r"pair\.exr: 2 faces: crop the still to one person"):
        detect_still(frame_of(canvas), engines, "pair.exr")


def test_a_still_without_a_face_is_named(engines):
    with pytest.raises(FaceNotFound, match=r"chair\.exr: no face"):
        detect_still(frame_of(grey(200, 200)), engines, "chair.exr")


def test_stills_turn_the_way_the_performer_turned(engines, shots):
    yaw = [
        angles_deg(detect_still(frame_of(read_exr(shots / f"s010/performer/still_{k}.exr")), engines, "s").pose)[0]
        for k in (0, 1, 2)
    ]
    assert abs(yaw[0]) < 6 and yaw[1] < -20 and yaw[2] > 20


def test_the_data_window_moves_the_points_and_nothing_else(engines, shots):
    here = frame_of(picture_of("s010", 1001))
    moved = Frame(here.pixels, 1, "ACEScg", Window(-40, 25, 472, 537), Window(-40, 25, 472, 537))
    a, b = (detect_faces(f, engines, QUICK)[0] for f in (here, moved))
    assert np.abs(b.landmarks - a.landmarks - (-40, 25, 0)).max() < 0.02


def test_squeezed_pixels_give_the_same_face_in_squeezed_coordinates(engines, shots):
    wide = picture_of("s010", 1001)
    squeezed = frame_of((wide[:, ::2] + wide[:, 1::2]) / 2.0, aspect=2.0)
    a, b = (detect_faces(f, engines, QUICK)[0] for f in (frame_of(wide), squeezed))
    assert np.abs(b.landmarks[:, :2] * (2.0, 1.0) - a.landmarks[:, :2]).mean() < 1.0
    assert np.allclose(b.crop_to_plate[0] * 2.0, a.crop_to_plate[0], atol=4.0)


def test_a_very_dark_and_a_very_bright_plate_give_the_same_points(engines, shots):
    picture = picture_of("s010", 1001)
    plain, dark, bright = (detect_faces(frame_of(picture * g), engines, QUICK)[0] for g in (1.0, 0.01, 30.0))
    for other in (dark, bright):
        assert np.abs(other.landmarks[:, :2] - plain.landmarks[:, :2]).max() < 0.5


def test_broken_pixels_do_no_harm_and_the_frame_stays_as_it_was(engines, shots):
    picture = picture_of("s010", 1001)
    picture[200:204, 240:250] = np.nan
    picture[300, 300] = np.inf
    frame = frame_of(picture)
    before, version = frame.pixels.clone(), frame.pixels._version
    faces = detect_faces(frame, engines, QUICK)
    assert len(faces) == 1 and np.isfinite(faces[0].landmarks).all()
    assert frame.pixels._version == version
    assert torch.equal(torch.nan_to_num(frame.pixels), torch.nan_to_num(before))


def test_the_same_frame_gives_the_same_points_bit_for_bit(engines, shots):
    frame = frame_of(picture_of("s020", 1004))
    a, b = (detect_faces(frame, engines, QUICK)[0] for _ in range(2))
    assert np.array_equal(a.landmarks, b.landmarks) and a.confidence == b.confidence


def test_half_float_and_an_alpha_are_taken(engines, shots):
    rgb = frame_of(picture_of("s010", 1001)).pixels
    pixels = torch.cat([rgb, torch.ones(1, 512, 512)]).half()
    frame = Frame(pixels, 1, "ACEScg", Window(0, 0, 512, 512), Window(0, 0, 512, 512))
    assert len(detect_faces(frame, engines, QUICK)) == 1


def test_the_crop_holds_the_whole_head_upright(engines, shots):
    face = detect_faces(frame_of(picture_of("s010", 1001)), engines, QUICK)[0]
    unit = np.linalg.inv(face.crop_to_plate) @ np.c_[face.landmarks[:, :2], np.ones(478)].T
    assert unit[:2].min() > 0.1 and unit[:2].max() < 0.9
    oval = unit[:2, face_mesh().loops["oval"]]
    assert abs(oval[0].mean() - 0.5) < 0.1 and abs((oval[1].min() + oval[1].max()) / 2 - 0.5) < 0.1


def test_the_person_matte_holds_the_person(engines, shots):
    frame = frame_of(picture_of("s010", 1001))
    shown = display_patch(frame, np.diag([2.0, 2.0, 1.0]), 256, 0.9).pixels
    matte = person_matte(shown, engines)
    assert matte.shape == (1, shown.shape[1], shown.shape[2]) and 0.0 <= float(matte.min()) <= float(matte.max()) <= 1.0
    head = torch.from_numpy(np.load(shots / "s010/gt.1001.npz")["plate_face"].astype(np.float32))[::2, ::2]
    matte = torch.nn.functional.interpolate(matte[None], size=head.shape, mode="bilinear")[0, 0]
    assert float(matte[head > 0].mean()) > 0.9
    assert float(matte[:60, :40].mean()) < 0.1
