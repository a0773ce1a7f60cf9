"""ff_vfx.composite.grain: the plate's grain and focus."""

import pytest
import torch

from ff_vfx.composite.grain import Focus, grain_noise, grain_strength, plate_focus, refocus
from ff_vfx.image.blur import gaussian
from ff_vfx.types.solve import Grain


def test_grain_is_seeded_by_plate_and_frame_alone():
    one = grain_noise("plate", 1001, 40, 50, 0.5)
    assert torch.equal(one, grain_noise("plate", 1001, 40, 50, 0.5))
    assert not torch.equal(one, grain_noise("plate", 1002, 40, 50, 0.5))
    assert not torch.equal(one, grain_noise("other", 1001, 40, 50, 0.5))


def test_grain_has_unit_strength_and_the_size_asked():
    fine, coarse = grain_noise("p", 1, 128, 128, 0.0), grain_noise("p", 1, 128, 128, 1.5)
    assert fine.std() == pytest.approx(1.0, abs=0.01) and coarse.std() == pytest.approx(1.0, abs=0.01)
    along = lambda n: float((n[:, :, 1:] * n[:, :, :-1]).mean())  # noqa: E731
    assert abs(along(fine)) < 0.05 < 0.7 < along(coarse)


def test_strength_follows_the_measured_curve():
    grain = Grain((1e-4, 2e-4, 0.0), (1e-6, 0.0, 0.0), 0.5)
    strength = grain_strength(torch.full((3, 1, 1), 0.25), grain, torch.ones(1, 1, 1))
    assert strength.flatten().tolist() == pytest.approx([(0.25e-4 + 1e-6) ** 0.5, 0.5e-4**0.5, 0.0])
    assert not grain_strength(torch.ones(3, 1, 1), grain, torch.zeros(1, 1, 1)).any()


def edges(sigma: float) -> torch.Tensor:
    lines = torch.zeros(3, 128, 128)
    lines[:, ::16, :] = -2.0
    lines[:, 8::16, 40:90] = 1.0
    return gaussian(lines, sigma)


@pytest.mark.parametrize(("plate", "face"), [(1.6, 0.8), (0.8, 0.8), (0.8, 1.1)])
def test_focus_brings_the_face_nearer_to_the_plates(plate, face):
    features, skin = torch.ones(1, 128, 128), torch.zeros(1, 128, 128)
    focus = plate_focus([(edges(plate), edges(face), features, skin)])
    made = refocus(edges(face), focus, 1.0)
    assert (made - edges(plate)).abs().mean() <= (edges(face) - edges(plate)).abs().mean()
    assert (focus.blur_px > 0) == (plate > face) and (focus.sharpen > 0) == (plate < face)


def test_no_focus_is_the_same_tensor():
    same = edges(1.0)
    assert refocus(same, Focus(), 1.0) is same and refocus(same, Focus(blur_px=2.0), 0.0) is same


def test_focus_of_a_smaller_crop_is_measured_in_its_own_pixels():
    sample = [(edges(0.8), edges(1.1), torch.ones(1, 128, 128), torch.zeros(1, 128, 128))]
    large, small = plate_focus(sample), plate_focus(sample, 0.5)
    assert large.sharpen > 0.0 and small.sharpen > 0.0 and small.mask_px == 0.5 * large.mask_px
