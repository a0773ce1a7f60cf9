"""ff_vfx.fuse.crop: the canonical crop."""

import dataclasses

import torch

from ff_vfx.fuse.crop import crop_and_fuse, crop_side, take_crop
from ff_vfx.types.fused import Fused
from ff_vfx.types.settings import FuseSettings
from tests.synthetic import AS_IT_IS, SyntheticPlate, frame_of, picture, posed_face, track_of


def test_the_side_follows_the_faces_size_and_the_artists_word_wins():
    near, far = track_of({1: posed_face(scale=200.0)}), track_of({1: posed_face(scale=20.0)})
    assert crop_side(near, FuseSettings()) > crop_side(far, FuseSettings()) == 192
    assert crop_side(near, FuseSettings(crop_px=320)) == 320


def test_only_the_pixels_under_the_crop_are_touched():
    pixels = picture(14, 600, 800)
    clean = take_crop(frame_of(pixels, 1, torch.float32), posed_face(), 192, AS_IT_IS)
    dirty = pixels.clone()
    dirty[:, 400:], dirty[:, :, 500:] = float("nan"), float("nan")
    assert torch.equal(take_crop(frame_of(dirty, 1, torch.float32), posed_face(), 192, AS_IT_IS).pixels, clean.pixels)


def test_the_data_windows_offset_is_honoured():
    pixels = picture(15)
    frame = frame_of(pixels, 1, torch.float32)
    window = dataclasses.replace(frame.data_window, x0=100, y0=50, x1=340, y1=290)
    moved = dataclasses.replace(frame, data_window=window)
    face = posed_face(centre=(220.0, 160.0))
    assert torch.allclose(
        take_crop(moved, face, 192, AS_IT_IS).pixels, take_crop(frame, posed_face(), 192, AS_IT_IS).pixels, atol=1e-5
    )


def test_nan_and_infinity_do_not_spread():
    pixels = picture(16)
    pixels[0, 100, 100], pixels[1, 101, 101] = float("nan"), float("inf")
    assert torch.isfinite(take_crop(frame_of(pixels, 1, torch.float32), posed_face(), 192, AS_IT_IS).pixels).all()


class Coded:
    """Its code is the crop's mean colour; its face is a flat one of that colour."""

    def code(self, crop):
        return crop.pixels.mean((1, 2))

    def fuse_with(self, crop, code):
        flat = code[:, None, None].expand_as(crop.pixels)
        return Fused(flat, crop.pixels, torch.zeros(2, 64, 64), torch.zeros(1, 64, 64), crop.face.landmarks)

    def fuse(self, crop):
        return self.fuse_with(crop, self.code(crop))

    def place(self, crop):
        return self.fuse_with(crop, torch.zeros(3))


class Plain:
    def fuse(self, crop):
        return Coded().fuse(crop)


def making(fuser, hold):
    plate = SyntheticPlate({n: torch.full((3, 240, 240), 0.1 * n) for n in (1, 2, 3)}, torch.float32)
    return crop_and_fuse(plate, track_of({n: posed_face() for n in (1, 2, 3)}), fuser, 64, AS_IT_IS, hold)


def test_a_code_is_held_by_whoever_is_asked_to():
    make = making(Coded(), lambda code: lambda number: (code(1) + code(2) + code(3)) / 3.0 + number)
    assert torch.allclose(make(3, None)[1].picture, torch.full((3, 64, 64), 3.2))


def test_without_anyone_to_hold_it_a_code_is_the_frames_own_as_is_a_face_without_one():
    own = making(Coded(), None)(2, None)[1].picture
    assert torch.equal(own, making(Plain(), lambda code: lambda number: torch.zeros(3))(2, None)[1].picture)
    assert torch.allclose(own, torch.full((3, 64, 64), 0.2))
