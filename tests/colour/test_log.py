"""Light in stops and back."""

from __future__ import annotations

import pytest
import torch

from ff_vfx.colour import from_stops, to_stops


def test_twice_the_light_is_one_stop_where_the_floor_is_small():
    assert torch.allclose(
        to_stops(torch.tensor([0.5, 1.0, 2.0, 64.0]), 1e-7), torch.tensor([-1.0, 0.0, 1.0, 6.0]), atol=1e-5
    )


@pytest.mark.parametrize("floor", [1e-4, 0.01])
def test_light_comes_back(floor: float):
    light = torch.cat([torch.linspace(0, 1, 1000), torch.linspace(1, 60000, 1000)])
    back = from_stops(to_stops(light, floor), floor)
    assert ((back - light).abs() <= 3e-6 * light + 1e-6).all()


def test_below_zero_counts_as_zero_and_extremes_stay_what_they_are():
    stops = to_stops(torch.tensor([-3.0, 0.0, float("inf"), float("nan"), float("-inf")]), 0.01)
    assert stops[0] == stops[1] == stops[4]
    assert stops[2] == float("inf") and stops[3].isnan()


def test_the_input_is_untouched():
    light = torch.rand(3, 4, 4)
    version = light._version
    to_stops(light, 0.01)
    assert light._version == version


def test_a_value_alone_is_the_value_in_the_picture():
    light = torch.rand(1000) * 50
    stops = to_stops(light, 0.01)
    back = from_stops(stops, 0.01)
    for k in range(1, 40):
        assert torch.equal(to_stops(light[k : 2 * k], 0.01), stops[k : 2 * k])
        assert torch.equal(from_stops(stops[k : 2 * k], 0.01), back[k : 2 * k])
