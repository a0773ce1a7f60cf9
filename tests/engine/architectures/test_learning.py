"""Edsr learns the example shot in seconds, is saved as numbers alone, and runs as a model in two runtimes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import avg_pool2d, interpolate, l1_loss

from ff_vfx.colour import Bridge
from ff_vfx.door.linear import open_plate_to_render
from ff_vfx.engine import open_model
from ff_vfx.engine.architectures import Edsr
from ff_vfx.engine.model import open_manifest
from ff_vfx.engine.models.manifest import Manifest, sha256_of
from ff_vfx.types.engine import TensorSpec

_PATCH, _STEPS = 48, 100
_SHOWN = TensorSpec("picture", (None, 3, None, None), "nchw", 0.0, 1.0, "srgb", "rgb")
_MADE = TensorSpec("enlarged", (None, 3, None, None), "nchw", 0.0, 1.0, "srgb", "rgb")


@pytest.fixture(scope="module")
def pictures(example_shot: Path) -> dict[int, torch.Tensor]:
    """Four frames as display pictures; the last is held out."""
    plate = open_plate_to_render(str(example_shot / "plate.####.exr"), "")
    bridge = Bridge(plate.colour_space, 0.9)
    return {n: bridge.encode(plate.read(n).pixels[:3].float()) for n in (1001, 1006, 1011, 1016)}


@pytest.fixture(scope="module")
def learned(pictures: dict[int, torch.Tensor]) -> Edsr:
    """A few seconds of learning to undo a halving. Training proper is another matter than this."""
    network, draw = Edsr(2, seed=1), torch.Generator().manual_seed(0)
    seen = [picture for number, picture in pictures.items() if number != 1016]
    steps = torch.optim.Adam(network.parameters(), lr=5e-4)
    for _ in range(_STEPS):
        patches = torch.stack([_patch(seen, draw) for _ in range(4)])
        loss = l1_loss(network(avg_pool2d(patches, 2)), patches)
        steps.zero_grad()
        loss.backward()
        steps.step()
    return network.eval().requires_grad_(False)


def _patch(seen: list[torch.Tensor], draw: torch.Generator) -> torch.Tensor:
    picture = seen[int(torch.randint(len(seen), (1,), generator=draw))]
    y, x = (2 * int(v) for v in torch.randint((picture.shape[-1] - _PATCH) // 2, (2,), generator=draw))
    return picture[:, y : y + _PATCH, x : x + _PATCH]


@pytest.fixture(scope="module")
def saved(learned: Edsr, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model 'small' with those weights."""
    save_file = pytest.importorskip("safetensors.torch").save_file
    folder = tmp_path_factory.mktemp("models")
    save_file(learned.state_dict(), folder / "small.safetensors")
    digest = sha256_of(folder / "small.safetensors")
    manifest = Manifest(
        "small", "upscaler", "small.safetensors", "Apache-2.0", "any", "a test", digest, "torch",
        (_SHOWN,), (_MADE,), 1e-4, "", architecture="edsr_x2",
    )  # fmt: skip
    (folder / "small.json").write_text(manifest.as_json())
    return folder


def test_a_picture_it_has_not_seen_comes_out_nearer_to_the_truth_than_by_bicubic(learned, pictures):
    truth = pictures[1016][None, :, 128:384, 128:384]
    small = avg_pool2d(truth, 2)
    plain = interpolate(small, scale_factor=2.0, mode="bicubic", align_corners=False)
    ours, theirs = (float(-10.0 * torch.log10((made - truth).square().mean())) for made in (learned(small), plain))
    assert ours > theirs + 0.1, f"{ours:.2f} dB, bicubic {theirs:.2f} dB"


def test_the_saved_model_gives_the_networks_own_numbers_at_any_size(learned, saved, pictures):
    engine = open_model("small", saved)
    for size in (31, 64):
        shown = pictures[1016][None, :, 200 : 200 + size, 180:240]
        assert np.array_equal(engine.run({"picture": shown.numpy()})["enlarged"], learned(shown).numpy())


def test_exported_it_agrees_in_onnx_runtime_within_its_tolerance(saved, pictures, tmp_path):
    pytest.importorskip("onnxruntime")
    export = pytest.importorskip("engines.export").export
    path, _ = export(saved / "small.json", tmp_path)
    shown = {"picture": pictures[1016][None, :, 200:263, 180:240].contiguous().numpy()}
    torch_made = open_model("small", saved).run(shown)["enlarged"]
    assert np.abs(open_manifest(path).run(shown)["enlarged"] - torch_made).max() <= 1e-4
