"""Pictures to look at."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ff_vfx.colour import to_display


def test_grey_white_black_and_beyond_are_as_srgb_says():
    light = torch.tensor([0.0, 0.18, 1.0, 40.0, -1.0, float("nan"), float("inf")]).repeat(3, 1, 1)
    picture = to_display(light, "ACEScg")
    assert picture.shape == (1, 7, 3) and picture.dtype == np.uint8
    assert picture[0, :, 0].tolist() == [0, 118, 255, 255, 0, 0, 255]
    assert (picture == picture[..., :1]).all()


def test_rows_columns_and_channels_stay_in_place():
    light = torch.zeros(3, 2, 3)
    light[0, 1, 2] = 1.0
    picture = to_display(light, "lin_rec709")
    assert picture[1, 2].tolist() == [255, 0, 0]
    assert picture.sum() == 255


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_exposure_is_in_stops(dtype: torch.dtype):
    light = torch.full((3, 1, 1), 0.25, dtype=dtype)
    assert to_display(light, "ACEScg", 2.0).tolist() == [[[255, 255, 255]]]
    assert to_display(light, "ACEScg", -2.0)[0, 0, 0] < to_display(light, "ACEScg")[0, 0, 0]
