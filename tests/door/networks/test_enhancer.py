"""ff_vfx.door.networks.enhancer: real files, opened by name, as strong as identity bears."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ff_vfx import door
from ff_vfx.door.networks.enhancer import Witness, enhancer_key, wrap_with_enhancer
from ff_vfx.engine.models.manifest import Manifest
from ff_vfx.errors import BadInput, ModelError
from ff_vfx.fuse.crop import readable_crops
from ff_vfx.fuse.enhance.fuser import EnhancedFuser
from ff_vfx.image.blur import gaussian
from ff_vfx.types.engine import TensorSpec
from ff_vfx.types.template import TEMPLATES
from tests.conftest import example_job
from tests.contract.models import mobile_face_net
from tests.engine.onnx_graph import graph, node
from tests.fuse.enhance.enhancers import FFHQ
from tests.fuse.enhance.test_shot import FACES, AsItIs
from tests.synthetic import AS_IT_IS, SyntheticPlate, picture, track_of

PLATE = SyntheticPlate({n: gaussian(picture(80, low=0.1, high=0.4), 3.0) for n in FACES}, torch.float32)
TRACK = track_of(dict(FACES))
THREE = np.eye(3, dtype=np.float32)[:, :, None, None]


@pytest.fixture(autouse=True)
def _runtime() -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional extra")


def model(folder: Path, file: bytes, size: int | None = 512, *, times: int = 1, coded: bool = False, **changes) -> Path:
    """A model 'net' in the folder, by default in the layout of GFPGAN."""
    (folder / "net.onnx").write_bytes(file)
    shown = TensorSpec("input", (1, 3, size, size), "nchw", -1.0, 1.0, "srgb", "rgb")
    made = replace(shown, name="output", shape=(1, 3, *[size and times * size] * 2))
    weight = (TensorSpec("w", (1,), "flat", role="strength"),) if coded else ()
    manifest = Manifest(
        "net", "enhancer", "net.onnx", "MIT", "any", "made here", hashlib.sha256(file).hexdigest(), "onnx",
        (shown, *weight), (made,), 1e-4, "", FFHQ,
    )  # fmt: skip
    (folder / "net.json").write_text(replace(manifest, **changes).as_json())
    return folder


def of_one(nodes: list[bytes], weights: dict[str, np.ndarray], size: int | str = 512, made: int | str = 512) -> bytes:
    return graph(nodes, weights, {"input": [1, 3, size, size]}, {"output": [1, 3, made, made]})


def times(factor: float, plus: float = 0.0) -> bytes:
    """factor * picture + plus, of 512 px."""
    return of_one(
        [node("Conv", ["input", "w", "b"], "output")],
        {"w": factor * THREE, "b": np.full(3, plus, np.float32)},
    )


def nearest_twice() -> bytes:
    """Every pixel four times, of any size."""
    nodes = [node("Conv", ["input", "w"], "four"), node("DepthToSpace", ["four"], "output", blocksize=2)]
    return of_one(nodes, {"w": np.concatenate([THREE] * 4)}, "s", "t")


def brighter_by_strength() -> bytes:
    inputs = {"input": [1, 3, 512, 512], "w": [1]}
    return graph([node("Add", ["input", "w"], "output")], {}, inputs, {"output": [1, 3, 512, 512]})


def job(folder: Path, **enhance):
    return door.make_job(
        {
            "plate": "plate.####.exr",
            "models": str(folder),
            "settings": {"fuse": {"crop_px": 192}, "enhance": {"model": "net", **enhance}},
        }
    )


def opened(folder: Path, witness: Witness | None = None, **enhance):
    return wrap_with_enhancer(job(folder, **enhance), AsItIs(), PLATE, TRACK, witness)


def first_face(fuser):
    (crop,) = readable_crops(PLATE, TRACK, [3], 192, AS_IT_IS)
    return crop, fuser.fuse(crop)


def test_without_a_model_or_a_strength_it_is_the_same_fuser(tmp_path):
    inner = AsItIs()
    for enhance in ({"model": ""}, {"strength": 0.0}):
        assert enhancer_key(job(tmp_path, **enhance)) == ""
        assert wrap_with_enhancer(job(tmp_path, **enhance), inner, PLATE, TRACK) == (inner, {})


def test_an_identity_network_in_gfpgans_layout_changes_no_bit(tmp_path):
    model(tmp_path, times(1.0))
    assert len(enhancer_key(job(tmp_path))) == 64
    fuser, told = opened(tmp_path)
    crop, fused = first_face(fuser)
    assert isinstance(fuser, EnhancedFuser) and torch.equal(fused.picture, crop.pixels)
    assert told["enhance"] == {
        "model": "net", "strength": 0.8, "asked": 0.8, "told": "no recogniser: identity is not guarded"
    }  # fmt: skip


def test_codeformers_strength_is_the_jobs_fidelity(tmp_path):
    model(tmp_path, brighter_by_strength(), coded=True)
    low, high = (first_face(opened(tmp_path, fidelity=value)[0])[1].picture for value in (0.1, 0.3))
    crop, _ = first_face(AsItIs())
    assert (high - crop.pixels).sum() > 2.0 * (low - crop.pixels).sum() > 0.0


def test_an_upscaler_is_shown_a_soft_face_as_small_as_it_is(tmp_path):
    model(tmp_path, nearest_twice(), None, kind="upscaler", template=None)
    fuser, told = opened(tmp_path)
    assert told["enhance"]["shown_px"] == 48, "a quarter of the crop: nothing in it is finer"
    crop, fused = first_face(fuser)
    assert (fused.picture - crop.pixels).abs().max() < 0.05


def test_an_upscaler_that_has_little_to_add_is_told_of(tmp_path):
    model(tmp_path, nearest_twice(), None, kind="upscaler", template=None)
    noise = torch.Generator().manual_seed(1)
    sharp = {n: (0.2 + 0.04 * torch.randn(3, 240, 240, generator=noise)).clamp(0.01, 0.4) for n in FACES}
    _, told = wrap_with_enhancer(job(tmp_path), AsItIs(), SyntheticPlate({**sharp}, torch.float32), TRACK)
    found = told["enhance"]
    assert isinstance(found, dict) and found["shown_px"] == 192
    assert found["note"] == "the face is as fine as its crop of 192 px: an upscaler has little to add"


def test_the_guard_scales_back_once_and_tells_of_every_frame(tmp_path):
    model(tmp_path, times(1.0, 0.2))

    def embed(shown: torch.Tensor, points: np.ndarray) -> np.ndarray:
        x, y = points[2].astype(int)
        angle = 8.0 * float(shown[:, y - 8 : y + 8, x - 8 : x + 8].mean())
        return np.array([np.cos(angle), np.sin(angle)], np.float32)

    heard: dict[int, float] = {}
    fuser, told = opened(tmp_path, Witness(embed, heard.__setitem__))
    found = told["enhance"]
    assert 0.2 < found["strength"] < 0.3 and found["asked"] == 0.8
    assert found["cosine"] >= found["identity_floor"] == 0.98 > found["cosine_asked"]
    assert str(found["told"]).startswith("scaled back from 0.80")
    first_face(fuser)
    assert list(heard) == [3] and heard[3] == pytest.approx(found["cosine"], abs=0.02)


def test_live_looks_at_no_later_frame(tmp_path):
    model(tmp_path, times(1.0))
    PLATE.reads.clear()
    live = door.make_job(
        {"plate": "p", "models": str(tmp_path), "settings": {"preset": "live", "enhance": {"model": "net"}}}
    )
    wrap_with_enhancer(live, AsItIs(), PLATE, TRACK)
    assert PLATE.reads == [1]


@pytest.mark.parametrize("name", ["../net", "sub/net"])
def test_a_path_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match="enhance.model .*: is a path; give the name of a model in"):
        enhancer_key(job(tmp_path, model=name))


def test_a_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"net\.json"):
        enhancer_key(job(tmp_path))


def test_a_model_of_another_kind_is_refused_before_anything_is_loaded(tmp_path):
    model(tmp_path, times(1.0), kind="recogniser", template=TEMPLATES["arcface_112"])
    with pytest.raises(ModelError, match=r"is a recogniser; enhance\.model needs"):
        enhancer_key(job(tmp_path))


def test_a_network_whose_answer_is_not_finite_says_so_as_it_is_sampled(tmp_path):
    model(tmp_path, of_one([node("Sqrt", ["input"], "output")], {}))
    with pytest.raises(ModelError, match=r"net.*nan"):
        opened(tmp_path)[0].fuse(first_face(AsItIs())[0])


def test_the_manifest_reads_back(tmp_path):
    model(tmp_path, brighter_by_strength(), coded=True)
    data = json.loads((tmp_path / "net.json").read_text())
    assert data["inputs"][1]["role"] == "strength" and data["template"] == "ffhq_512"


def test_the_manifests_in_the_docs_are_good_ones(tmp_path):
    text = (Path(__file__).resolve().parents[3] / "docs" / "enhance.md").read_text()
    found = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert len(found) == 2
    for block in found:
        name = json.loads(block)["name"]
        (tmp_path / f"{name}.json").write_text(block)
        assert len(enhancer_key(job(tmp_path, model=name))) == 64


def test_a_strength_that_the_file_wants_in_double_is_given_in_double(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto
    nodes = [
        helper.make_node("Cast", ["w"], ["f"], to=kinds.FLOAT),
        helper.make_node("Add", ["input", "f"], ["output"]),
    ]
    shape = [1, 3, 512, 512]
    inputs = [helper.make_tensor_value_info(*one) for one in (("input", kinds.FLOAT, shape), ("w", kinds.DOUBLE, [1]))]
    outputs = [helper.make_tensor_value_info("output", kinds.FLOAT, shape)]
    made = helper.make_model(
        helper.make_graph(nodes, "coded", inputs, outputs), opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    model(tmp_path, made.SerializeToString(), coded=True)
    crop, fused = first_face(opened(tmp_path, fidelity=0.2)[0])
    assert (fused.picture > crop.pixels).any()


def test_a_job_with_an_enhancer_and_a_look_renders_and_tells(
    tmp_path, models_dir, example_shot, example_solve, shared_data
):
    folder = tmp_path / "models"
    shutil.copytree(models_dir, folder)
    model(folder, times(1.0, 0.05))
    file, recogniser = mobile_face_net()
    shutil.copy(file, folder)
    (folder / f"{recogniser.name}.json").write_text(recogniser.as_json())
    data = example_job(str(folder), example_shot, example_solve, tmp_path / "out")
    changes = {
        "track": {"recogniser": recogniser.name},
        "fuse": {"crop_px": 256},
        "steady": {"window": 0},
        "enhance": {"model": "net", "look": "crisp"},
    }
    report = door.render(door.make_job({**data, "frames": "1006", "settings": changes}))
    assert report.exit_code == 0, report.faults or [entry.fault for entry in report.failed]
    told = report.decisions["enhance"]
    assert isinstance(told, dict) and told["strength"] == 0.8
    assert str(told["told"]).startswith("identity kept: cosine ")
    assert float(str(report.frames[0].decisions["enhance_cosine"])) >= 0.98
