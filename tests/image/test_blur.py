"""ff_vfx.image.blur: Gaussian blurs as matrix products."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from ff_vfx.image.blur import enlarge, gaussian, shrink, weighted_gaussian
from tests.synthetic import picture


@pytest.mark.parametrize("sigma", [0.6, 2.5, 7.0])
def test_the_blur_is_scipys_by_taps_and_by_matrix(sigma):
    source = picture(3, 40, 56)
    truth = np.stack(
        [gaussian_filter(c.astype(np.float64), sigma, mode="nearest", truncate=4.0) for c in source.numpy()]
    )
    assert np.allclose(gaussian(source, sigma).numpy(), truth, atol=1e-5)


def test_no_blur_is_the_same_tensor():
    source = picture(3, 8, 8)
    assert gaussian(source, 0.0) is source


def test_a_constant_stays_constant_up_to_the_edge():
    assert torch.allclose(gaussian(torch.full((1, 30, 20), 7.0), 6.0), torch.tensor(7.0), atol=1e-4)


def test_the_weighted_blur_never_sees_what_weighs_nothing():
    source, weight = torch.ones(1, 40, 40), torch.ones(1, 40, 40)
    source[..., 20:], weight[..., 20:] = 1e6, 0.0
    assert weighted_gaussian(source, weight, 3.0)[..., :20].max() < 1.01


def test_shrinking_averages_and_enlarging_comes_back():
    source = gaussian(picture(4, 64, 64), 8.0)
    assert torch.allclose(shrink(source, 4)[:, 0, 0], source[:, :4, :4].mean((1, 2)), atol=1e-6)
    assert (enlarge(shrink(source, 4), 64, 64) - source)[:, 6:-6, 6:-6].abs().max() < 0.01
