"""ff_vfx.composite.style: the finishing look, in numbers that a hand can check."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from ff_vfx.composite.style import Style, apply_style, style_of
from ff_vfx.types.settings import EnhanceSettings
from tests.composite.test_light import S, mattes
from tests.synthetic import picture

FLOOR = 0.001


def textured(contrast: float) -> torch.Tensor:
    """Stripes of 2 px, so many stops from dark to light, around 0.2."""
    wave = torch.sin(torch.arange(S) * math.pi / 2.0 + 0.3).sign()
    return (0.2 * 2.0 ** (0.5 * contrast * wave)).expand(3, S, S).contiguous()


def contrast_of(pixels: torch.Tensor) -> float:
    middle = torch.log2(pixels[1, 90:100, 80:112])
    return float(middle.max() - middle.min())


def styled(pixels: torch.Tensor, style: Style) -> torch.Tensor:
    return apply_style(pixels, mattes(), style, FLOOR, 1.0)


def test_natural_is_the_same_tensor():
    face = picture(31, S, S) * 30.0 - 0.5
    assert styled(face, style_of(EnhanceSettings())) is face


def test_the_knobs_are_added_to_the_look():
    crisp = style_of(EnhanceSettings(look="crisp"))
    more = style_of(EnhanceSettings(look="crisp", sharpness=-0.2, saturation=0.3))
    assert more.fine == pytest.approx(crisp.fine - 0.2) and replace(more, fine=crisp.fine, saturation=0.0) == crisp
    assert style_of(EnhanceSettings(look="cinematic", sharpness=-1.0)).fine == -1.0


@pytest.mark.parametrize(("fine", "factor"), [(0.5, 1.39), (-0.5, 0.61)])
def test_fine_detail_of_low_contrast_grows_by_what_is_asked(fine, factor):
    before = textured(0.05)
    after = styled(before, Style(fine=fine))
    # A blur of 1.2 px leaves 17 % of stripes of 2 px, the bound takes 6 % of the detail.
    assert contrast_of(after) / contrast_of(before) == pytest.approx(factor, abs=0.02)


def test_an_edge_of_many_stops_gets_no_rim():
    lamp = torch.full((3, S, S), 0.2)
    lamp[:, 80:110, 80:110] = 50.0
    change = torch.log2(styled(lamp, style_of(EnhanceSettings(look="crisp"))) / lamp)
    assert change.abs().max() < 0.3, "eight stops of edge, and less than a third of a stop beside it"


def test_values_above_one_below_zero_and_at_zero_stay_finite_and_in_order():
    hard = torch.tensor([-0.5, 0.0, 1e-6, 0.2, 5.0, 900.0, 65504.0]).repeat_interleave(28)[:S].expand(3, S, S)
    for look in ("crisp", "cinematic"):
        after = styled(hard, style_of(EnhanceSettings(look=look, saturation=1.0)))
        assert torch.isfinite(after).all()
        assert after[0, 96].max() > 20000.0 and (after[:, hard[0] == 0.2] > 0.1).all()


def test_shine_on_skin_is_held_back_and_eyes_keep_their_light():
    skin, eyes = mattes().skin[0], mattes().eyes[0]
    row, column = divmod(int((skin * torch.linspace(1.0, 0.9, S)[:, None]).argmax()), S)
    eye_row, eye_column = divmod(int(eyes.argmax()), S)
    face = torch.full((3, S, S), 0.2)
    for y, x in ((row, column), (eye_row, eye_column)):
        face[:, y - 1 : y + 2, x - 1 : x + 2] = 0.8
    after = styled(face, Style(shine=0.4))
    assert float(torch.log2(after[0, row, column] / 0.8)) == pytest.approx(-0.4 * 1.7**2 / 2.0, abs=0.12)
    assert torch.equal(after[:, eyes > 0.9], face[:, eyes > 0.9])
    assert after[0, row, column] > 0.4, "held back, not taken away"


def test_saturation_moves_colours_apart_in_stops_and_leaves_grey():
    face = torch.tensor([0.4, 0.2, 0.1])[:, None, None].expand(3, S, S).clone()
    face[:, :, S // 2 :] = 0.2
    after = styled(face, Style(saturation=1.0))
    ratio = torch.log2(after[0, 96, 10] / after[2, 96, 10])
    assert float(ratio) == pytest.approx(4.0, abs=0.3), "two stops between red and blue become four"
    assert torch.allclose(after[:, :, S // 2 :], face[:, :, S // 2 :], atol=1e-6)
    assert after[1, 96, 10] == pytest.approx(0.2, rel=0.01)


def test_nothing_is_written_into():
    face = textured(0.3)
    before = face._version
    styled(face, style_of(EnhanceSettings(look="cinematic", sharpness=0.4, saturation=-0.3)))
    assert face._version == before
