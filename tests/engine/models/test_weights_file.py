"""A safetensors file is known by the names and shapes of its tensors, and never by what it says it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ff_vfx.engine import open_model
from ff_vfx.engine.architectures import ARCHITECTURES
from ff_vfx.engine.models.describe import About
from ff_vfx.engine.models.install import add_model
from ff_vfx.engine.models.weights_file import architecture_of, read_weights
from ff_vfx.errors import ModelError

ABOUT = About("LicenseRef-Studio", "any", "trained by us", like="edsr")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_weights_of_our_own_are_known_by_their_tensors(folder: Path, tmp_path: Path):
    from safetensors.torch import save_file

    save_file(ARCHITECTURES["edsr_x4"]().state_dict(), tmp_path / "sharp.safetensors")
    manifest = add_model(tmp_path / "sharp.safetensors", folder, ABOUT, print)
    assert (manifest.runtime, manifest.architecture, manifest.kind) == ("torch", "edsr_x4", "upscaler")
    made = open_model("sharp", folder).run({"picture": np.zeros((1, 3, 8, 8), np.float32)})
    assert made["made_picture"].shape == (1, 3, 32, 32)


def test_weights_of_nobody_we_know_are_refused(folder: Path, tmp_path: Path):
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match=r"its 1 tensors \(a, \.\.\.\) are of none of .*export the network to ONNX"):
        add_model(tmp_path / "x.safetensors", folder, ABOUT, print)
    (tmp_path / "x.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(ModelError, match="no safetensors file, or a damaged one"):
        add_model(tmp_path / "x.safetensors", folder, ABOUT, print)


def test_a_tensor_of_another_shape_makes_it_another_network(tmp_path: Path):
    from safetensors.torch import save_file

    weights = ARCHITECTURES["edsr_x2"]().state_dict()
    name = next(iter(weights))
    save_file({**weights, name: weights[name][:-1].clone()}, tmp_path / "x.safetensors")
    assert len(read_weights(tmp_path / "x.safetensors")) == len(weights)
    with pytest.raises(ModelError, match="are of none of"):
        architecture_of(tmp_path / "x.safetensors")
