"""Networks of our own, by torch: numbers from a file, code from here, on the CPU and on cards that are stubs."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ff_vfx.engine import open_model
from ff_vfx.engine.architectures import ARCHITECTURES
from ff_vfx.engine.runtimes.torch_engine import TorchEngine
from ff_vfx.errors import ModelError
from ff_vfx.types.device import CPU, Device, parse_devices
from ff_vfx.types.engine import EngineSpec, TensorSpec
from tests.engine.stubs import pretend_cards

PICTURE = {
    "name": "picture", "shape": [None, 3, None, None], "layout": "nchw", "low": 0, "high": 1, "encoding": "srgb",
    "channels": "rgb",
}  # fmt: skip


class Double(torch.nn.Module):
    """Two outputs of one input; counts its runs."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.full((1,), 2.0))
        self.runs = 0

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.runs += 1
        return x * self.weight, x + 1.0


def _spec(*shape: int | None) -> EngineSpec:
    return EngineSpec(
        "double", "enhancer", (TensorSpec("in", shape),), (TensorSpec("twice", shape), TensorSpec("more", shape))
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """edsr_x2 as a model folder holds it."""
    module = ARCHITECTURES["edsr_x2"]()
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(0.01)
    save_file(dict(module.state_dict()), tmp_path / "larger.safetensors")
    _manifest(tmp_path)
    return tmp_path


def _manifest(folder: Path, **changes: Any) -> None:
    data = (folder / "larger.safetensors").read_bytes()
    fields = {
        "format": 2, "name": "larger", "kind": "upscaler", "file": "larger.safetensors", "licence": "Apache-2.0",
        "allowed_use": "any", "origin": "ours", "sha256": hashlib.sha256(data).hexdigest(), "runtime": "torch",
        "inputs": [PICTURE], "outputs": [{**PICTURE, "name": "out"}], "tolerance": 1e-4, "notes": "",
        "architecture": "edsr_x2",
    }  # fmt: skip
    (folder / "larger.json").write_text(json.dumps({**fields, **changes}))


def test_a_manifest_and_its_weights_make_a_network_that_runs(model: Path):
    engine = open_model("larger", model)
    given = np.random.default_rng(0).random((2, 3, 16, 24), np.float32)
    made = engine.run({"picture": given})["out"]
    assert made.shape == (2, 3, 32, 48) and made.dtype == np.float32
    assert np.array_equal(engine.run({"picture": given})["out"], made)
    assert not np.shares_memory(engine.run({"picture": given})["out"], made)


def test_weights_of_another_network_are_refused_by_name(model: Path):
    weights = dict(ARCHITECTURES["edsr_x2"]().state_dict())
    name = next(iter(weights))
    weights["stranger"] = weights.pop(name)
    save_file(weights, model / "larger.safetensors")
    _manifest(model)
    with pytest.raises(ModelError, match=f"does not fit architecture 'edsr_x2'.*{name}.*stranger"):
        open_model("larger", model)
    save_file({k: v.clone() for k, v in ARCHITECTURES["edsr_x4"]().state_dict().items()}, model / "larger.safetensors")
    _manifest(model)
    with pytest.raises(ModelError, match="does not fit architecture 'edsr_x2'"):
        open_model("larger", model)


def test_a_pickle_is_no_safetensors_file_whatever_its_name(model: Path):
    torch.save({"weight": torch.ones(2)}, model / "larger.safetensors")
    _manifest(model)
    with pytest.raises(ModelError, match="is no safetensors file"):
        open_model("larger", model)


def test_an_architecture_nobody_wrote_is_refused_with_those_there_are(model: Path):
    _manifest(model, architecture="unet")
    with pytest.raises(ModelError, match="architecture 'unet' is none of edsr_x2, edsr_x4"):
        open_model("larger", model)


def test_another_size_than_the_manifest_says_is_refused_on_opening(model: Path):
    _manifest(model, outputs=[{**PICTURE, "name": "out", "shape": [None, 3, 9, 9]}])
    with pytest.raises(ModelError, match="output 'out' has shape"):
        open_model("larger", model)


def test_without_a_card_the_cpu_runs_it_and_that_is_said_once(model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    said: list[str] = []
    engine = open_model("larger", model, parse_devices("cuda:0,cuda:0"), said.append)
    assert len(said) == 1 and "torch has no CUDA here" in said[0]
    assert engine.run({"picture": np.ones((1, 3, 8, 8), np.float32)})["out"].shape == (1, 3, 16, 16)


def test_a_precision_the_cpu_does_not_run_is_said(model: Path):
    said: list[str] = []
    open_model("larger", model, parse_devices("cpu/fp16"), said.append)
    assert len(said) == 1 and "torch runs no fp16 there" in said[0]


def test_a_runtime_that_cannot_read_the_file_is_said_and_torch_runs_it(model: Path):
    said: list[str] = []
    open_model("larger", model, parse_devices("cpu/onnx"), said.append)
    assert said == ["onnx runs no .safetensors files; torch runs those"]


def test_threads_that_share_an_engine_get_the_bits_they_get_alone(model: Path):
    engine = open_model("larger", model)
    given = [np.full((1, 3, 8, 8), i / 8, np.float32) for i in range(8)]
    alone = [engine.run({"picture": one})["out"] for one in given]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda one: engine.run({"picture": one})["out"], given))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together))


class Handing(torch.nn.Module):
    """Hands out its input, and its own weights."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1, 2))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x[:, :], self.weight


def test_what_comes_out_is_the_callers_own_even_if_the_module_hands_out_its_own():
    engine = TorchEngine(Handing(), _spec(1, 2), CPU)
    given = np.zeros((1, 2), np.float32)
    for made in engine.run({"in": given}).values():
        made[:] = 5.0
    again = engine.run({"in": given})
    assert again["twice"].max() == 0.0 and again["more"].max() == 1.0 and given.max() == 0.0


def test_no_number_that_is_none_comes_out():
    engine = TorchEngine(Double(), _spec(None, 2), CPU)
    with pytest.raises(ModelError, match="double: output 'twice' holds nan"):
        engine.run({"in": np.array([[np.nan, 1.0]], np.float32)})


def test_on_a_card_static_shapes_are_recorded_and_played_again(monkeypatch: pytest.MonkeyPatch):
    pretend_cards(monkeypatch)
    module = Double()
    engine = TorchEngine(module, _spec(2, 2), Device("cuda", 0))
    recorded = module.runs
    assert (torch.backends.cudnn.benchmark, torch.backends.cudnn.allow_tf32) == (False, False)
    made = engine.run({"in": np.ones((2, 2), np.float32)})
    assert module.runs == recorded == 4  # three to warm up, one recorded; a stub's graph plays nothing
    assert list(made) == ["twice", "more"]


def test_on_a_card_open_shapes_run_each_time(monkeypatch: pytest.MonkeyPatch):
    pretend_cards(monkeypatch)
    module = Double()
    engine = TorchEngine(module, _spec(None, 2), Device("cuda", 0))
    before = module.runs
    for size in (1, 3):
        made = engine.run({"in": np.full((size, 2), 3.0, np.float32)})
        assert np.array_equal(made["twice"], np.full((size, 2), 6.0))
    assert module.runs == before + 2


def test_in_half_floats_what_comes_out_is_float32(monkeypatch: pytest.MonkeyPatch):
    pretend_cards(monkeypatch)
    engine = TorchEngine(Double(), _spec(None, 2), Device("cuda", 0, precision="fp16"))
    made = engine.run({"in": np.full((1, 2), 1.0 / 3.0, np.float32)})["twice"]
    assert made.dtype == np.float32 and made[0, 0] == np.float32(np.float16(1.0 / 3.0) * np.float16(2.0))


def test_on_a_card_a_batch_that_does_not_fit_is_halved(monkeypatch: pytest.MonkeyPatch):
    pretend_cards(monkeypatch)

    class Full(Double):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            if len(x) > 2:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
            return super().forward(x)

    engine = TorchEngine(Full(), _spec(None, 2), Device("cuda", 0))
    given = np.arange(10, dtype=np.float32).reshape(5, 2)
    assert np.array_equal(engine.run({"in": given})["twice"], given * 2)
