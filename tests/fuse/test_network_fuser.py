"""ff_vfx.fuse.network_fuser: any picture-to-picture network, behind the bridge."""

import numpy as np
import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine import IdentityEngine
from ff_vfx.errors import ModelError
from ff_vfx.fuse.crop import take_crop
from ff_vfx.fuse.network_fuser import NetworkFuser
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.synthetic import AS_IT_IS, SPACE, frame_of, picture, posed_face


class Brighter:
    """Adds a known amount to what it is shown, in its own range and at its own size."""

    def __init__(self, size: int | None, low: float = 0.0, high: float = 1.0) -> None:
        spec = TensorSpec("in", (1, 3, size, size), "nchw", low, high, "srgb", "rgb")
        self.spec = EngineSpec("brighter", "swapper", (spec,), (TensorSpec("out", spec.shape),))
        self.step = 0.1 * (high - low)

    def run(self, inputs):
        return {"out": inputs["in"] + np.float32(self.step)}


def crop_of(pixels: torch.Tensor):
    return take_crop(frame_of(pixels, 1), posed_face(), 128, AS_IT_IS)


def test_an_identity_network_gives_the_crops_own_bits_hdr_included():
    pixels = picture(11) * 40.0 - 1.0
    crop = crop_of(pixels)
    fused = NetworkFuser(IdentityEngine(), Bridge(SPACE, 1.0)).fuse(crop)
    assert torch.equal(fused.picture, crop.pixels) and not fused.reach.any()


@pytest.mark.parametrize(("size", "low", "high"), [(None, 0.0, 1.0), (64, -1.0, 1.0), (128, 0.0, 255.0)])
def test_range_and_size_are_the_specs_and_undone(size, low, high):
    crop, bridge = crop_of(picture(12, low=0.1, high=0.3)), Bridge(SPACE, 0.0)
    fused = NetworkFuser(Brighter(size, low, high), bridge).fuse(crop)
    change = bridge.encode(fused.picture) - bridge.encode(crop.pixels)
    assert (change - 0.1).abs().max() < 2e-3


def test_a_network_of_the_wrong_shape_is_named():
    class Wrong(Brighter):
        def run(self, inputs):
            return {"out": np.zeros((1, 3, 8, 8), np.float32)}

    with pytest.raises(ModelError, match="brighter.*manifest"):
        NetworkFuser(Wrong(None), Bridge(SPACE, 0.0)).fuse(crop_of(picture(13)))
