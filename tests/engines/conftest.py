"""A model folder for the offline tools: a swapper of the small networks, and weights of our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

pytest.importorskip("onnx", reason="onnx is an optional extra")
pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")

from engines.export import write_onnx
from engines.networks import NETWORKS
from engines.parity import manifest_of
from ff_vfx.engine.architectures import ARCHITECTURES
from ff_vfx.engine.models.manifest import Manifest, sha256_of


@pytest.fixture
def swapper(tmp_path: Path) -> Path:
    """Manifest of the small swapper as ONNX, tolerance 0.0001."""
    return small(tmp_path, "swapper")


def small(folder: Path, kind: str, tolerance: float = 1e-4) -> Path:
    """A small network of a kind in a folder; its manifest."""
    network = NETWORKS[kind]
    file = folder / f"small_{kind}.onnx"
    write_onnx(network.module(), network.spec, file)
    path = file.with_suffix(".json")
    path.write_text(replace(manifest_of(network, file), tolerance=tolerance).as_json())
    return path


@pytest.fixture
def larger(tmp_path: Path) -> Path:
    """Manifest of an edsr_x2 whose last layer is not 0."""
    module = ARCHITECTURES["edsr_x2"]()
    with torch.no_grad():
        for name, weight in module.named_parameters():
            if name == "tail.weight":
                weight.normal_(0.0, 0.01, generator=torch.Generator().manual_seed(1))
    file = tmp_path / "larger.safetensors"
    save_file({name: weight.contiguous() for name, weight in module.state_dict().items()}, file)
    spec = NETWORKS["upscaler"].spec
    manifest = Manifest(
        name="larger", kind="upscaler", file=file.name, licence="Apache-2.0", allowed_use="any", origin="made here",
        sha256=sha256_of(file), runtime="torch", inputs=spec.inputs, outputs=spec.outputs, tolerance=1e-4, notes="",
        architecture="edsr_x2",
    )  # fmt: skip
    path = file.with_suffix(".json")
    path.write_text(manifest.as_json())
    return path
