"""ff_vfx.fuse.enhance.fuser: what the inner fuser can do, the enhanced one can do too."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ff_vfx.errors import ModelError
from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.enhance.enhancer import Enhancer
from ff_vfx.fuse.enhance.fuser import enhanced
from ff_vfx.types.fused import BatchFuser, CodedFuser, Crop, Fused
from tests.fuse.enhance.enhancers import Network, brighter
from tests.fuse.enhance.test_enhancer import BRIDGE, SIZE
from tests.synthetic import AS_IT_IS, frame_of, picture, posed_face


class Plain:
    """The crop, brighter by a stop."""

    def fuse(self, crop: Crop) -> Fused:
        return replace(self.place(crop), picture=crop.pixels * 2.0)

    def place(self, crop: Crop) -> Fused:
        return Fused(crop.pixels, crop.pixels, torch.zeros(2, SIZE, SIZE), torch.zeros(1, SIZE, SIZE), crop.points())


class Many(Plain):
    most = 3

    def fuse_many(self, crops):
        return [self.fuse(crop) for crop in crops]


class Coded(Plain):
    def code(self, crop):
        return torch.tensor([2.0])

    def fuse_with(self, crop, code):
        return replace(self.place(crop), picture=crop.pixels * code)


class Both(Many, Coded):
    pass


CROPS = [
    take_crop(frame_of(picture(n, low=0.1, high=0.3), n, torch.float32), posed_face(), SIZE, AS_IT_IS) for n in (1, 2)
]


def with_enhancer(inner, strength=1.0, told=None):
    return enhanced(inner, Enhancer(Network(brighter(0.05)), BRIDGE), strength, told)


@pytest.mark.parametrize(("inner", "batch", "coded"), [(Plain, 0, 0), (Many, 1, 0), (Coded, 0, 1), (Both, 1, 1)])
def test_it_can_do_what_the_inner_one_can(inner, batch, coded):
    fuser = with_enhancer(inner())
    assert (isinstance(fuser, BatchFuser), isinstance(fuser, CodedFuser)) == (bool(batch), bool(coded))
    alone = [fuser.fuse(crop) for crop in CROPS]
    assert (alone[0].picture > CROPS[0].pixels * 2.0).any()
    if isinstance(fuser, BatchFuser):
        assert fuser.most == 3
        assert all(torch.equal(a.picture, b.picture) for a, b in zip(alone, fuser.fuse_many(CROPS), strict=True))
    if isinstance(fuser, CodedFuser):
        with_code = fuser.fuse_with(CROPS[0], fuser.code(CROPS[0]))
        assert torch.equal(with_code.picture, alone[0].picture)


def test_only_the_picture_is_enhanced_and_placing_draws_nothing():
    fuser, inner = with_enhancer(Plain()), Plain()
    made, before = fuser.fuse(CROPS[0]), inner.fuse(CROPS[0])
    assert torch.equal(made.surround, before.surround) and torch.equal(made.reach, before.reach)
    assert torch.equal(fuser.place(CROPS[0]).picture, inner.place(CROPS[0]).picture)


def test_a_strength_of_zero_is_the_inner_fuser_itself():
    inner = Plain()
    assert with_enhancer(inner, 0.0) is inner


def test_who_wants_to_hear_hears_of_every_frame():
    heard = []
    fuser = with_enhancer(Many(), told=lambda number, before, after: heard.append((number, before, after)))
    made = fuser.fuse_many(CROPS)
    assert [number for number, _, _ in heard] == [1, 2]
    assert heard[1][2] is made[1] and torch.equal(heard[1][1].picture, CROPS[1].pixels * 2.0)


def test_a_network_that_fails_names_the_frame_and_itself():
    def broken(shown):
        return shown * float("nan")

    with pytest.raises(ModelError, match="frame 2: model net: output 'output' holds nan"):
        enhanced(Plain(), Enhancer(Network(broken), BRIDGE), 1.0).fuse(CROPS[1])
