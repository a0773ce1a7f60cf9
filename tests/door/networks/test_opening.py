"""A network that several people use is loaded once."""

from __future__ import annotations

import pytest

pytest.importorskip("onnx", reason="contract networks are written with the onnx package")

from ff_vfx.door.networks.opening import opener
from ff_vfx.errors import BadInput
from ff_vfx.types.job import Job
from tests.contract.swappers import INSWAPPER, write_swapper


def test_the_same_manifest_gives_the_same_network_and_another_its_own(tmp_path):
    one, other = (write_swapper(tmp_path, INSWAPPER, kind) for kind in ("identity", "tint"))
    opened = opener(Job(plate="plate.####.exr"))
    assert opened(one) is opened(tmp_path / "." / one.name)
    assert opened(one) is not opened(other) and opener(Job(plate="plate.####.exr"))(one) is not opened(one)


def test_a_device_that_is_none_is_refused_before_anything_is_opened():
    with pytest.raises(BadInput, match="neither cpu"):
        opener(Job(plate="plate.####.exr", device="tpu"))
