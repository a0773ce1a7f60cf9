"""ff_vfx.steady.flow: motion between two crops."""

import pytest
import torch

from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.steady.flow import flow_both_ways, flow_picture, follow
from tests.synthetic import picture


def textured(seed: int) -> torch.Tensor:
    return (picture(seed, 160, 160) + 0.2 * picture(seed + 1, 40, 40).repeat(1, 4, 4)).clamp(0.02, 0.95)


@pytest.mark.parametrize("quality", ["fast", "medium", "fine", "finest"])
def test_a_known_shift_is_found_both_ways(quality):
    first = textured(20)
    second = sample(first, pixel_grid(160, 160) - torch.tensor([2.5, -1.25]))
    there, back = flow_both_ways(flow_picture(first, 0.0), flow_picture(second, 0.0), quality)
    inside = (slice(None), slice(24, -24), slice(24, -24))
    assert (there.there[inside] - torch.tensor([2.5, -1.25])[:, None, None]).abs().mean() < 0.3
    assert (back.there[inside] + torch.tensor([2.5, -1.25])[:, None, None]).abs().mean() < 0.3
    assert there.error_px[inside].mean() < 0.2


def test_what_is_covered_in_the_other_frame_comes_back_elsewhere():
    first = textured(22)
    second = first.clone()
    second[:, 50:110, 50:110] = textured(30)[:, 50:110, 50:110].flip(2)
    there, _ = flow_both_ways(flow_picture(first, 0.0), flow_picture(second, 0.0), "fine")
    covered, seen = there.error_px[0, 60:100, 60:100].mean(), there.error_px[0, 5:30, 5:150].mean()
    assert covered > 4 * seen


def test_one_gain_for_the_shot_keeps_brightness_comparable():
    dark, light = flow_picture(torch.full((3, 4, 4), 0.05), 2.0), flow_picture(torch.full((3, 4, 4), 0.1), 2.0)
    assert light[0, 0] > dark[0, 0]
    assert flow_picture(torch.full((3, 4, 4), 90.0), 2.0)[0, 0] == 255


def test_following_no_motion_changes_nothing_but_rounding():
    source = picture(23, 30, 30)
    assert torch.allclose(follow(source, torch.zeros(2, 30, 30)), source, atol=1e-5)
