"""ff_vfx.image.sample: reading between pixels."""

import torch

from ff_vfx.image.sample import affine_grid, neighbour_range, pixel_grid, sample, sample_affine, sample_clamped
from tests.synthetic import picture


def test_sampling_at_the_pixels_own_places_gives_the_picture_back():
    source = picture(1, 30, 40)
    assert torch.allclose(sample(source, pixel_grid(30, 40)), source, atol=1e-5)


def test_a_ramp_is_read_between_its_pixels_to_four_hundredths():
    ramp = (torch.arange(40.0) + 0.5).expand(1, 20, 40)
    coords = pixel_grid(20, 40)[2:-2, 3:-3] + 0.37
    assert torch.allclose(sample(ramp, coords)[0], coords[..., 0], atol=0.04)


def test_values_above_one_and_below_zero_survive():
    source = torch.zeros(1, 9, 9)
    source[0, 4, 4], source[0, 2, 2] = 60000.0, -3.0
    read = sample(source, pixel_grid(9, 9))
    assert read[0, 4, 4] > 59000 and read[0, 2, 2] < -2.9


def test_clamped_sampling_draws_no_dark_rim_beside_a_highlight():
    source = torch.full((1, 20, 20), 0.02)
    source[..., 10:] = 50.0
    coords = pixel_grid(20, 20) + 0.3
    assert sample(source, coords).min() < -1.0, "the plain cubic rings: the test means something"
    assert sample_clamped(source, coords, slack=0.0).min() >= 0.02
    assert sample_clamped(source, coords).min() >= 0.0179, "a tenth of the dark, not of the contrast"


def test_a_view_that_shrinks_does_not_alias():
    stripes = torch.zeros(1, 256, 256)
    stripes[..., ::2] = 1.0
    matrix = torch.diag(torch.tensor([4.0, 4.0, 1.0], dtype=torch.float64))
    view = sample_affine(stripes, matrix, 64, 64)
    assert (view - 0.5)[..., 2:-2].abs().max() < 0.02


def test_the_affine_grid_maps_centres_to_centres():
    matrix = torch.tensor([[2.0, 0, 5], [0, 2, 7], [0, 0, 1]], dtype=torch.float64)
    assert affine_grid(matrix, 3, 4)[0, 0].tolist() == [6.0, 8.0]


def test_neighbour_range_holds_the_four_nearest():
    values = torch.tensor([[[1.0, 5.0], [3.0, 2.0]]])
    least, most = neighbour_range(values)
    assert least[0, 0, 0] == 1.0 and most[0, 0, 0] == 5.0 and most[0, 1, 1] == 2.0


def test_sampling_leaves_its_arguments_alone():
    source, coords = picture(2, 20, 20), pixel_grid(20, 20) + 0.2
    before = source._version, coords._version
    sample_clamped(source, coords)
    assert (source._version, coords._version) == before
