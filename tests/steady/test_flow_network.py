"""ff_vfx.steady.flow_network: networks of known output, written in the test and run by the real runtime."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ff_vfx.colour import Bridge
from ff_vfx.engine import IdentityEngine, open_model
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.fuse.swap.fuser import SwapFuser
from ff_vfx.shot import prepare, render_frame
from ff_vfx.steady.flow import flow_between
from ff_vfx.steady.flow_network import NetworkFlow
from ff_vfx.types.engine import EngineSpec, TensorSpec
from ff_vfx.types.settings import settings_from
from tests.engine.onnx_graph import graph, node
from tests.synthetic import SyntheticPlate, picture, posed_face, solve_of, track_of

SPACE = "Linear Rec.709 (sRGB)"
OPEN = [1, 3, None, None]


def model(folder: Path, file: bytes, outputs: dict[str, list[int | None]], **changes: Any) -> Path:
    """A model 'raft' in the folder; changes: of its manifest, or of both its inputs."""
    (folder / "raft.onnx").write_bytes(file)
    of_inputs = {key: changes.pop(key) for key in ("shape", "channels", "encoding", "high") if key in changes}
    tensor = {"layout": "nchw", "low": 0, "high": 255, "encoding": "srgb", "channels": "rgb", "shape": OPEN}
    manifest = {
        "format": 1,
        "name": "raft",
        "kind": "flow",
        "file": "raft.onnx",
        "licence": "MIT",
        "allowed_use": "any",
        "origin": "made here",
        "sha256": hashlib.sha256(file).hexdigest(),
        "runtime": "onnx",
        "inputs": [{**tensor, "name": name, **of_inputs} for name in ("image1", "image2")],
        "outputs": [
            {**tensor, "name": name, "shape": shape, "low": 0, "high": 1, "encoding": "none", "channels": "none"}
            for name, shape in outputs.items()
        ],
        "tolerance": 0.001,
        "notes": "",
    }
    (folder / "raft.json").write_text(json.dumps({**manifest, **changes}))
    return folder


def coded(*, side: int | str = "s", coarse: bool = False, channels: int = 2, extra: bool = False) -> bytes:
    """Flow x = 0.01 * red of image1 + 1, y = 0.02 * blue of image2 - 2, px; an eighth of both if coarse."""
    weight = np.zeros((channels, 6, 1, 1), np.float32)
    weight[0, 0], weight[-1, 5] = 0.01, 0.02
    bias = np.resize(np.array([1.0, -2.0], np.float32), channels)
    if coarse:
        weight, bias = weight / 8.0, bias / 8.0
    nodes = [node("Concat", ["image1", "image2"], "both", axis=1), node("Conv", ["both", "w", "b"], "fine")]
    nodes.append(node("AveragePool", ["fine"], "coarse", kernel_shape=[8, 8], strides=[8, 8]))
    shown: dict[str, list[int | str]] = {"coarse": ["n", channels, "p", "q"], "fine": ["n", channels, "h", "w"]}
    if extra:
        shown["both"] = ["n", 6, "h", "w"]
    else:
        del shown["fine" if coarse else "coarse"]
    size: list[int | str] = [1, 3, side, side if side != "s" else "t"]
    pictures = dict.fromkeys(("image1", "image2"), size)
    return graph(nodes, {"w": weight, "b": bias}, pictures, shown)


def light(value: float, side: int = 45) -> torch.Tensor:
    return torch.full((3, side, side), value)


@pytest.fixture(autouse=True)
def _runtime() -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")


def opened(folder: Path, stops: float = 0.0) -> NetworkFlow:
    return NetworkFlow(open_model("raft", folder), SPACE, stops)


def srgb(value: float) -> float:
    return 255.0 * (1.055 * value ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("side", [40, 45, 64])
def test_a_known_flow_comes_back_both_ways_at_any_size(tmp_path: Path, side: int):
    flow = opened(model(tmp_path, coded(), {"fine": [1, 2, None, None]}))
    first, second = flow.picture(light(0.2, side)), flow.picture(light(0.5, side))
    there, back = flow.between(first, second)
    assert there.there.shape == (2, side, side) and there.error_px.shape == (1, side, side)
    expected = torch.tensor([0.01 * srgb(0.2) + 1.0, 0.02 * srgb(0.5) - 2.0])
    behind = torch.tensor([0.01 * srgb(0.5) + 1.0, 0.02 * srgb(0.2) - 2.0])
    assert torch.allclose(there.there, expected[:, None, None].expand(2, side, side), atol=1e-3)
    assert torch.allclose(back.there, behind[:, None, None].expand(2, side, side), atol=1e-3)
    assert there.error_px.mean() == pytest.approx(float((expected + behind).norm()), abs=1e-2)


def test_what_is_left_of_the_padding_is_at_its_own_place(tmp_path: Path):
    flow = opened(model(tmp_path, coded(), {"fine": [1, 2, None, None]}))
    ramp = (torch.arange(45.0) / 45.0).expand(3, 45, 45)
    picture = flow.picture(ramp)
    there, _ = flow.between(picture, picture)
    assert torch.allclose(there.there[0], torch.from_numpy(picture[0]) * 0.01 + 1.0, atol=1e-4)


def test_a_coarse_flow_is_enlarged_and_so_are_its_pixels(tmp_path: Path):
    flow = opened(model(tmp_path, coded(coarse=True), {"coarse": [1, 2, None, None]}))
    there, _ = flow.between(flow.picture(light(0.2)), flow.picture(light(0.5)))
    expected = torch.tensor([0.01 * srgb(0.2) + 1.0, 0.02 * srgb(0.5) - 2.0])
    assert torch.allclose(there.there, expected[:, None, None].expand(2, 45, 45), atol=1e-3)


def test_of_several_outputs_the_full_size_flow_is_taken(tmp_path: Path):
    outputs = {"coarse": [1, 2, None, None], "fine": [1, 2, None, None], "both": [1, 6, None, None]}
    flow = opened(model(tmp_path, coded(extra=True), outputs))
    there, _ = flow.between(flow.picture(light(0.2)), flow.picture(light(0.5)))
    assert there.there[0].mean() == pytest.approx(0.01 * srgb(0.2) + 1.0, abs=1e-3)


def test_a_network_of_one_size_sees_the_picture_scaled_and_its_flow_is_scaled_back(tmp_path: Path):
    flow = opened(model(tmp_path, coded(side=32), {"fine": [1, 2, 32, 32]}, shape=[1, 3, 32, 32]))
    there, _ = flow.between(flow.picture(light(0.2, 48)), flow.picture(light(0.5, 48)))
    assert there.there.shape == (2, 48, 48)
    assert there.there[0].mean() == pytest.approx(1.5 * (0.01 * srgb(0.2) + 1.0), abs=1e-3)


def test_range_encoding_order_and_exposure_are_the_manifests_and_the_shots(tmp_path: Path):
    changes = {"channels": "bgr", "encoding": "linear", "high": 1}
    flow = opened(model(tmp_path, coded(), {"fine": [1, 2, None, None]}, **changes), stops=1.0)
    picture = flow.picture(torch.tensor([0.1, 0.2, 0.3])[:, None, None].expand(3, 8, 8))
    assert picture[:, 0, 0] == pytest.approx([0.6, 0.4, 0.2], abs=1e-5)


def test_a_long_step_is_its_short_ones_put_together(tmp_path: Path):
    flow = opened(model(tmp_path, coded(), {"fine": [1, 2, None, None]}))
    pictures = [flow.picture(light(value)) for value in (0.1, 0.2, 0.3, 0.4)]
    there, back = flow_between((0, 3), pictures.__getitem__, lambda a, b: flow.between(pictures[a], pictures[b]), flow)
    assert there.there[0].mean() == pytest.approx(sum(0.01 * srgb(v) + 1.0 for v in (0.1, 0.2, 0.3)), abs=1e-2)
    assert back.there[1].mean() == pytest.approx(sum(0.02 * srgb(v) - 2.0 for v in (0.1, 0.2, 0.3)), abs=1e-2)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "swapper"}, "kind 'swapper'; name one of kind 'flow'"),
        ({"shape": [1, 3, 32, None]}, "a flow network has inputs"),
    ],
)
def test_another_kind_or_layout_is_refused_before_a_frame_is_made(tmp_path: Path, changes: dict[str, Any], text: str):
    with pytest.raises(BadInput, match=f"steady.flow_model raft.*{text}"):
        opened(model(tmp_path, coded(), {"fine": [1, 2, None, None]}, **changes))


def test_pictures_of_one_channel_are_refused():
    grey = tuple(TensorSpec(name, (1, 1, None, None)) for name in ("image1", "image2"))
    engine = IdentityEngine()
    engine.spec = EngineSpec("raft", "flow", grey, (TensorSpec("fine", (1, 2, None, None)),))
    with pytest.raises(BadInput, match=r"steady.flow_model raft.*a flow network has inputs image1, image2 \(1, 3, h"):
        NetworkFlow(engine, SPACE, 0.0)


def test_an_output_of_one_channel_is_no_flow(tmp_path: Path):
    with pytest.raises(BadInput, match="fine"):
        opened(model(tmp_path, coded(channels=1), {"fine": [1, 1, None, None]}))


def test_a_file_that_gives_no_flow_after_all_is_an_error_of_the_model(tmp_path: Path):
    flow = opened(model(tmp_path, coded(channels=3), {"fine": [1, None, None, None]}))
    with pytest.raises(ModelError, match="gave no finite flow"):
        flow.between(flow.picture(light(0.2)), flow.picture(light(0.5)))


def still(folder: Path) -> Path:
    """A model that says 0.4 px right and 0.2 px down, whatever it sees."""
    nodes = [node("Concat", ["image1", "image2"], "both", axis=1), node("Conv", ["both", "w", "b"], "flow")]
    weights = {"w": np.zeros((2, 6, 1, 1), np.float32), "b": np.array([0.4, 0.2], np.float32)}
    size: list[int | str] = [1, 3, "h", "w"]
    file = graph(nodes, weights, dict.fromkeys(("image1", "image2"), size), {"flow": [1, 2, "h", "w"]})
    return model(folder, file, {"flow": [1, 2, None, None]})


def test_a_shot_is_steadied_by_the_network_and_order_changes_no_bit(tmp_path):
    folder = still(tmp_path)
    track = track_of({n: posed_face() for n in range(1, 6)})
    settings = settings_from("post", {"fuse": {"crop_px": 64}, "steady": {"flow": "network", "flow_model": "raft"}})
    plate = SyntheticPlate({n: picture(n) for n in range(1, 6)})

    def shot(plate):
        network = NetworkFlow(open_model("raft", folder), plate.colour_space, 0.0)
        fuser = SwapFuser(IdentityEngine(), Bridge(plate.colour_space, 0.0))
        return prepare(plate, solve_of(track, plate.size), track, fuser, settings, flow=network)

    one, other = shot(plate), shot(plate)
    for number in (5, 1):
        render_frame(other, number)
    layers, again = render_frame(one, 3), render_frame(other, 3)
    step = float(np.sqrt(np.linalg.det(track.face(3).crop_to_plate[:2, :2]))) / 64  # plate px a crop px
    inside = layers.coverage[0] > 0.99
    assert float(layers.planes["forward.u"][inside].median()) == pytest.approx(0.4 * step, rel=0.02)
    assert float(layers.planes["forward.v"][inside].median()) == pytest.approx(-0.2 * step, rel=0.02)
    assert torch.equal(layers.fused, again.fused)
    assert all(torch.equal(layers.planes[name], again.planes[name]) for name in layers.planes)
