"""torch to ONNX: the same pictures, at sizes the exporter never saw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from engines.export import OPSET, export, export_module, write_onnx
from engines.networks import NETWORKS
from engines.parity import manifest_of
from ff_vfx.engine import open_manifest
from ff_vfx.errors import ModelError
from ff_vfx.types.device import parse_devices


def test_weights_of_ours_become_an_onnx_model_that_opens_and_agrees(larger: Path, tmp_path: Path):
    made, found = export(larger, tmp_path / "onnx")
    assert made == tmp_path / "onnx" / "larger.json" and all(row.ok for row in found)
    given = {"picture": np.random.default_rng(0).random((3, 3, 40, 56), np.float32)}
    for device in ("cpu", "cpu/opencv"):
        truth, other = open_manifest(larger).run(given), open_manifest(made, parse_devices(device)).run(given)
        assert np.abs(truth["larger"] - other["larger"]).max() < 1e-4
    model = onnx.load(made.with_suffix(".onnx"))
    assert [(one.domain, one.version) for one in model.opset_import] == [("", OPSET)]


def test_an_export_that_is_there_is_not_written_over(larger: Path, tmp_path: Path):
    export(larger, tmp_path / "onnx")
    with pytest.raises(ModelError, match="is there already"):
        export(larger, tmp_path / "onnx")
    export(larger, tmp_path / "onnx", "other")


def test_only_a_model_of_torchs_is_exported(swapper: Path, tmp_path: Path):
    with pytest.raises(ModelError, match="only models of torch's can be exported"):
        export(swapper, tmp_path / "onnx")


class Frozen(torch.nn.Module):
    """Its picture's size becomes a constant of the file: right for the exporter's picture alone."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return picture * torch.tensor(float(int(picture.shape[-1]))) / 64.0


class Unknown(torch.nn.Module):
    """Something ONNX has no word for."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return torch.special.bessel_j0(picture)


def test_what_would_differ_is_refused_and_leaves_nothing(tmp_path: Path, swapper: Path):
    network = NETWORKS["upscaler"]
    manifest = replace(manifest_of(network, swapper.with_suffix(".onnx")), name="frozen", file="")
    with pytest.raises(ModelError, match=r"model frozen: as ONNX its output 'larger' moves by .* nothing was written"):
        export_module(Frozen(), manifest, tmp_path / "onnx")
    assert list((tmp_path / "onnx").iterdir()) == []


def test_a_network_that_onnx_cannot_say_is_refused_with_the_reason(tmp_path: Path):
    with pytest.raises(ModelError, match=r"small-upscaler: torch cannot write it as ONNX: .*bessel"):
        write_onnx(Unknown(), NETWORKS["upscaler"].spec, tmp_path / "x.onnx")
