"""ff_vfx.fuse.enhance.view: what a network is shown, and the way back to the crop."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.fuse.enhance.view import face_window, native_side, view_of
from ff_vfx.image.blur import enlarge, gaussian
from ff_vfx.image.sample import sample_affine
from ff_vfx.types.template import five_points
from tests.fuse.enhance.enhancers import FFHQ
from tests.fuse.enhance.test_enhancer import SIZE, fused_of
from tests.synthetic import picture

POINTS = fused_of().points


def as_sharp_as_it_can_be() -> torch.Tensor:
    """Noise with more in each coarser octave, about as faces have."""
    draw = torch.Generator().manual_seed(2)
    octaves = [k**0.8 * torch.randn(3, SIZE // k, SIZE // k, generator=draw) for k in (1, 2, 4, 8, 16)]
    return 0.5 + 0.01 * torch.stack([enlarge(octave, SIZE, SIZE) for octave in octaves]).sum(0)


SHARP = as_sharp_as_it_can_be()


def softer(times: int) -> torch.Tensor:
    """Made so many times smaller, and enlarged again."""
    side = SIZE // times
    return enlarge(sample_affine(SHARP, torch.diag(torch.tensor([times, times, 1.0])), side, side), SIZE, SIZE)


def test_without_a_template_at_the_crops_size_the_view_is_the_crops_own_tensor():
    shown = picture(1, SIZE, SIZE)
    view = view_of(POINTS, SIZE, SIZE, None)
    assert view.seen(shown) is shown and torch.equal(view.back(shown, SIZE), shown)


@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize(("side", "template"), [(SIZE, None), (96, None), (256, None), (512, FFHQ)])
def test_what_goes_there_comes_back_where_it_was(side, template, times):
    view = view_of(POINTS, SIZE, side, template)
    smooth = gaussian(picture(7, SIZE, SIZE), 4.0)
    shown = view.seen(smooth)
    assert shown.shape == (3, side, side)
    back = view.back(enlarge(shown, times * side, times * side), SIZE)
    inside = (view.window(SIZE) * face_window(POINTS, SIZE))[0] > 0.5
    assert (back - smooth)[:, inside].abs().max() < 0.01


def test_the_templates_points_lie_on_the_faces():
    view = view_of(POINTS, SIZE, 512, FFHQ)
    shown = np.concatenate([np.array(FFHQ.points) * 512, np.ones((5, 1))], 1) @ view.to_crop.numpy().T
    off = np.linalg.norm(shown[:, :2] - five_points(POINTS), axis=1)
    assert off.mean() < 0.06 * SIZE, "a similarity cannot bring every face's points onto a template's"
    assert np.allclose(shown[:, :2].mean(0), five_points(POINTS).mean(0), atol=1e-6)


def test_windows_are_one_on_the_face_and_exactly_zero_far_from_it_and_at_the_views_edge():
    window = face_window(POINTS, SIZE)
    x, y = five_points(POINTS)[2].astype(int)
    assert window[0, y, x] == 1.0 and not window[:, :4].any() and not window[..., -4:].any()
    edge = view_of(POINTS, SIZE, 64, None).window(SIZE)
    assert edge[0, SIZE // 2, SIZE // 2] == 1.0 and edge[0, 0].max() < 0.01


@pytest.mark.parametrize(("times", "wanted"), [(1, SIZE), (2, SIZE // 2), (4, SIZE // 4), (8, SIZE // 4)])
def test_a_face_enlarged_so_many_times_needs_as_many_fewer_pixels(times, wanted):
    assert native_side([softer(times) if times > 1 else SHARP], [torch.ones(1, SIZE, SIZE)]) == wanted


def test_clipped_highlights_do_not_make_a_soft_face_sharp():
    soft = softer(2)
    soft[:, 60:90, 60:90] = 1.0
    assert native_side([soft], [torch.ones(1, SIZE, SIZE)]) == SIZE // 2
