"""ff_vfx.steady.flow: motion between two crops."""

import numpy as np
import pytest
import torch

from ff_vfx.errors import BadInput, FrameBroken
from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.steady.flow import DenseFlow, both_ways, flow_between, flow_both_ways, flow_picture, follow
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


def test_exposure_that_flickers_moves_no_flow():
    first, second = textured(24), sample(textured(24), pixel_grid(160, 160) - torch.tensor([1.5, 0.5]))
    assert (flow_picture(first, 0.0) == flow_picture(first * 2.0, 0.0)).all()
    steady, _ = flow_both_ways(flow_picture(first, 0.0), flow_picture(second, 0.0), "fine")
    flicker, _ = flow_both_ways(flow_picture(first, 0.0), flow_picture(second * 2.0**0.3, 0.0), "fine")
    assert (steady.there - flicker.there).abs().mean() < 0.01


def test_a_shadow_that_stays_while_skin_moves_is_not_followed():
    first, second = textured(25), sample(textured(25), pixel_grid(160, 160) - torch.tensor([2.0, 0.0]))
    shadow = 0.35 + 0.65 * torch.sigmoid((torch.arange(160) - 80.0) / 12.0)
    there, _ = flow_both_ways(flow_picture(first * shadow, 0.0), flow_picture(second * shadow, 0.0), "fine")
    assert (there.there[:, 24:-24, 24:-24] - torch.tensor([2.0, 0.0])[:, None, None]).abs().mean() < 0.3


@pytest.mark.parametrize("value", [0.0, -4.0, 6e4])
def test_flat_black_negative_and_blinding_crops_are_mid_grey(value):
    assert (abs(flow_picture(torch.full((3, 32, 32), value), 1.0).astype(int) - 128) <= 1).all()


def test_a_dark_face_is_not_brightened_beyond_the_shots_own_black():
    grain = 1e-5 * (1.0 + torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1)))
    assert flow_picture(grain, 0.0).std() < 6.0


def test_following_no_motion_changes_nothing_but_rounding():
    source = picture(23, 30, 30)
    assert torch.allclose(follow(source, torch.zeros(2, 30, 30)), source, atol=1e-5)


MOVE = torch.tensor([1.75, -0.75])


def take(quality: str, broken: int = 0):
    """Five frames that move by MOVE; what chains ask for, and what was asked."""
    method, asked = DenseFlow(quality, 0.0), []
    still = textured(26)
    pictures = {n: method.picture(sample(still, pixel_grid(160, 160) - MOVE * n)) for n in range(5)}

    def step(first, second):
        asked.append((first, second))
        if broken in (first, second):
            raise FrameBroken(f"frame {broken}: truncated")
        return method.between(pictures[first], pictures[second])

    return method, pictures.__getitem__, step, asked


@pytest.mark.parametrize("quality", ["fast", "medium", "fine", "finest"])
def test_four_steps_lead_a_long_one_both_ways(quality):
    method, picture, step, asked = take(quality, broken=9)
    there, back = flow_between((0, 4), picture, step, method)
    inside = (slice(None), slice(32, -32), slice(32, -32))
    assert (there.there[inside] - 4 * MOVE[:, None, None]).abs().mean() < 0.5
    assert (back.there[inside] + 4 * MOVE[:, None, None]).abs().mean() < 0.5
    assert there.there.shape == (2, 160, 160) and there.error_px.shape == (1, 160, 160)
    assert asked == ([(0, 1), (1, 2), (2, 3), (3, 4)] if method.chains else [])


def test_a_long_step_over_a_broken_frame_is_one_leap():
    method, picture, step, _ = take("fine", broken=2)
    there, _ = flow_between((1, 4), picture, step, method)
    leap, _ = method.between(picture(1), picture(4))
    assert torch.equal(there.there, leap.there)


def test_a_long_step_is_the_same_each_time_and_leaves_the_short_ones_alone():
    method, picture, step, _ = take("fine", broken=9)
    steps = {(a, a + 1): step(a, a + 1) for a in range(4)}
    kept = {key: (one.there.clone(), two.there.clone()) for key, (one, two) in steps.items()}
    first = flow_between((0, 3), picture, lambda a, b: steps[a, b], method)
    again = flow_between((0, 3), picture, step, method)
    assert all(torch.equal(a.there, b.there) and torch.equal(a.error_px, b.error_px) for a, b in zip(first, again))
    assert all(torch.equal(steps[k][i].there, kept[k][i]) for k in steps for i in (0, 1))


def test_the_error_is_how_far_the_way_back_misses_the_start():
    there, back = np.zeros((8, 8, 2), np.float32), np.zeros((8, 8, 2), np.float32)
    there[..., 0], back[..., 0], back[..., 1] = 1.0, -1.0, 0.5
    assert both_ways(there, back)[0].error_px.numpy() == pytest.approx(0.5)


def test_a_network_that_nobody_opened_is_refused():
    with pytest.raises(BadInput, match=r"steady.flow = network.*name one in steady.flow_model, or choose fast"):
        DenseFlow("network", 0.0)
