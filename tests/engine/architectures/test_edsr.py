"""ff_vfx.engine.architectures.edsr: a bicubic enlargement until it has learned more."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import interpolate

from ff_vfx.engine.architectures import ARCHITECTURES, Edsr
from ff_vfx.errors import BadInput
from tests.synthetic import picture


@pytest.mark.parametrize("name", ["edsr_x2", "edsr_x4"])
@pytest.mark.parametrize("size", [(1, 1), (17, 23), (64, 40)])
def test_as_it_is_made_it_enlarges_plainly_at_any_size(name, size):
    network, shown = ARCHITECTURES[name](), picture(3, *size)[None].repeat(2, 1, 1, 1)
    plain = interpolate(shown, scale_factor=float(name[-1]), mode="bicubic", align_corners=False)
    with torch.no_grad():
        assert torch.equal(network(shown), plain)


def test_the_same_seed_gives_the_same_weights_and_draws_from_nobody_else():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, second, other = Edsr(2, seed=5), Edsr(2, seed=5), Edsr(2, seed=6)
    assert torch.equal(torch.get_rng_state(), before)
    pairs = list(zip(first.parameters(), second.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(first.state_dict()["head.weight"], other.state_dict()["head.weight"])


def test_it_has_eight_blocks_and_no_batch_norm():
    network = Edsr(4)
    assert len(network.blocks) == 8
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in network.modules())


def test_another_scale_is_refused():
    with pytest.raises(BadInput, match="scale of 3; 2 or 4"):
        Edsr(3)
