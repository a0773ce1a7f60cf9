"""ff_vfx.fuse.swap.aligned: the face as a swapper wants it, and its change back in the crop."""

import numpy as np
import pytest
import torch

from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.swap.aligned import align, foreignness, replaced
from ff_vfx.image.blur import gaussian
from ff_vfx.image.sample import pixel_grid
from ff_vfx.types.template import TEMPLATES, five_points
from tests.synthetic import AS_IT_IS, frame_of, picture, posed_face

TURNED = posed_face(centre=(125.0, 108.0), yaw=0.25)


def crop_of(pixels=None, size: int = 192):
    return take_crop(frame_of(picture(1) if pixels is None else pixels, 1, torch.float32), TURNED, size, AS_IT_IS)


def matrix(view) -> torch.Tensor:
    assert view.to_crop is not None
    return view.to_crop


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_five_points_lie_where_the_template_says(name):
    crop, template = crop_of(), TEMPLATES[name]
    corner = matrix(align(crop, template, 256)).numpy()
    unit = np.array(template.points) * 256.0
    landed = unit @ corner[:2, :2].T + corner[:2, 2]
    eyes = five_points(crop.points())[:2]
    assert np.abs(landed[:2] - eyes).max() < 0.09 * np.linalg.norm(eyes[1] - eyes[0])
    turn = corner[:2, :2] / np.sqrt(np.linalg.det(corner[:2, :2]))
    assert np.allclose(turn @ turn.T, np.eye(2)), "turned and scaled alone"


def test_a_place_in_the_crop_is_seen_where_the_view_says_to_a_part_of_a_pixel():
    crop = crop_of()
    view = align(crop, TEMPLATES["arcface_128"], 256)
    ramp = pixel_grid(192, 192).permute(2, 0, 1) / 192.0
    shown = view.show(torch.cat([ramp, ramp[:1]]))
    there = (pixel_grid(256, 256).double() @ matrix(view)[:2, :2].T + matrix(view)[:2, 2]).permute(2, 0, 1) / 192.0
    inside = ((there > 0.1) & (there < 0.9)).all(0)
    assert inside.sum() > 10000
    off = (shown[:2] - there)[:, inside] * 192.0
    assert off.abs().max() < 0.07, "the cubic kernel's own error on a ramp"
    assert off.mean(1).abs().max() < 0.002


@pytest.mark.parametrize(("side", "times"), [(64, 1), (256, 1), (192, 3)])
def test_there_and_back_is_the_picture_as_far_as_the_grid_holds_it(side, times):
    crop = crop_of()
    view = align(crop, TEMPLATES["ffhq_512"], side, times)
    back = view.carry(view.show(crop.pixels) * view.window(), 192, 192)
    inside = view.carry(view.window(), 192, 192)[0] > 0.999
    assert inside.sum() > 1000
    assert (back - crop.pixels)[:, inside].abs().max() < 0.015


def test_a_phase_is_shown_nothing_that_would_alias_in_it():
    """Grain finer than the network's pixels is gone before the phases are told apart."""
    crop = crop_of(torch.full((3, 240, 240), 0.5) + 0.1 * torch.randn(3, 240, 240))
    seen = [align(crop, TEMPLATES["ffhq_512"], 48 * times, times).show(crop.pixels) for times in (1, 3)]
    assert seen[1][:, ::3, ::3].std() < 1.3 * seen[0].std()


@pytest.mark.parametrize("times", [1, 3])
def test_the_part_with_the_face_gives_what_the_whole_crop_would(times):
    crop = crop_of(picture(3, 240, 240) + 0.05 * torch.randn(3, 240, 240), 384)
    whole = align(crop, TEMPLATES["arcface_112"], 48 * times, times)
    rows, columns = whole.part(384)
    assert rows.stop - rows.start < 300 and columns.stop - columns.start < 300
    view, seen = whole.within((rows, columns)), crop.pixels[:, rows, columns]
    assert torch.allclose(view.show(seen), whole.show(crop.pixels), atol=2e-5)
    change = 0.1 * view.window().expand(3, -1, -1)
    inside = replaced(seen, view.show(seen), change, view)
    outside = replaced(crop.pixels, whole.show(crop.pixels), change, whole)
    assert torch.allclose(inside, outside[:, rows, columns], atol=2e-5)
    outside[:, rows, columns] = crop.pixels[:, rows, columns]
    assert torch.equal(outside, crop.pixels), "nothing changes beyond the part"


def test_a_whole_crop_at_its_own_size_is_not_sampled_at_all():
    crop = crop_of()
    view = align(crop, None, 192)
    assert view.show(crop.pixels) is crop.pixels and view.carry(crop.pixels, 192, 192) is crop.pixels


def test_a_change_ends_softly_inside_the_square():
    window = align(crop_of(), TEMPLATES["arcface_112"], 128).window()
    assert window[0, 0].max() == 0.0 == window[0, :, -1].max() and window[0, 20:108, 20:108].min() == 1.0
    assert window.diff(dim=-1).abs().max() < 0.25


def test_no_change_leaves_every_bit():
    crop = crop_of(picture(2) * 0.5 + 0.05 * torch.randn(3, 240, 240))
    view = align(crop, TEMPLATES["arcface_128"], 64)
    seen = crop.pixels.clamp(0.0, 1.0)
    shown = view.show(seen)
    assert torch.equal(replaced(seen, shown, torch.zeros_like(shown), view), seen)


def test_detail_is_foreign_where_it_was_drawn_anew_and_the_plates_own_where_it_was_kept():
    grain = 0.02 * torch.randn(3, 64, 64, generator=torch.Generator().manual_seed(1))
    shown = torch.full((3, 64, 64), 0.5) + grain
    gone, tinted = -grain, torch.full((3, 64, 64), 0.2)
    assert foreignness(shown, gone, 1).mean() > 0.85
    assert foreignness(shown, tinted, 1).max() < 1e-6
    assert foreignness(shown, 0.1 * grain, 1).max() < 0.02, "a little more contrast is the same detail"
    assert foreignness(shown, torch.zeros_like(shown), 1).max() == 0.0


def test_foreign_detail_is_told_softly_from_place_to_place():
    grain = 0.02 * torch.randn(3, 64, 64, generator=torch.Generator().manual_seed(1))
    half = -grain * (torch.arange(64) < 32)
    found = foreignness(0.5 + grain, half, 1)
    assert found.diff(dim=-1).abs().max() < 0.5 and gaussian(found, 1.0)[..., 50:].max() < 0.01
