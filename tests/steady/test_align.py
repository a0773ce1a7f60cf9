"""ff_vfx.steady.align: the jitter of a new face against the plate."""

import math

import pytest
import torch

from ff_vfx.image.sample import pixel_grid, sample
from ff_vfx.steady.align import SHRINK, bounded, detail_of, jitter_between, shift_field
from tests.steady.made import S, textured

INSIDE = torch.zeros(1, S // 2, S // 2)
INSIDE[:, 6:-6, 6:-6] = 1.0


def moved(face: torch.Tensor, x: float = 0.0, y: float = 0.0, growth: float = 0.0, turn: float = 0.0) -> torch.Tensor:
    """The face where a similarity puts it, full px and radians about the middle."""
    at = pixel_grid(S, S) - S / 2 - torch.tensor([x, y])
    c, s = math.cos(turn) / (1.0 + growth), math.sin(turn) / (1.0 + growth)
    back = torch.stack([c * at[..., 0] + s * at[..., 1], -s * at[..., 0] + c * at[..., 1]], -1)
    return sample(face, back + S / 2)


def stops(seed: int) -> torch.Tensor:
    return torch.log2(textured(seed))


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.0), (-1.2, 0.8), (2.0, -1.5)])
def test_a_known_shift_is_found_within_a_twentieth_of_a_pixel(x, y):
    face = stops(60)
    found = jitter_between(detail_of(face), detail_of(moved(face, x, y)), INSIDE) * SHRINK
    assert found[:2].tolist() == pytest.approx([x, y], abs=0.05)
    assert found[2:].abs().max() < 0.3


def test_a_known_turn_and_growth_are_found():
    face = stops(62)
    grown = jitter_between(detail_of(face), detail_of(moved(face, growth=0.02)), INSIDE) * SHRINK
    turned = jitter_between(detail_of(face), detail_of(moved(face, turn=0.02)), INSIDE) * SHRINK
    # In px a side, so half of it at the crop's edge; what is found is 2 to 10 percent too much.
    assert grown.tolist() == pytest.approx([0.0, 0.0, 0.02 * S, 0.0], abs=0.2)
    assert turned.tolist() == pytest.approx([0.0, 0.0, 0.0, 0.02 * S], abs=0.2)


def test_equal_pictures_and_nothing_to_look_at_have_no_jitter():
    detail = detail_of(stops(64))
    assert jitter_between(detail, detail, INSIDE).abs().max() < 1e-5
    assert not jitter_between(detail, detail + 1.0, torch.zeros_like(INSIDE)).any()
    flat = torch.zeros_like(detail)
    assert not jitter_between(flat, flat, INSIDE).any()


def test_slow_brightness_says_nothing_about_place():
    face = stops(65)
    lit = face + torch.linspace(-0.5, 0.5, S)
    assert jitter_between(detail_of(face), detail_of(lit), INSIDE)[:2].abs().max() < 0.05


def test_a_jitter_larger_than_believed_is_none():
    jitter = torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    assert bounded(jitter, 2.0) is jitter and not bounded(jitter, 1.9).any()


def test_the_field_of_no_jitter_is_none_and_of_a_shift_is_that_shift():
    assert shift_field(torch.zeros(4), 8, 8) is None
    field = shift_field(torch.tensor([0.5, -0.25, 0.0, 0.0]), 6, 8)
    assert field is not None and field.shape == (6, 8, 2)
    assert torch.equal(field, torch.tensor([1.0, -0.5]).expand(6, 8, 2))
